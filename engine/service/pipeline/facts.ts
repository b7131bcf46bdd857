import type { ImageSet } from '../../core/image-set.ts';
import type { DataFacts } from './choose.ts';

const LOOKED_AT = 128;

/** What the choices depend on; the variance is of the first training pictures, which stand in a seeded order. */
export async function factsOf(images: ImageSet): Promise<DataFacts> {
  const { width, height, channels } = images;
  const pixels = await images.read(images.split.train.slice(0, LOOKED_AT));
  const labelled = images.labels.some((label) => label >= 0);
  return { width, height, channels, ...(images.clip ? { frames: images.clip.frames } : {}), train: images.split.train.length, classes: labelled ? images.classes.length : 0, variance: pixelVariance(pixels, channels) };
}

/**
 * Variance about the mean of each channel, averaged over channels.
 * @param pixels `[N, H, W, C]`
 */
export function pixelVariance(pixels: Float32Array, channels: number): number {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  pixels.forEach((value, i) => {
    sums[i % channels] += value;
    squares[i % channels] += value * value;
  });
  const n = pixels.length / channels;
  let variance = 0;
  for (let c = 0; c < channels; c++) variance += squares[c] / n - (sums[c] / n) ** 2;
  return Math.max(0, variance / channels);
}
