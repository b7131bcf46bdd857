/** Layers that take style out of features and put another in. */
import * as tf from '@tensorflow/tfjs-core';
import { dense } from './dense.ts';
import { zeros, type Params, type ParamSpec } from './layer.ts';

/** Each channel of each picture brought to mean 0 and variance 1 over space (Ulyanov et al. 2016): what colour and contrast were is gone. x: `[B, H, W, C]` */
export function instanceNorm(x: tf.Tensor, epsilon = 1e-3): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, [1, 2], true));
  return tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), [1, 2], true), epsilon)));
}

/** Features scaled and shifted by channel as a vector says (FiLM, Perez et al. 2018). */
export interface Film {
  readonly params: readonly ParamSpec[];
  /** @param x `[B, H, W, C]` @param vector `[B, E]` */
  apply(params: Params, x: tf.Tensor, vector: tf.Tensor): tf.Tensor;
}

/** Changes nothing at first. @param size E @param channels C */
export function film(name: string, size: number, channels: number): Film {
  const gain = dense(`${name}/gain`, size, channels, { init: zeros });
  const shift = dense(`${name}/shift`, size, channels, { init: zeros });
  const spread = (v: tf.Tensor) => tf.reshape(v, [-1, 1, 1, channels]);
  return {
    params: [...gain.params, ...shift.params],
    apply: (params, x, vector) => tf.add(tf.mul(x, tf.add(spread(gain.apply(params, vector)), 1)), spread(shift.apply(params, vector))),
  };
}

/** The input itself; gradients come back turned round and times `scale` (Ganin and Lempitsky 2015, eq. 2). @param scale a scalar */
export function reverseGradient(x: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((...args: unknown[]) => {
    const [input, factor, save] = args as [tf.Tensor, tf.Tensor, (tensors: tf.Tensor[]) => void];
    save([factor]);
    return {
      value: tf.clone(input),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [tf.neg(tf.mul(dy, saved[0])), tf.zerosLike(saved[0])],
    };
  });
  return op(x, scale);
}
