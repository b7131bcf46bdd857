/** Kullback-Leibler divergences in nats. */
import * as tf from '@tensorflow/tfjs-core';

/** KL(N(mean, exp(logVar)) || N(0, I)) of each dimension (Kingma and Welling 2014, appendix B). `[B, D]` -> `[B, D]` */
export function klToStandardNormal(mean: tf.Tensor, logVar: tf.Tensor): tf.Tensor {
  return tf.mul(0.5, tf.sub(tf.sub(tf.add(tf.exp(logVar), tf.square(mean)), logVar), 1));
}

/** KL(N(m1, exp(v1)) || N(m2, exp(v2))) of each dimension. */
export function klBetweenNormals(mean1: tf.Tensor, logVar1: tf.Tensor, mean2: tf.Tensor, logVar2: tf.Tensor): tf.Tensor {
  const spread = tf.mul(tf.add(tf.exp(logVar1), tf.square(tf.sub(mean1, mean2))), tf.exp(tf.neg(logVar2)));
  return tf.mul(0.5, tf.sub(tf.add(tf.sub(logVar2, logVar1), spread), 1));
}

/** KL(Categorical(softmax(logits)) || uniform over K). `[..., K]` -> `[...]` */
export function klToUniform(logits: tf.Tensor): tf.Tensor {
  const logProbabilities = tf.logSoftmax(logits);
  const k = logits.shape[logits.rank - 1];
  return tf.add(tf.sum(tf.mul(tf.exp(logProbabilities), logProbabilities), -1), Math.log(k));
}

/** z = mean + exp(logVar / 2) * noise, noise ~ N(0, I) of the same shape. */
export function reparameterise(mean: tf.Tensor, logVar: tf.Tensor, noise: tf.Tensor): tf.Tensor {
  return tf.add(mean, tf.mul(tf.exp(tf.mul(0.5, logVar)), noise));
}
