import * as tf from '@tensorflow/tfjs-core';
import { stopGradient } from './gradients.ts';

/**
 * The rotation trick (Fifty et al. 2024, eq. 4 and section 4.3): `to` written as a fixed rotation and scaling of `from`, so that
 * gradients reach `from` turned by the same angle instead of unchanged.
 * @param from `[n, D]`, differentiated
 * @param to `[n, D]`, held
 * @returns the values of `to`, `[n, D]`
 */
export function rotateOnto(from: tf.Tensor, to: tf.Tensor): tf.Tensor {
  const e = stopGradient(from);
  const q = stopGradient(to);
  const length = (x: tf.Tensor) => tf.maximum(tf.norm(x, 'euclidean', 1, true), 1e-6);
  const eHat = tf.div(e, length(e));
  const qHat = tf.div(q, length(q));
  const sum = tf.add(eHat, qHat);
  const r = tf.div(sum, length(sum));
  const along = (axis: tf.Tensor) => tf.sum(tf.mul(from, axis), 1, true);
  // R = I - 2 r r^T + 2 q e^T, without forming it.
  const turned = tf.add(tf.sub(from, tf.mul(2, tf.mul(along(r), r))), tf.mul(2, tf.mul(along(eHat), qHat)));
  return tf.mul(turned, tf.div(length(q), length(e)));
}
