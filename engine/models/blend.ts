import * as tf from '@tensorflow/tfjs-core';

/**
 * Each item's rows on the way from `a` to `b`.
 * @param a `[B * n, D]` @param b as `a`
 * @param share `[B]`: 0 is `a`, 1 is `b`
 */
export function blendRows(a: tf.Tensor, b: tf.Tensor, share: tf.Tensor): tf.Tensor {
  const items = (rows: tf.Tensor) => tf.reshape(rows, [share.shape[0]!, -1]);
  return tf.reshape(tf.add(items(a), tf.mul(tf.reshape(share, [-1, 1]), tf.sub(items(b), items(a)))), a.shape);
}
