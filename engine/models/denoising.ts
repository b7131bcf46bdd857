/** Denoising (Vincent et al. 2008; as a bound: Im et al. 2017): noisy pictures in, clean ones out, for any model. */
import * as tf from '@tensorflow/tfjs-core';
import type { Params } from '../nn/layer.ts';
import type { Batch, Model } from './define.ts';

/**
 * The model trained and inspected with Gaussian noise on what it is shown. `encode` and all that uses it see pictures as they are given,
 * so reconstructing a picture removes the noise it has.
 * @param level standard deviation of the noise, of values in [0, 1]; 0 gives the model itself
 */
export function withDenoising(model: Model, level: number): Model {
  if (level === 0) return model;
  const { height, width, channels } = model.input;
  const spoilt = (batch: Batch, noise: Params): Batch => ({
    ...batch,
    images: tf.clipByValue(tf.add(batch.images, tf.mul(level, noise.corruption)), 0, 1),
    target: batch.target ?? batch.images,
  });
  return {
    ...model,
    noise: (batch) => ({ ...model.noise(batch), corruption: { shape: [batch, height, width, channels], kind: 'normal' } }),
    loss: (params, batch, noise, hyper) => model.loss(params, spoilt(batch, noise), noise, hyper),
    inspect(params, batch, noise) {
      const noisy = spoilt(batch, noise);
      const found = model.inspect(params, noisy, noise);
      const noisyMse = tf.mean(tf.square(tf.sub(noisy.images, batch.images)), [1, 2, 3]);
      return {
        ...found,
        shown: noisy.images,
        latent: model.encode(params, batch.images, batch.labels),
        ...(model.encodeCodes ? { codes: model.encodeCodes(params, batch.images) } : {}),
        items: { ...found.items, noisyMse },
      };
    },
  };
}
