import * as tf from '@tensorflow/tfjs-core';
import { stopGradient, straightThrough } from './gradients.ts';
import { constant, param, uniform, zeros, type Params, type ParamSpec } from './layer.ts';

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
}

export interface Quantized {
  /** Index of the nearest code, int32 `[n]`. */
  codes: tf.Tensor1D;
  /** The nearest code, gradient passed to the input unchanged, `[n, D]`. */
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

export interface Quantizer {
  readonly params: readonly ParamSpec[];
  readonly names: { codebook: string; count: string; sum: string };
  /** @param z `[n, D]` @returns int32 `[n]` */
  nearest(params: Params, z: tf.Tensor): tf.Tensor1D;
  /** @param codes int32 `[...]` @returns `[..., D]` */
  lookup(params: Params, codes: tf.Tensor): tf.Tensor;
  /** A training pass. @param z `[n, D]` */
  quantize(params: Params, z: tf.Tensor): Quantized;
}

const LAPLACE = 1e-5;

/** A codebook e in R^{K x D} (van den Oord et al. 2017). */
export function quantizer(name: string, options: QuantizerOptions): Quantizer {
  const { codes: count, dimensions, update, decay } = options;
  const names = { codebook: `${name}/codebook`, count: `${name}/count`, sum: `${name}/sum` };
  const ema = update === 'ema';
  const params = [
    param(names.codebook, [count, dimensions], uniform(1 / Math.sqrt(dimensions)), { trainable: !ema }),
    param(names.count, [count], constant(1), { trainable: false }),
    ...(ema ? [param(names.sum, [count, dimensions], zeros, { trainable: false })] : []),
  ];

  const nearest = (all: Params, z: tf.Tensor): tf.Tensor1D => {
    const points = stopGradient(z) as tf.Tensor2D;
    const book = stopGradient(all[names.codebook]) as tf.Tensor2D;
    // ||z||^2 is the same for every code, so it is left out.
    const distance = tf.sub(tf.sum(tf.square(book), 1), tf.mul(2, tf.matMul(points, book, false, true)));
    return tf.argMin(distance, 1) as tf.Tensor1D;
  };
  const lookup = (all: Params, codes: tf.Tensor) => tf.gather(all[names.codebook], codes as tf.Tensor1D);

  return {
    params,
    names,
    nearest,
    lookup,
    quantize(all, z) {
      const codes = nearest(all, z);
      const chosen = lookup(all, codes);
      const fixed = stopGradient(z);
      const n = z.shape[0];
      const used = tf.unsortedSegmentSum(tf.ones([n]), codes, count);
      const probability = tf.div(used, n);
      const entropy = tf.neg(tf.sum(tf.mul(probability, tf.log(tf.add(probability, 1e-10)))));
      const newCount = average(all[names.count], used, decay);
      const updates: Record<string, tf.Tensor> = { [names.count]: newCount };
      if (ema) {
        const newSum = average(all[names.sum], tf.unsortedSegmentSum(fixed as tf.Tensor2D, codes, count), decay);
        const total = tf.sum(newCount);
        const smooth = tf.mul(tf.div(tf.add(newCount, LAPLACE), tf.add(total, count * LAPLACE)), total);
        updates[names.sum] = newSum;
        updates[names.codebook] = tf.div(newSum, tf.expandDims(smooth, 1));
      }
      return {
        codes,
        quantized: straightThrough(z, stopGradient(chosen)),
        codebookLoss: tf.mean(tf.square(tf.sub(chosen, fixed))),
        commitmentLoss: tf.mean(tf.square(tf.sub(z, stopGradient(chosen)))),
        perplexity: tf.exp(entropy),
        usage: tf.mean(tf.cast(tf.greater(used, 0), 'float32')),
        updates,
      };
    },
  };
}

const average = (old: tf.Tensor, value: tf.Tensor, decay: number): tf.Tensor => tf.add(tf.mul(old, decay), tf.mul(value, 1 - decay));
