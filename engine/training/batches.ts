import { rng } from '../core/rng.ts';

/**
 * Which items each step sees: every epoch is a new order of all items, drawn from (seed, epoch), cut into batches; what is left
 * over at an epoch's end is dropped. A pure function of the step, so nothing has to be saved to resume.
 * @param items indices of the training split; fewer than a batch are repeated
 */
export function createBatches(items: Int32Array, batchSize: number, seed: number): (step: number) => Int32Array {
  const perEpoch = Math.max(1, Math.floor(items.length / batchSize));
  let epoch = -1;
  let order = items;
  return (step) => {
    const wanted = Math.floor(step / perEpoch);
    if (wanted !== epoch) {
      epoch = wanted;
      order = rng(seed, 'epoch', epoch).shuffle(items.slice());
    }
    const from = (step % perEpoch) * batchSize;
    return Int32Array.from({ length: batchSize }, (_, i) => order[(from + i) % order.length]);
  };
}

/** Mirrors half of the images left to right, drawn from (seed, step); in place. @param images `[B, H, W, C]` */
export function flipSome(images: Float32Array, shape: { height: number; width: number; channels: number }, seed: number, step: number): void {
  const { height, width, channels } = shape;
  const size = height * width * channels;
  const draw = rng(seed, 'flip', step);
  for (let at = 0; at < images.length; at += size) {
    if (draw.uniform() < 0.5) continue;
    for (let row = at; row < at + size; row += width * channels) {
      for (let x = 0; x < width >> 1; x++) {
        for (let c = 0; c < channels; c++) {
          const i = row + x * channels + c;
          const j = row + (width - 1 - x) * channels + c;
          const t = images[i];
          images[i] = images[j];
          images[j] = t;
        }
      }
    }
  }
}
