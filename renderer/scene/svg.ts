import { project, type ViewProjection } from './camera/view-projection.ts';
import { pointPx, type ItemSize } from './cloud/point-size.ts';
import { rgbToHex, type Rgb } from './color/oklab.ts';

/** Points drawn at most: beyond that a picture of pixels is the better file. */
export const svgPoints = 100_000;

export interface SvgScene {
  view: ViewProjection;
  /** [N, 3] */
  positions: Float32Array;
  /** [N, 4] bytes */
  rgba: Uint8Array;
  size: ItemSize;
  ground: Rgb;
  ink: Rgb;
  labels: readonly { text: string; position: readonly [number, number, number] }[];
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The map as drawn shapes, far points first, for print at any size. Points behind the camera or off the picture are left out. */
export function svgOf({ view, positions, rgba, size, ground, ink, labels }: SvgScene): string {
  const stride = Math.max(1, Math.ceil(positions.length / 3 / svgPoints));
  const found: { i: number; x: number; y: number; depth: number }[] = [];
  for (let i = 0; i < positions.length / 3; i += stride) {
    const at = project(view, positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2], { x: 0, y: 0, depth: 0 });
    if (at.depth < view.near || at.x < -20 || at.y < -20 || at.x > view.width + 20 || at.y > view.height + 20 || rgba[i * 4 + 3] === 0) continue;
    found.push({ i, ...at });
  }
  found.sort((a, b) => b.depth - a.depth || a.i - b.i);
  const points = found.map(({ i, x, y, depth }) => {
    const [r, g, b, a] = rgba.subarray(i * 4, i * 4 + 4);
    const opacity = a < 255 ? ` fill-opacity="${(a / 255).toFixed(2)}"` : '';
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${(pointPx(size, view.pixelsPerUnit, depth) / 2).toFixed(2)}" fill="${rgbToHex([r / 255, g / 255, b / 255])}"${opacity}/>`;
  });
  const words = labels.flatMap(({ text, position }) => {
    const at = project(view, ...position);
    return at.depth > view.near ? [`<text x="${at.x.toFixed(1)}" y="${at.y.toFixed(1)}">${escaped(text)}</text>`] : [];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${view.width} ${view.height}" width="${view.width}" height="${view.height}">`,
    `<rect width="100%" height="100%" fill="${rgbToHex(ground)}"/>`,
    ...points,
    `<g font-family="Inter, sans-serif" font-size="13" font-weight="500" text-anchor="middle" fill="${rgbToHex(ink)}" stroke="${rgbToHex(ground)}" stroke-width="3" paint-order="stroke">`,
    ...words,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}
