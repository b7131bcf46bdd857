import * as tf from '@tensorflow/tfjs-core';
import { conv } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import { lambda, sequential, type Params } from '../nn/layer.ts';
import { relu, residualBlock } from '../nn/residual.ts';
import type { ImageSpec, Trainable } from '../nn/trainable.ts';

/** Vectors that are near one another where two pictures show the same in different classes. */
export interface Likeness extends Trainable {
  /** E, the length of a vector. */
  readonly size: number;
  /** @param images `[B, H, W, C]` @returns unit vectors `[B, E]` */
  vectors(params: Params, images: tf.Tensor): tf.Tensor;
}

/** Sharpness of the choice among a batch. */
const TEMPERATURE = 0.1;

/**
 * Learns from partners by telling them from all other pictures of a batch (InfoNCE, van den Oord et al. 2018, eq. 4). An independent
 * judge of what pictures show; it is no family, and nothing is kept of it.
 */
export function likeness(input: ImageSpec, width = 24, size = 64): Likeness {
  const halvings = Math.max(1, Math.min(4, Math.floor(Math.log2(Math.min(input.height, input.width) / 4))));
  const widthAt = (i: number) => width * 2 ** Math.min(2, i);
  const top = widthAt(halvings - 1);
  const cells = Math.ceil(input.height / 2 ** halvings) * Math.ceil(input.width / 2 ** halvings);
  const net = sequential(
    ...Array.from({ length: halvings }, (_, i) => [conv(`down/${i}`, 2, i === 0 ? input.channels : widthAt(i - 1), widthAt(i), { kernel: 4, stride: 2, before: 'relu' as const }), relu]).flat(),
    residualBlock('residual', 2, top, top),
    relu,
    lambda((x) => tf.reshape(x, [-1, cells * top])),
    dense('out', cells * top, size),
  );
  const vectors = (params: Params, images: tf.Tensor) => {
    const raw = net.apply(params, tf.sub(images, 0.5));
    return tf.div(raw, tf.sqrt(tf.add(tf.sum(tf.square(raw), 1, true), 1e-8)));
  };
  return {
    input,
    size,
    params: net.params,
    usesPartners: 'names',
    noise: () => ({}),
    hyper: {},
    vectors,
    loss(params, batch) {
      const n = batch.images.shape[0];
      const alike = tf.div(tf.matMul(vectors(params, batch.images) as tf.Tensor2D, vectors(params, batch.partners!.images) as tf.Tensor2D, false, true), TEMPERATURE);
      const own = tf.oneHot(tf.range(0, n, 1, 'int32'), n, 1, 0, 'float32');
      const found = (scores: tf.Tensor) => tf.neg(tf.div(tf.sum(tf.mul(own, tf.logSoftmax(scores))), n));
      return { loss: tf.mul(0.5, tf.add(found(alike), found(tf.transpose(alike)))), metrics: {} };
    },
    inspect: (params, batch) => ({ items: { length: tf.sum(tf.square(vectors(params, batch.images)), 1) } }),
  };
}
