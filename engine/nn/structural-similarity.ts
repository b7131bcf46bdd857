import * as tf from '@tensorflow/tfjs-core';

const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/**
 * Structural similarity (Wang et al. 2004, eq. 13) of pictures in [0, 1]: mean over all windows of uniform weight and over channels, -1 to 1;
 * gradients pass to both.
 * @param a `[B, H, W, C]` @param b the same shape @param window pixels of a side, no more than the picture has
 * @returns a scalar
 */
export function structuralSimilarity(a: tf.Tensor, b: tf.Tensor, window = 7): tf.Tensor {
  const side = Math.min(window, a.shape[1]!, a.shape[2]!);
  const mean = (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, side, 1, 'valid');
  const [ma, mb] = [mean(a), mean(b)];
  const spread = (x: tf.Tensor, y: tf.Tensor, mx: tf.Tensor, my: tf.Tensor) => tf.sub(mean(tf.mul(x, y)), tf.mul(mx, my));
  const light = tf.div(tf.add(tf.mul(2, tf.mul(ma, mb)), C1), tf.add(tf.add(tf.square(ma), tf.square(mb)), C1));
  const shape = tf.div(tf.add(tf.mul(2, spread(a, b, ma, mb)), C2), tf.add(tf.add(spread(a, a, ma, ma), spread(b, b, mb, mb)), C2));
  return tf.mean(tf.mul(light, shape));
}
