/** Finite scalar quantisation (Mentzer et al. 2023): each of a few numbers is bounded and rounded; their combinations are the codes. */
import * as tf from '@tensorflow/tfjs-core';
import { straightThrough } from './gradients.ts';
import { constant, param } from './layer.ts';
import { average, useOf, type CodeQuantizer } from './quantizer.ts';

/**
 * @param levels values that each of the D numbers can take; their product is the number of codes. Nothing is learned, so no code
 *   can die of neglect and no commitment is needed.
 * @param decay of the count of use
 */
export function fsq(name: string, levels: readonly number[], decay: number): CodeQuantizer {
  const count = `${name}/count`;
  const d = levels.length;
  const codes = levels.reduce((a, b) => a * b, 1);
  const row = (values: readonly number[]) => tf.tensor2d(Float32Array.from(values), [1, d]);
  // Section 3.1 and appendix A.1: an even number of levels is shifted by one half, so that its values lie around nought.
  const half = levels.map((l) => ((l - 1) * (1 - 1e-3)) / 2);
  const offset = levels.map((l) => (l % 2 === 0 ? 0.5 : 0));
  const shift = levels.map((_, i) => Math.atanh(offset[i] / half[i]));
  const radius = levels.map((l) => Math.floor(l / 2));
  const basis = levels.map((_, i) => levels.slice(0, i).reduce((a, b) => a * b, 1));
  const bounded = (z: tf.Tensor) => tf.sub(tf.mul(tf.tanh(tf.add(z, row(shift))), row(half)), row(offset));
  /** Whole numbers from 0 to levels - 1, `[n, D]`. */
  const digits = (z: tf.Tensor) => tf.add(tf.round(bounded(z)), row(radius));
  const codeOf = (places: tf.Tensor) => tf.cast(tf.sum(tf.mul(places, row(basis)), 1), 'int32');
  const valueOf = (places: tf.Tensor) => tf.div(tf.sub(places, row(radius)), row(radius));
  return {
    params: [param(count, [codes], constant(1), { trainable: false })],
    alphabets: 1,
    codes,
    counts: [count],
    prepare: (z) => tf.div(bounded(z), row(radius)),
    encode: (_, z) => tf.reshape(codeOf(digits(z)), [-1, 1]),
    decode(_, indices) {
      const index = tf.cast(tf.reshape(indices, [-1, 1]), 'float32');
      const above = tf.floor(tf.div(tf.add(index, 0.5), row(basis)));
      const size = row(levels);
      return valueOf(tf.sub(above, tf.mul(size, tf.floor(tf.div(tf.add(above, 0.5), size)))));
    },
    quantize(params, z) {
      const places = digits(z);
      const chosen = codeOf(places) as tf.Tensor1D;
      const n = z.shape[0];
      const used = tf.unsortedSegmentSum(tf.ones([n]), chosen, codes);
      return {
        codes: chosen,
        quantized: straightThrough(tf.div(bounded(z), row(radius)), valueOf(places)),
        codebookLoss: tf.scalar(0),
        commitmentLoss: tf.scalar(0),
        ...useOf(used, n),
        updates: { [count]: average(params[count], used, decay) },
      };
    },
  };
}
