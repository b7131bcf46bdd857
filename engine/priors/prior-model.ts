/** Priors over each grid of codes, trained together as one. */
import * as tf from '@tensorflow/tfjs-core';
import type { Params } from '../nn/layer.ts';
import { categoricalLogLikelihood } from '../nn/likelihoods.ts';
import type { NoiseSpec } from '../nn/trainable.ts';
import type { CodePrior, ListedGrid, PriorLevel, PriorModel } from './define.ts';

/** Entries whose name starts with the prefix, without it. */
const under = <T>(all: Readonly<Record<string, T>>, prefix: string): Record<string, T> =>
  prefix === '' ? all : Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]));

/** A level's own parameters, out of those of the whole. */
export const levelParams = <T>(level: PriorLevel, all: Readonly<Record<string, T>>): Record<string, T> => under(all, level.prefix);

/**
 * @param build the prior of a grid, told of the coarser ones
 * @param labelDropout part of the classes that training forgets
 */
export function priorModel(grids: readonly ListedGrid[], labelDropout: number, build: (grid: ListedGrid, coarser: readonly ListedGrid[]) => CodePrior): PriorModel {
  const single = grids.length === 1;
  const levels: PriorLevel[] = grids.map((grid, i) => ({ grid, prior: build(grid, grids.slice(0, i)), prefix: single ? '' : `${grid.name}/` }));
  const cells = grids.reduce((sum, { height, width }) => sum + height * width, 0);
  const labelled = levels.some(({ prior }) => prior.usesLabels);
  /** Each grid's codes, int32 `[B, h, w]`, counted from 0. */
  const split = (images: tf.Tensor): tf.Tensor[] => {
    const list = tf.cast(tf.reshape(images, [-1, cells]), 'int32');
    return grids.map(({ at, first, height, width }) => {
      const part = single ? list : tf.slice(list as tf.Tensor2D, [0, at], [list.shape[0], height * width]);
      const codes = tf.reshape(part, [-1, height, width]);
      return first === 0 ? codes : tf.sub(codes, tf.scalar(first, 'int32'));
    });
  };
  /** Log-likelihood of each code and the log-odds that it comes from, of each grid. */
  const likelihoods = (params: Params, all: tf.Tensor[], labels?: tf.Tensor, noise?: Params) =>
    levels.map(({ prior, prefix }, i) => {
      const own = under(params, prefix);
      const condition = prior.condition?.(own, all.slice(0, i));
      const logits = prior.logits(own, all[i], { labels, condition, noise: noise && under(noise, prefix) });
      return { logits, logLikelihood: categoricalLogLikelihood(tf.oneHot(all[i] as tf.Tensor3D, prior.grid.codes, 1, 0, 'float32'), logits) };
    });
  /** Nats of each picture in each grid, and how many of its codes are the likeliest, `[B]` each. */
  const score = (params: Params, images: tf.Tensor, labels?: tf.Tensor, noise?: Params) => {
    const all = split(images);
    return likelihoods(params, all, labels, noise).map(({ logits, logLikelihood }, i) => {
      const { prior } = levels[i];
      return { nats: tf.neg(tf.sum(logLikelihood, [1, 2])), right: tf.sum(tf.cast(tf.equal(tf.argMax(logits, 3), all[i]), 'float32'), [1, 2]), cells: prior.grid.height * prior.grid.width };
    });
  };
  const sum = (parts: readonly tf.Tensor[]) => (parts.length === 1 ? parts[0] : tf.addN([...parts]));
  const named = (suffix: string, values: tf.Tensor[]): Record<string, tf.Tensor> => (single ? {} : Object.fromEntries(values.map((value, i) => [`${grids[i].name}${suffix}`, value])));
  const known = (labels?: tf.Tensor) => (labelled ? labels : undefined);

  return {
    levels,
    cells,
    input: single ? { height: grids[0].height, width: grids[0].width, channels: 1, classes: grids[0].classes } : { height: 1, width: cells, channels: 1, classes: grids[0].classes },
    params: levels.flatMap(({ prior, prefix }) => prior.params.map((p) => ({ ...p, name: prefix + p.name }))),
    usesLabels: labelled,
    noise: (batch) => ({
      ...Object.assign({}, ...levels.map(({ prior, prefix }) => Object.fromEntries(Object.entries(prior.noise(batch)).map(([name, spec]) => [prefix + name, spec])))) as Record<string, NoiseSpec>,
      ...(labelled && labelDropout > 0 ? { forget: { shape: [batch], kind: 'uniform' as const } } : {}),
    }),
    hyper: {},
    surprise(params, codes, labels) {
      const found = likelihoods(params, split(codes), known(labels)).map(({ logLikelihood }, i) => tf.reshape(logLikelihood, [-1, grids[i].height * grids[i].width]));
      return tf.div(found.length === 1 ? found[0] : tf.concat(found, 1), -Math.LN2);
    },
    loss(params, batch, noise) {
      let labels = known(batch.labels);
      // Forgotten ones become -1.
      if (labels && noise.forget) labels = tf.sub(tf.mul(tf.add(labels, tf.scalar(1, 'int32')), tf.cast(tf.greaterEqual(noise.forget, labelDropout), 'int32')), tf.scalar(1, 'int32'));
      const found = score(params, batch.images, labels, noise);
      const perCode = found.map(({ nats, cells: n }) => tf.div(tf.mean(nats), n));
      return {
        // Each grid counts alike: their weights are apart, and the finer ones have more codes.
        loss: sum(perCode),
        metrics: {
          bitsPerCode: tf.div(sum(found.map(({ nats }) => tf.mean(nats))), cells * Math.LN2),
          codesRight: tf.div(sum(found.map(({ right }) => tf.mean(right))), cells),
          ...named('Bits', perCode.map((nats) => tf.div(nats, Math.LN2))),
        },
      };
    },
    inspect(params, batch) {
      const found = score(params, batch.images, known(batch.labels));
      const nats = sum(found.map((level) => level.nats));
      return {
        items: {
          codesNats: nats,
          bitsPerCode: tf.div(nats, cells * Math.LN2),
          codesRight: tf.div(sum(found.map(({ right }) => right)), cells),
          ...named('Bits', found.map((level) => tf.div(level.nats, level.cells * Math.LN2))),
        },
      };
    },
  };
}
