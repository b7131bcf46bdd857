import * as tf from '@tensorflow/tfjs-core';
import { lambda } from './layer.ts';

/**
 * Instance normalisation (Ulyanov et al. 2016) without gain or bias: every channel of every item has mean 0 and deviation 1 over time,
 * which takes away what stays the same in it, such as the voice (Chou et al. 2019). x: `[B, T, C]`
 */
export const instanceNorm = lambda((x) => {
  const centred = tf.sub(x, tf.mean(x, 1, true));
  return tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), 1, true), 1e-5)));
});
