/** Masked autoencoder for distribution estimation (Germain et al. 2015), told a context besides. */
import * as tf from '@tensorflow/tfjs-core';
import { dense } from './dense.ts';
import { heNormal, normal, param, zeros, type Params, type ParamSpec } from './layer.ts';

export interface Made {
  readonly params: readonly ParamSpec[];
  /**
   * @param z `[B, D]`
   * @param context `[B, X]`
   * @returns as many `[B, D]` as asked for; entry i of each follows from the entries of z before i in the order, and the context
   */
  apply(params: Params, z: tf.Tensor, context: tf.Tensor): tf.Tensor[];
}

/**
 * Two hidden layers under masks.
 * @param options.reversed the order runs from the last entry to the first
 */
export function made(name: string, options: { size: number; context: number; width: number; outputs: number; reversed: boolean }): Made {
  const { size, width, outputs, reversed } = options;
  // The entry at place p of the order may be seen by hidden units of degree above p; those of degree 0 see the context alone.
  const place = Array.from({ length: size }, (_, i) => (reversed ? size - 1 - i : i));
  const degree = Array.from({ length: width }, (_, j) => j % size);
  const mask = (rows: readonly number[], columns: readonly number[], sees: (row: number, column: number) => boolean) =>
    Float32Array.from({ length: rows.length * columns.length }, (_, i) => (sees(rows[Math.floor(i / columns.length)], columns[i % columns.length]) ? 1 : 0));
  const masks = {
    in: mask(place, degree, (p, d) => p < d),
    mix: mask(degree, degree, (from, to) => from <= to),
    out: mask(degree, place, (d, p) => d <= p),
  };
  const context = dense(`${name}/context`, options.context, width, { before: 'relu' });
  const heads = Array.from({ length: outputs }, (_, i) => `${name}/out/${i}`);
  const kernel = (path: string, from: number, to: number, init = heNormal(Math.max(1, from / 2))) => param(`${path}/kernel`, [from, to], init, { decay: true });
  const bias = (path: string, to: number) => param(`${path}/bias`, [to], zeros);
  const masked = (params: Params, path: string, x: tf.Tensor, values: Float32Array, from: number, to: number) =>
    tf.matMul(x as tf.Tensor2D, tf.mul(params[`${path}/kernel`], tf.tensor2d(values, [from, to])) as tf.Tensor2D);
  return {
    params: [
      ...context.params,
      kernel(`${name}/in`, size, width),
      kernel(`${name}/mix`, width, width),
      bias(`${name}/mix`, width),
      ...heads.flatMap((path) => [kernel(path, width, size, normal(0.1 / Math.sqrt(width))), bias(path, size)]),
    ],
    apply(params, z, given) {
      const first = tf.elu(tf.add(masked(params, `${name}/in`, z, masks.in, size, width), context.apply(params, given)));
      const second = tf.elu(tf.add(masked(params, `${name}/mix`, first, masks.mix, width, width), params[`${name}/mix/bias`]));
      return heads.map((path) => tf.add(masked(params, path, second, masks.out, width, size), params[`${path}/bias`]));
    },
  };
}
