import * as tf from '@tensorflow/tfjs-core';

/**
 * Standard Gumbel noise -log(-log u): the largest of logits + noise is a draw from their softmax (Gumbel 1954; Jang et al. 2017, eq. 1).
 * @param uniform u in [0, 1]; the ends are moved inwards
 */
export function gumbel(uniform: tf.Tensor): tf.Tensor {
  return tf.neg(tf.log(tf.neg(tf.log(tf.clipByValue(uniform, 1e-20, 1 - 6e-8)))));
}
