/**
 * One colour for each class. The eight of M. Okabe and K. Ito (2008) first, in an order that puts those that stand out on
 * graphite and on paper in front; then colours chosen one by one as far as possible from all before them in OKLab
 * (C. Glasbey et al., "Colour displays for categorical images", 2007).
 */
import { hexToRgb, inGamut, labToRgb, legibleOn, rgbToLab, type Lab, type Rgb } from './oklab.ts';

/** Their black is no colour on a dark ground; a neutral grey stands in for it, last of the eight. */
export const okabeIto: readonly Rgb[] = ['#E69F00', '#56B4E9', '#009E73', '#CC79A7', '#0072B2', '#D55E00', '#F0E442', '#999999'].map(hexToRgb);

let candidates: Lab[] | null = null;

/** Colours of middle lightness, so that every one reads on both grounds. */
function allCandidates(): Lab[] {
  if (candidates) return candidates;
  candidates = [];
  for (let L = 0.45; L <= 0.861; L += 0.05) {
    for (let chroma = 0.06; chroma <= 0.23; chroma += 0.04) {
      for (let hue = 0; hue < 360; hue += 10) {
        const angle = (hue * Math.PI) / 180;
        const lab: Lab = [L, chroma * Math.cos(angle), chroma * Math.sin(angle)];
        if (inGamut(labToRgb(lab))) candidates.push(lab);
      }
    }
  }
  return candidates;
}

const distanceSquared = (a: Lab, b: Lab): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;

const chosen: Rgb[] = [...okabeIto];

/** The first `count` colours; a longer palette starts with the shorter one, so that classes keep theirs. */
export function classPalette(count: number): Rgb[] {
  if (chosen.length < count) {
    const pool = allCandidates();
    const nearest = new Float64Array(pool.length).fill(Infinity);
    const note = (rgb: Rgb): void => {
      const lab = rgbToLab(rgb);
      for (let i = 0; i < pool.length; i++) nearest[i] = Math.min(nearest[i], distanceSquared(lab, pool[i]));
    };
    chosen.forEach(note);
    while (chosen.length < Math.min(count, pool.length)) {
      let best = 0;
      for (let i = 1; i < pool.length; i++) if (nearest[i] > nearest[best]) best = i;
      const rgb = labToRgb(pool[best]);
      chosen.push(rgb);
      note(rgb);
    }
  }
  return Array.from({ length: count }, (_, i) => chosen[i % chosen.length]);
}

/** The palette with every colour at least 3:1 against the ground. */
export const paletteOn = (ground: Rgb, count: number): Rgb[] => classPalette(count).map((color) => legibleOn(ground, color));
