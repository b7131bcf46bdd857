import * as tf from '@tensorflow/tfjs-core';
import { AtelierError } from '../core/errors.ts';
import { ones, param, zeros, type Layer } from './layer.ts';

/** Layer normalisation over the last axis (Ba et al. 2016). x: `[..., channels]` */
export function layerNorm(name: string, channels: number, epsilon = 1e-5): Layer {
  return {
    params: affine(name, channels),
    apply: (params, x) => scale(params, name, standardise(x, [x.rank - 1], epsilon)),
  };
}

/**
 * Group normalisation (Wu and He 2018): over space and the channels of each group. x: `[B, ..., channels]`
 * @throws AtelierError 'bad-input' when groups do not divide channels
 */
export function groupNorm(name: string, channels: number, groups: number, epsilon = 1e-5): Layer {
  if (channels % groups !== 0) {
    throw new AtelierError('bad-input', `Group norm '${name}': ${groups} groups do not divide ${channels} channels.`, 'Choose a number of groups that divides the channels.');
  }
  return {
    params: affine(name, channels),
    apply(params, x) {
      const space = x.shape.slice(1, -1).reduce((a, b) => a * b, 1);
      const grouped = tf.reshape(x, [x.shape[0], space, groups, channels / groups]);
      return scale(params, name, tf.reshape(standardise(grouped, [1, 3], epsilon), x.shape));
    },
  };
}

const affine = (name: string, channels: number) => [param(`${name}/gain`, [channels], ones), param(`${name}/bias`, [channels], zeros)];

const scale = (params: Readonly<Record<string, tf.Tensor>>, name: string, x: tf.Tensor) =>
  tf.add(tf.mul(x, params[`${name}/gain`]), params[`${name}/bias`]);

function standardise(x: tf.Tensor, axes: number[], epsilon: number): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  const variance = tf.mean(tf.square(centred), axes, true);
  return tf.div(centred, tf.sqrt(tf.add(variance, epsilon)));
}
