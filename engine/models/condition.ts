import * as tf from '@tensorflow/tfjs-core';
import { embedding } from '../nn/embedding.ts';
import type { Params, ParamSpec } from '../nn/layer.ts';

/**
 * A learned vector for each class, and one for items whose class is unknown. Spread over a picture it is what a one-hot plane a
 * class would be behind a 1x1 convolution, at a cost that does not grow with the number of classes.
 */
export interface Condition {
  /** E, the length of a vector. */
  readonly size: number;
  readonly params: readonly ParamSpec[];
  /**
   * @param labels int32 `[B]`, -1 for unknown
   * @param keep `[B]`, 0 where the label is to be forgotten; unset: all are kept
   * @returns `[B, E]`
   */
  vectors(params: Params, labels: tf.Tensor, keep?: tf.Tensor): tf.Tensor;
}

/** @param classes number of classes @param size E */
export function condition(name: string, classes: number, size: number): Condition {
  const table = embedding(name, classes + 1, size, 1);
  return {
    size,
    params: table.params,
    vectors(params, labels, keep) {
      const row = tf.add(labels, tf.scalar(1, 'int32'));
      return table.apply(params, keep ? tf.mul(row, tf.cast(keep, 'int32')) : row);
    },
  };
}

/** Adds a vector `[B, E]` to a picture `[B, H, W, C]` as E planes of one value each. */
export function withPlanes(picture: tf.Tensor, vector: tf.Tensor): tf.Tensor {
  const [batch, height, width] = picture.shape;
  const planes = tf.mul(tf.reshape(vector, [batch, 1, 1, -1]), tf.ones([1, height, width, 1]));
  return tf.concat([picture, planes], 3);
}
