import * as tf from '@tensorflow/tfjs-core';
import { stopGradient, straightThrough } from './gradients.ts';
import { constant, param, uniform, zeros, type Params, type ParamSpec } from './layer.ts';
import { rotateOnto } from './rotation.ts';

export interface QuantizerOptions {
  /** K */
  codes: number;
  /** D, the length of a code */
  dimensions: number;
  /**
   * `gradient`: the codebook follows ||sg[z_e] - e||^2 by the optimizer (VQ-VAE, eq. 3).
   * `ema`: exponential moving averages of the encoder outputs assigned to each code (VQ-VAE, appendix A.1).
   */
  update: 'gradient' | 'ema';
  /** Decay of the moving averages, also of the usage count that revival reads. */
  decay: number;
  /** `cosine`: codes and points are brought to unit length first, so that only directions count (Yu et al. 2022, section 3.2). */
  distance?: 'euclidean' | 'cosine';
  /** How gradients pass the choice of a code: unchanged, or turned as the point is turned onto its code. */
  estimator?: 'straight-through' | 'rotation';
}

/** Of a training pass over n points. */
export interface Quantized {
  /** Index of the chosen code of each level, int32 `[n, A]` (`[n]` for a single codebook). */
  codes: tf.Tensor;
  /** What the codes stand for, gradient passed to the input, `[n, D]`. */
  quantized: tf.Tensor;
  /** mean ||sg[z] - e||^2 per element, scalar; part of the loss when `update` is `gradient`. */
  codebookLoss: tf.Tensor;
  /** mean ||z - sg[e]||^2 per element, scalar; the caller weighs it with beta. */
  commitmentLoss: tf.Tensor;
  /** exp(entropy of the codes in this batch), 1 to K, scalar. */
  perplexity: tf.Tensor;
  /** Fraction of the codes that this batch uses, scalar. */
  usage: tf.Tensor;
  /** New codebook statistics (and, with `ema`, the codebook). */
  updates: Record<string, tf.Tensor>;
}

/** Points become A codes each, of alphabets of equal size one after another: code a of a point is in [a, a + 1) * codes / A. */
export interface CodeQuantizer {
  readonly params: readonly ParamSpec[];
  /** A */
  readonly alphabets: number;
  /** Codes of all alphabets together. */
  readonly codes: number;
  /** Parameters that count the use of codes, one an alphabet. */
  readonly counts: readonly string[];
  /** The points as they are compared with codes. @param z `[n, D]` */
  prepare(z: tf.Tensor): tf.Tensor;
  /** @param z `[n, D]` @returns int32 `[n, A]` */
  encode(params: Params, z: tf.Tensor): tf.Tensor;
  /** @param codes int32 `[n, A]` @returns `[n, D]` */
  decode(params: Params, codes: tf.Tensor): tf.Tensor;
  /** A training pass. @param z `[n, D]` */
  quantize(params: Params, z: tf.Tensor): Quantized;
}

export interface Quantizer {
  readonly params: readonly ParamSpec[];
  readonly names: { codebook: string; count: string; sum: string };
  /** The points as they are compared with codes: of unit length under the cosine distance. @param z `[n, D]` */
  prepare(z: tf.Tensor): tf.Tensor;
  /** @param z `[n, D]` @returns int32 `[n]` */
  nearest(params: Params, z: tf.Tensor): tf.Tensor1D;
  /** @param codes int32 `[...]` @returns `[..., D]` */
  lookup(params: Params, codes: tf.Tensor): tf.Tensor;
  /** A training pass. @param z `[n, D]` @returns besides, how often each code was chosen: `used` `[K]` */
  quantize(params: Params, z: tf.Tensor): Quantized & { used: tf.Tensor };
}

const LAPLACE = 1e-5;

/** A codebook e in R^{K x D} (van den Oord et al. 2017). */
export function quantizer(name: string, options: QuantizerOptions): Quantizer {
  const { codes: count, dimensions, update, decay, distance = 'euclidean', estimator = 'straight-through' } = options;
  const names = { codebook: `${name}/codebook`, count: `${name}/count`, sum: `${name}/sum` };
  const ema = update === 'ema';
  const params = [
    param(names.codebook, [count, dimensions], uniform(1 / Math.sqrt(dimensions)), { trainable: !ema }),
    param(names.count, [count], constant(1), { trainable: false }),
    ...(ema ? [param(names.sum, [count, dimensions], zeros, { trainable: false })] : []),
  ];
  const prepare = (x: tf.Tensor) => (distance === 'cosine' ? unit(x) : x);
  const bookOf = (all: Params) => prepare(all[names.codebook]) as tf.Tensor2D;
  const nearest = (all: Params, z: tf.Tensor): tf.Tensor1D => {
    const points = stopGradient(prepare(z)) as tf.Tensor2D;
    const book = stopGradient(bookOf(all));
    // ||z||^2 is the same for every code, so it is left out.
    const apart = tf.sub(tf.sum(tf.square(book), 1), tf.mul(2, tf.matMul(points, book, false, true)));
    return tf.argMin(apart, 1) as tf.Tensor1D;
  };
  const lookup = (all: Params, codes: tf.Tensor) => tf.gather(bookOf(all), codes as tf.Tensor1D);
  return {
    params,
    names,
    prepare,
    nearest,
    lookup,
    quantize(all, raw) {
      const z = prepare(raw);
      const codes = nearest(all, raw);
      const chosen = lookup(all, codes);
      const held = stopGradient(chosen);
      const fixed = stopGradient(z);
      const n = z.shape[0];
      const used = tf.unsortedSegmentSum(tf.ones([n]), codes, count);
      const newCount = average(all[names.count], used, decay);
      const updates: Record<string, tf.Tensor> = { [names.count]: newCount };
      if (ema) {
        const newSum = average(all[names.sum], tf.unsortedSegmentSum(fixed as tf.Tensor2D, codes, count), decay);
        const total = tf.sum(newCount);
        const smooth = tf.mul(tf.div(tf.add(newCount, LAPLACE), tf.add(total, count * LAPLACE)), total);
        updates[names.sum] = newSum;
        updates[names.codebook] = prepare(tf.div(newSum, tf.expandDims(smooth, 1)));
      }
      return {
        codes,
        quantized: estimator === 'rotation' ? rotateOnto(z, held) : straightThrough(z, held),
        codebookLoss: tf.mean(tf.square(tf.sub(chosen, fixed))),
        commitmentLoss: tf.mean(tf.square(tf.sub(z, held))),
        ...useOf(used, n),
        used,
        updates,
      };
    },
  };
}

/** Perplexity and usage of a batch. @param used how often each code was chosen, `[K]` @param total choices in all */
export function useOf(used: tf.Tensor, total: number): { perplexity: tf.Tensor; usage: tf.Tensor } {
  const probability = tf.div(used, total);
  const entropy = tf.neg(tf.sum(tf.mul(probability, tf.log(tf.add(probability, 1e-10)))));
  return { perplexity: tf.exp(entropy), usage: tf.mean(tf.cast(tf.greater(used, 0), 'float32')) };
}

/** Rows of length 1. */
const unit = (x: tf.Tensor): tf.Tensor => tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));

export const average = (old: tf.Tensor, value: tf.Tensor, decay: number): tf.Tensor => tf.add(tf.mul(old, decay), tf.mul(value, 1 - decay));
