import * as tf from '@tensorflow/tfjs-core';
import { bernoulliLogLikelihood, discretisedLogisticLogLikelihood, gaussianLogLikelihood } from '../nn/likelihoods.ts';
import { constant, param, type Params, type ParamSpec } from '../nn/layer.ts';
import type { Batch, ImageSpec, NoiseSpec } from './define.ts';
import type { VaeConfig } from './vae-schema.ts';

/** p(x|z) of pictures: what is to be explained, and how a decoder's output explains it. */
export interface Pixels {
  readonly params: readonly ParamSpec[];
  /** Values in a picture. */
  readonly dims: number;
  noise(batch: number): Record<string, NoiseSpec>;
  /** The picture to explain, and what the encoder is shown: the same unless the batch names a target of its own. */
  pictures(batch: Batch, noise: Params): { target: tf.Tensor; shown: tf.Tensor };
  /** What the encoder is shown of pictures that are only to be encoded: grey ones stand for their expectation. */
  shown(images: tf.Tensor): tf.Tensor;
  /** log p(x|z) of each item, `[B]`. @param out of the decoder, `[B, H, W, C]` */
  logLikelihood(params: Params, target: tf.Tensor, out: tf.Tensor): tf.Tensor;
  /** The picture a decoder's output stands for, in [0, 1]. */
  picture(out: tf.Tensor): tf.Tensor;
  /** The same, not clipped, so that gradients pass everywhere. */
  unclipped(out: tf.Tensor): tf.Tensor;
  /** Bits per value of a bound in nats, `[B]`; a density of values in [0, 1] costs 8 bits more against 256 levels. */
  bitsPerDim(nats: tf.Tensor): tf.Tensor;
}

export function pixels(config: Pick<VaeConfig, 'likelihood' | 'binarise'>, input: ImageSpec): Pixels {
  const { likelihood: wanted, binarise } = config;
  const likelihood = wanted !== 'auto' ? wanted : binarise !== 'none' || input.channels === 1 ? 'bernoulli' : 'logistic';
  const shape = [input.height, input.width, input.channels];
  const dims = shape.reduce((a, b) => a * b, 1);
  const spread = 'decoder/log-spread';
  const black = (images: tf.Tensor, level: number | tf.Tensor) => tf.cast(tf.greater(images, level), 'float32');
  return {
    params: likelihood === 'bernoulli' ? [] : [param(spread, [input.channels], constant(likelihood === 'gaussian' ? -3 : -2.5))],
    dims,
    noise: (batch): Record<string, NoiseSpec> => (binarise === 'stochastic' ? { binarise: { shape: [batch, ...shape], kind: 'uniform' } } : {}),
    pictures(batch, noise) {
      const clean = batch.target ?? batch.images;
      const target = binarise === 'none' ? clean : black(clean, binarise === 'threshold' ? 0.5 : noise.binarise);
      return { target, shown: batch.target ? batch.images : target };
    },
    shown: (images) => (binarise === 'threshold' ? black(images, 0.5) : images),
    logLikelihood(params, x, out) {
      const perPixel =
        likelihood === 'bernoulli' ? bernoulliLogLikelihood(x, out)
        : likelihood === 'gaussian' ? gaussianLogLikelihood(x, tf.add(out, 0.5), params[spread])
        : discretisedLogisticLogLikelihood(x, tf.add(out, 0.5), params[spread]);
      return tf.sum(perPixel, [1, 2, 3]);
    },
    picture: (out) => (likelihood === 'bernoulli' ? tf.sigmoid(out) : tf.clipByValue(tf.add(out, 0.5), 0, 1)),
    unclipped: (out) => (likelihood === 'bernoulli' ? tf.sigmoid(out) : tf.add(out, 0.5)),
    bitsPerDim: (nats) => tf.add(tf.div(nats, -dims * Math.LN2), likelihood === 'gaussian' ? 8 : 0),
  };
}
