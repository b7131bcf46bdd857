/**
 * More class colours than the design names: each is chosen as far as possible, in OKLab, from all before it
 * (C. Glasbey et al., "Colour displays for categorical images", 2007).
 */
import { inGamut, labToRgb, rgbToLab, type Lab, type Rgb } from './oklab.ts';

/** Colours of middle lightness, so that every one reads on dark and on light ground. */
function candidates(): Lab[] {
  const found: Lab[] = [];
  for (let L = 0.45; L <= 0.861; L += 0.05) {
    for (let chroma = 0.06; chroma <= 0.23; chroma += 0.04) {
      for (let hue = 0; hue < 360; hue += 10) {
        const angle = (hue * Math.PI) / 180;
        const lab: Lab = [L, chroma * Math.cos(angle), chroma * Math.sin(angle)];
        if (inGamut(labToRgb(lab))) found.push(lab);
      }
    }
  }
  return found;
}

const distanceSquared = (a: Lab, b: Lab): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;

/**
 * The first `count` colours; a longer palette starts with the shorter one, so that classes keep theirs. Some 900 colours are
 * told apart at most; beyond that they repeat.
 * @param base colours that come first, whatever they are
 */
export function extendedPalette(base: readonly Rgb[], count: number): Rgb[] {
  const chosen = base.slice(0, count);
  if (chosen.length === count) return chosen;
  const pool = candidates();
  const nearest = new Float64Array(pool.length).fill(Infinity);
  const note = (rgb: Rgb): void => {
    const lab = rgbToLab(rgb);
    for (let i = 0; i < pool.length; i++) nearest[i] = Math.min(nearest[i], distanceSquared(lab, pool[i]));
  };
  base.forEach(note);
  while (chosen.length < count && chosen.length < base.length + pool.length) {
    let best = 0;
    for (let i = 1; i < pool.length; i++) if (nearest[i] > nearest[best]) best = i;
    const rgb = labToRgb(pool[best]);
    chosen.push(rgb);
    note(rgb);
  }
  return Array.from({ length: count }, (_, i) => chosen[i % chosen.length]);
}
