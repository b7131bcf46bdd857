/** Log-likelihoods in nats, elementwise, same shape as `x`. Sum over the axes of an item for its log p(x|z). */
import * as tf from '@tensorflow/tfjs-core';

const LOG_2PI = Math.log(2 * Math.PI);

/** log Bernoulli(x | sigmoid(logits)) = x * logits - softplus(logits); x in [0, 1]. */
export function bernoulliLogLikelihood(x: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.sub(tf.mul(x, logits), tf.softplus(logits));
}

/** log N(x | mean, exp(logVar)). @param logVar broadcasts against x */
export function gaussianLogLikelihood(x: tf.Tensor, mean: tf.Tensor, logVar: tf.Tensor): tf.Tensor {
  const scaled = tf.mul(tf.square(tf.sub(x, mean)), tf.exp(tf.neg(logVar)));
  return tf.mul(-0.5, tf.add(tf.add(scaled, logVar), LOG_2PI));
}

/**
 * log P(x) under a logistic distribution cut into `levels` bins on [0, 1], the outer bins reaching to infinity
 * (Kingma et al. 2016, appendix; Salimans et al. 2017, eq. 2). With a = (x + h - mean) / s and b = (x - h - mean) / s, h half a bin:
 * log(sigmoid(a) - sigmoid(b)) = log sigmoid(a) + log sigmoid(-b) + log(1 - exp(-2h / s)), which does not cancel.
 * @param logScale log s, broadcasts against x
 */
export function discretisedLogisticLogLikelihood(x: tf.Tensor, mean: tf.Tensor, logScale: tf.Tensor, levels = 256): tf.Tensor {
  const half = 0.5 / (levels - 1);
  const inverse = tf.exp(tf.neg(logScale));
  const centred = tf.sub(x, mean);
  const below = tf.neg(tf.softplus(tf.neg(tf.mul(tf.add(centred, half), inverse))));
  const above = tf.neg(tf.softplus(tf.mul(tf.sub(centred, half), inverse)));
  const width = tf.log(tf.sub(1, tf.exp(tf.mul(-2 * half, inverse))));
  const notFirst = tf.cast(tf.greater(x, half), 'float32');
  const notLast = tf.cast(tf.less(x, 1 - half), 'float32');
  return tf.add(tf.add(tf.mul(below, notLast), tf.mul(above, notFirst)), tf.mul(width, tf.mul(notFirst, notLast)));
}

/** log Categorical(target | softmax(logits)). @param target one-hot `[..., K]` @returns `[...]` */
export function categoricalLogLikelihood(target: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1);
}
