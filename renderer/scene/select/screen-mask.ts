import type { ViewProjection } from '../camera/view-projection.ts';
import { emptyBits, type PointBits } from './point-bits.ts';

/**
 * The pixels that a box, a lasso or a brush covers. A shape is painted once, then every point costs one look: a million points
 * behind a lasso of a thousand corners take as long as behind a box.
 */
export class ScreenMask {
  readonly width: number;
  readonly height: number;
  /** [height, width], 1 where covered. */
  readonly pixels: Uint8Array;

  /** @param width, height of the picture in CSS pixels */
  constructor(width: number, height: number) {
    this.width = Math.max(1, Math.ceil(width));
    this.height = Math.max(1, Math.ceil(height));
    this.pixels = new Uint8Array(this.width * this.height);
  }

  covers(x: number, y: number): boolean {
    return x >= 0 && y >= 0 && x < this.width && y < this.height && this.pixels[Math.floor(y) * this.width + Math.floor(x)] === 1;
  }

  /** Any two opposite corners. */
  box(x0: number, y0: number, x1: number, y1: number): this {
    return this.polygon([Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1), Math.min(x0, x1), Math.max(y0, y1)]);
  }

  /** Pixels whose middle lies within a closed outline, where it crosses itself by the even-odd rule. @param corners x, y, x, y, ... */
  polygon(corners: ArrayLike<number>): this {
    const n = corners.length / 2;
    const crossings: number[] = [];
    for (let row = 0; row < this.height; row++) {
      const y = row + 0.5;
      crossings.length = 0;
      for (let i = 0, j = n - 1; i < n; j = i++) {
        const [xa, ya, xb, yb] = [corners[j * 2], corners[j * 2 + 1], corners[i * 2], corners[i * 2 + 1]];
        if (ya > y !== yb > y) crossings.push(xa + ((y - ya) / (yb - ya)) * (xb - xa));
      }
      crossings.sort((a, b) => a - b);
      for (let k = 0; k + 1 < crossings.length; k += 2) {
        const from = Math.max(0, Math.ceil(crossings[k] - 0.5));
        const to = Math.min(this.width, Math.ceil(crossings[k + 1] - 0.5));
        if (to > from) this.pixels.fill(1, row * this.width + from, row * this.width + to);
      }
    }
    return this;
  }

  /** A stroke with a round tip. @param radius in pixels */
  stroke(x0: number, y0: number, x1: number, y1: number, radius: number): this {
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length2 = dx * dx + dy * dy;
    for (let row = Math.max(0, Math.floor(Math.min(y0, y1) - radius)); row <= Math.min(this.height - 1, Math.max(y0, y1) + radius); row++) {
      for (let column = Math.max(0, Math.floor(Math.min(x0, x1) - radius)); column <= Math.min(this.width - 1, Math.max(x0, x1) + radius); column++) {
        const [px, py] = [column + 0.5 - x0, row + 0.5 - y0];
        const t = length2 > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length2)) : 0;
        if ((px - t * dx) ** 2 + (py - t * dy) ** 2 <= radius * radius) this.pixels[row * this.width + column] = 1;
      }
    }
    return this;
  }
}

/**
 * The points in front of the camera whose middle stands on a covered pixel, near and far alike.
 * @param positions [N, 3]
 * @param presence [N, 4] bytes; points with an alpha byte below `least` are passed over
 */
export function pointsUnder(mask: ScreenMask, view: ViewProjection, positions: Float32Array, presence?: Uint8Array | null, least = 64): PointBits {
  const count = positions.length / 3;
  const bits = emptyBits(count);
  const { pixels, width, height } = mask;
  const [ex, ey, ez] = view.eye;
  const [rx, ry, rz] = view.right;
  const [ux, uy, uz] = view.up;
  const [fx, fy, fz] = view.forward;
  const [halfWidth, halfHeight] = [view.width / 2, view.height / 2];
  for (let i = 0, o = 0; i < count; i++, o += 3) {
    if (presence && presence[i * 4 + 3] < least) continue;
    const dx = positions[o] - ex;
    const dy = positions[o + 1] - ey;
    const dz = positions[o + 2] - ez;
    const depth = dx * fx + dy * fy + dz * fz;
    if (!(depth >= view.near)) continue;
    const k = view.pixelsPerUnit / depth;
    const x = halfWidth + (dx * rx + dy * ry + dz * rz) * k;
    const y = halfHeight - (dx * ux + dy * uy + dz * uz) * k;
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    if (pixels[(y | 0) * width + (x | 0)] === 1) bits[i >> 3] |= 1 << (i & 7);
  }
  return bits;
}
