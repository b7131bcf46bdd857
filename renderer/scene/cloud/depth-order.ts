import type { ViewProjection } from '../camera/view-projection.ts';

/** Above this many items, order is left to the depth buffer. */
export const depthOrderLimit = 60_000;

/**
 * Item indices from far to near, so that soft edges blend rightly. A counting sort over 4096 slices of depth.
 * @param from, to [N, 3] with `mix` between them
 * @param out [N] at least
 */
export function depthOrder(view: ViewProjection, from: Float32Array, to: Float32Array, mix: number, out: Uint32Array): void {
  const count = to.length / 3;
  const [fx, fy, fz] = view.forward;
  const slices = 4096;
  const depth = new Float32Array(count);
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0, o = 0; i < count; i++, o += 3) {
    const a = from[o] * fx + from[o + 1] * fy + from[o + 2] * fz;
    const d = a + (to[o] * fx + to[o + 1] * fy + to[o + 2] * fz - a) * mix;
    depth[i] = d;
    if (d < low) low = d;
    if (d > high) high = d;
  }
  const scale = high > low ? (slices - 1) / (high - low) : 0;
  const starts = new Uint32Array(slices + 1);
  const slice = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const s = ((high - depth[i]) * scale) | 0;
    slice[i] = s;
    starts[s + 1]++;
  }
  for (let s = 0; s < slices; s++) starts[s + 1] += starts[s];
  for (let i = 0; i < count; i++) out[starts[slice[i]]++] = i;
}
