import type { ImageSet } from '../core/image-set.ts';
import { rng } from '../core/rng.ts';

/** A small set of coloured rectangles on a plain ground, in memory; class = which half the rectangle is in. For tests. */
export function rectangles(options: { count?: number; side?: number; channels?: 1 | 3; seed?: number } = {}): ImageSet {
  const { count = 96, side = 8, channels = 3, seed = 0 } = options;
  const size = side * side * channels;
  const pixels = new Float32Array(count * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const draw = rng(seed, 'rectangle', i);
    const w = 2 + draw.int(side - 3);
    const h = 2 + draw.int(side - 3);
    const left = draw.int(side - w + 1);
    const top = draw.int(side - h + 1);
    const colour = Array.from({ length: channels }, () => Math.round(draw.uniform() * 255) / 255);
    labels[i] = left + w / 2 < side / 2 ? 0 : 1;
    for (let y = top; y < top + h; y++) {
      for (let x = left; x < left + w; x++) for (let c = 0; c < channels; c++) pixels[i * size + (y * side + x) * channels + c] = colour[c];
    }
  }
  const part = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const train = Math.floor(count * 0.75);
  const validation = Math.floor(count * 0.875);
  return {
    ref: 'memory', name: 'rectangles', fingerprint: `rectangles-${count}-${side}-${channels}-${seed}`,
    height: side, width: side, channels, count, classes: ['left', 'right'], labels,
    itemName: (i) => `rectangle ${i}`,
    split: { train: part(0, train), validation: part(train, validation), test: part(validation, count) },
    async read(indices, out = new Float32Array(indices.length * size)) {
      for (let i = 0; i < indices.length; i++) out.set(pixels.subarray(indices[i] * size, (indices[i] + 1) * size), i * size);
      return out;
    },
    async close() {},
  };
}
