/** Causal self-attention over the cells of a grid in reading order (Vaswani et al. 2017; between gated layers: Chen et al. 2018, PixelSNAIL). */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../core/axes.ts';
import { AtelierError } from '../core/errors.ts';
import { dense } from '../nn/dense.ts';
import { normal, param, zeros, type Params, type ParamSpec } from '../nn/layer.ts';
import { layerNorm } from '../nn/norm.ts';

/**
 * A block h + attention(norm(h) + place) of several heads. Cell i looks at the features of cells 0 to i; as those have seen only codes
 * before their own cell, nothing is seen too early. Drawn cell by cell, the keys and values of finished rows lie in a large cache that
 * changes once a row, those of the row at work in a small one.
 */
export interface CausalAttention {
  readonly params: readonly ParamSpec[];
  /** @param h `[B, H, W, C]` */
  whole(params: Params, h: tf.Tensor): tf.Tensor;
  caches(batch: number): Record<string, Shape>;
  /** Files the row that is done. @param any 0 before the first row, else 1 @param row number of the row to come, int32 `[1]` */
  row(caches: Params, given: { any: tf.Tensor; row: tf.Tensor }): Record<string, tf.Tensor>;
  /** @param h `[B, C]` @param row int32 `[1]` @param column int32 `[1]` */
  cell(params: Params, caches: Params, h: tf.Tensor, given: { row: tf.Tensor; column: tf.Tensor }): { h: tf.Tensor; caches: Record<string, tf.Tensor> };
}

/** Added to the scores of cells that are not to be looked at. */
const NEVER = -1e9;

/** @throws AtelierError 'bad-input' when the heads do not divide the channels */
export function causalAttention(name: string, channels: number, heads: number, { height, width }: { height: number; width: number }): CausalAttention {
  if (channels % heads !== 0) throw new AtelierError('bad-input', `${heads} heads of attention do not divide ${channels} channels.`, 'Choose a number of heads that divides the width.');
  const size = channels / heads;
  const n = height * width;
  const norm = layerNorm(`${name}/norm`, channels);
  const project = dense(`${name}/project`, channels, 3 * channels);
  // Nothing at first, so that a block begins as if it were not there.
  const out = dense(`${name}/out`, channels, channels, { init: zeros });
  const [rows, columns] = [`${name}/rows`, `${name}/columns`];
  const scale = 1 / Math.sqrt(size);
  const hidden = (condition: tf.Tensor) => tf.mul(NEVER, tf.cast(condition, 'float32'));
  const places = (count: number) => tf.tensor1d(Int32Array.from({ length: count }, (_, i) => i), 'int32');
  /** [B, ...heads] as one axis. */
  const together = (x: tf.Tensor, shape: number[]) => tf.reshape(x, [-1, ...shape]);

  return {
    params: [...norm.params, ...project.params, ...out.params, param(rows, [height, channels], normal(0.1)), param(columns, [width, channels], normal(0.1))],
    whole(params, h) {
      const batch = h.shape[0];
      const place = tf.add(tf.reshape(params[rows], [1, height, 1, channels]), tf.reshape(params[columns], [1, 1, width, channels]));
      const parts = tf.split(project.apply(params, tf.reshape(tf.add(norm.apply(params, h), place), [batch, n, channels])), 3, 2);
      const [q, k, v] = parts.map((part) => together(tf.transpose(tf.reshape(part, [batch, n, heads, size]), [0, 2, 1, 3]), [n, size]));
      const later = hidden(tf.greater(tf.reshape(places(n), [1, 1, n]), tf.reshape(places(n), [1, n, 1])));
      const weights = tf.softmax(tf.add(tf.mul(tf.matMul(q, k, false, true), scale), later));
      const seen = tf.transpose(tf.reshape(tf.matMul(weights, v), [batch, heads, n, size]), [0, 2, 1, 3]);
      return tf.add(h, tf.reshape(out.apply(params, tf.reshape(seen, [batch, n, channels])), h.shape));
    },
    caches: (batch) => ({
      [`${name}/keys`]: [batch * heads, size, n],
      [`${name}/values`]: [batch * heads, n, size],
      [`${name}/row-keys`]: [batch * heads, size, width],
      [`${name}/row-values`]: [batch * heads, width, size],
    }),
    row(caches, { any, row }) {
      const before = tf.mul(tf.oneHot(tf.maximum(tf.sub(row, tf.scalar(1, 'int32')), tf.scalar(0, 'int32')) as tf.Tensor1D, height, 1, 0, 'float32'), any);
      const [keys, values] = [caches[`${name}/row-keys`], caches[`${name}/row-values`]];
      return {
        [`${name}/keys`]: tf.add(caches[`${name}/keys`], together(tf.mul(tf.reshape(before, [1, 1, height, 1]), tf.expandDims(keys, 2)), [size, n])),
        [`${name}/values`]: tf.add(caches[`${name}/values`], together(tf.mul(tf.reshape(before, [1, height, 1, 1]), tf.expandDims(values, 1)), [n, size])),
        [`${name}/row-keys`]: tf.zerosLike(keys),
        [`${name}/row-values`]: tf.zerosLike(values),
      };
    },
    cell(params, caches, h, { row, column }) {
      const batch = h.shape[0];
      const place = tf.add(tf.gather(params[rows], row as tf.Tensor1D), tf.gather(params[columns], column as tf.Tensor1D));
      const parts = tf.split(project.apply(params, tf.add(norm.apply(params, h), place)), 3, 1);
      const [q, k, v] = parts.map((part) => together(part, [1, size]));
      const here = tf.oneHot(column as tf.Tensor1D, width, 1, 0, 'float32');
      const keys = tf.add(caches[`${name}/row-keys`], tf.mul(tf.reshape(k, [-1, size, 1]), tf.reshape(here, [1, 1, width])));
      const values = tf.add(caches[`${name}/row-values`], tf.mul(v, tf.reshape(here, [1, width, 1])));
      const begun = tf.mul(row, tf.scalar(width, 'int32'));
      const past = tf.add(tf.mul(tf.matMul(q, caches[`${name}/keys`]), scale), hidden(tf.greaterEqual(tf.reshape(places(n), [1, 1, n]), begun)));
      const now = tf.add(tf.mul(tf.matMul(q, keys), scale), hidden(tf.greater(tf.reshape(places(width), [1, 1, width]), column)));
      const [old, fresh] = tf.split(tf.softmax(tf.concat([past, now], 2)), [n, width], 2);
      const seen = tf.add(tf.matMul(old, caches[`${name}/values`]), tf.matMul(fresh, values));
      return {
        h: tf.add(h, out.apply(params, tf.reshape(seen, [batch, channels]))),
        caches: { [`${name}/row-keys`]: keys, [`${name}/row-values`]: values },
      };
    },
  };
}
