/** Residual quantisation: each level's codebook describes what the levels before it left over (Lee et al. 2022; Zeghidour et al. 2021). */
import * as tf from '@tensorflow/tfjs-core';
import { AtelierError } from '../core/errors.ts';
import { stopGradient, straightThrough } from './gradients.ts';
import type { Params } from './layer.ts';
import { quantizer, useOf, type CodeQuantizer, type Quantizer, type QuantizerOptions } from './quantizer.ts';
import { rotateOnto } from './rotation.ts';

export interface ResidualQuantizer extends CodeQuantizer {
  readonly levels: readonly Quantizer[];
  /** What each level is to describe, `levels` times `[n, D]`. @param z `[n, D]` */
  residuals(params: Params, z: tf.Tensor): tf.Tensor[];
}

/**
 * @param levels A; one is a plain codebook
 * @throws AtelierError 'bad-input' for several levels under the cosine distance, since what is left over has a length that counts
 */
export function residualQuantizer(name: string, options: QuantizerOptions, levels = 1): ResidualQuantizer {
  if (levels > 1 && options.distance === 'cosine') {
    throw new AtelierError('bad-input', 'Residual levels need the Euclidean distance: what a level leaves over has a length that counts.', 'Take one level, or the Euclidean distance.');
  }
  const { codes: k } = options;
  const books = Array.from({ length: levels }, (_, i) => quantizer(levels === 1 ? name : `${name}/${i}`, options));
  const offset = (level: number) => tf.scalar(level * k, 'int32');
  /** Calls `see` with what each level is to describe and what it chose. */
  const walk = (params: Params, z: tf.Tensor, see: (rest: tf.Tensor, codes: tf.Tensor1D, level: number) => void) => {
    let rest = books[0].prepare(z);
    books.forEach((book, level) => {
      const codes = book.nearest(params, rest);
      see(rest, codes, level);
      if (level + 1 < levels) rest = tf.sub(rest, stopGradient(book.lookup(params, codes)));
    });
  };
  return {
    params: books.flatMap((book) => book.params),
    levels: books,
    alphabets: levels,
    codes: levels * k,
    counts: books.map((book) => book.names.count),
    prepare: (z) => books[0].prepare(z),
    residuals(params, z) {
      const out: tf.Tensor[] = [];
      walk(params, z, (rest) => out.push(rest));
      return out;
    },
    encode(params, z) {
      const out: tf.Tensor[] = [];
      walk(params, z, (_, codes, level) => out.push(tf.add(codes, offset(level))));
      return tf.stack(out, 1);
    },
    decode(params, codes) {
      const parts = levels === 1 ? [tf.reshape(codes, [-1])] : tf.unstack(codes, 1);
      // A code of another alphabet stands for its place in this one.
      return parts.map((part, level) => books[level].lookup(params, levels === 1 ? part : tf.mod(part, tf.scalar(k, 'int32')))).reduce((a, b) => tf.add(a, b));
    },
    quantize(params, z) {
      if (levels === 1) return books[0].quantize(params, z);
      const passes: ReturnType<Quantizer['quantize']>[] = [];
      walk(params, z, (rest, _, level) => passes.push(books[level].quantize(params, rest)));
      const held = stopGradient(passes.map((pass) => pass.quantized).reduce((a, b) => tf.add(a, b)));
      const mean = (pick: (pass: (typeof passes)[number]) => tf.Tensor) => tf.div(tf.addN(passes.map(pick)), levels);
      return {
        codes: tf.stack(passes.map((pass, level) => tf.add(pass.codes, offset(level))), 1),
        quantized: options.estimator === 'rotation' ? rotateOnto(z, held) : straightThrough(z, held),
        codebookLoss: mean((pass) => pass.codebookLoss),
        commitmentLoss: mean((pass) => pass.commitmentLoss),
        ...useOf(tf.concat(passes.map((pass) => pass.used)), levels * z.shape[0]),
        updates: Object.assign({}, ...passes.map((pass) => pass.updates)) as Record<string, tf.Tensor>,
      };
    },
  };
}
