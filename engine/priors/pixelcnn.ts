/** Gated, class-conditional PixelCNN (van den Oord et al. 2016) over the codes of a VQ-VAE (van den Oord et al. 2017, section 3.3). */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { field, parseSettings } from '../core/settings.ts';
import { dense } from '../nn/dense.ts';
import { embedding } from '../nn/embedding.ts';
import type { Params } from '../nn/layer.ts';
import { categoricalLogLikelihood } from '../nn/likelihoods.ts';
import type { CodeGrid, CodePrior, PriorFamily } from './define.ts';
import { gatedLayer, REACH } from './gated-layers.ts';

const schema = z.object({
  width: field(z.number().int().min(4).max(1024).default(64), 'Width', 'Channels of each layer.'),
  layers: field(z.number().int().min(1).max(64).default(12), 'Layers', 'Gated layers. Each sees one cell further, so a grid of 32 cells wants about 15 or more.'),
  head: field(z.number().int().min(4).max(4096).default(256), 'Head width', 'Units before the choice of a code.'),
  conditional: field(z.boolean().default(true), 'By class', 'Learn what belongs to each class, where the data has classes, so that samples of a class can be asked for.'),
  labelDropout: field(z.number().min(0).max(0.9).default(0.1), 'Label dropout', 'Part of the classes that training forgets, so that the prior also draws without one, and can be guided.'),
  codeDropout: field(z.number().min(0).max(0.9).default(0), 'Code dropout', 'Part of the codes that training hides from what comes after them; helps where there are few pictures.'),
});
type Config = z.output<typeof schema>;

/** Added to the log-odds of codes outside the alphabet of a cell. */
const NEVER = -1e9;

export const pixelCnn: PriorFamily<Config> = {
  kind: 'pixelcnn',
  version: 1,
  title: 'PixelCNN prior',
  summary: 'Learns how the codes of a trained model stand together, and draws new pictures from that, code after code.',
  schema,
  defaults: schema.parse({}),
  presets: [
    { id: 'standard', title: 'Standard', summary: 'Twelve layers of 64 channels, for grids up to 16 by 16.', config: {}, training: { learningRate: 1e-3, batchSize: 32 } },
    { id: 'quick', title: 'Quick', summary: 'Six layers of 48 channels.', config: { layers: 6, width: 48, head: 128 }, training: { learningRate: 2e-3, batchSize: 32 } },
    { id: 'few', title: 'Few pictures', summary: 'Hides a fifth of the codes while it learns, against learning by heart.', config: { codeDropout: 0.2 }, training: { learningRate: 1e-3, batchSize: 32 } },
    { id: 'large', title: 'Large grids', summary: 'Twenty layers, for grids of 32 by 32.', config: { layers: 20 }, training: { learningRate: 6e-4, batchSize: 16 } },
  ],
  tiny: { width: 4, layers: 3, head: 6 },
  parse: (config) => parseSettings('PixelCNN prior', schema, config),
  build,
};

function build(config: Config, grid: CodeGrid): CodePrior {
  const { width: channels, layers: depth } = config;
  const { height, width, codes, alphabets } = grid;
  const labelled = config.conditional && grid.classes > 0;
  const table = embedding('embedding', codes, channels, 1 / Math.sqrt(channels));
  const layers = Array.from({ length: depth }, (_, i) => gatedLayer(`layer/${i}`, channels, i === 0, labelled ? grid.classes : 0));
  const wide = dense('head/wide', channels, config.head, { before: 'relu' });
  const last = dense('head/logits', config.head, codes);
  const head = (params: Params, h: tf.Tensor) => last.apply(params, tf.relu(wide.apply(params, h)));
  /** 0 within the alphabet of each column and very low outside, `[1, 1, w, K]`. */
  const outside = () => tf.tensor4d(Float32Array.from({ length: width * codes }, (_, i) => (Math.floor(((i % codes) * alphabets) / codes) === Math.floor(i / codes) % alphabets ? 0 : NEVER)), [1, 1, width, codes]);
  const through = (params: Params, given: tf.Tensor, labels?: tf.Tensor) => {
    let [v, h] = [given, given];
    for (const layer of layers) ({ v, h } = layer.whole(params, v, h, labels));
    const scores = head(params, h);
    return alphabets > 1 ? tf.add(scores, outside()) : scores;
  };
  const cellsOf = (images: tf.Tensor) => tf.cast(tf.reshape(images, [-1, height, width]), 'int32');
  /** log p of each cell, `[B, h, w]`. */
  const logLikelihood = (scores: tf.Tensor, cells: tf.Tensor) => categoricalLogLikelihood(tf.oneHot(cells as tf.Tensor3D, codes, 1, 0, 'float32'), scores);
  const perPicture = height * width;
  const known = (labels?: tf.Tensor) => (labelled ? labels : undefined);

  return {
    input: { height, width, channels: 1, classes: grid.classes },
    grid,
    params: [...table.params, ...layers.flatMap((layer) => layer.params), ...wide.params, ...last.params],
    usesLabels: labelled,
    noise: (batch) => ({
      ...(config.codeDropout > 0 ? { hide: { shape: [batch, height, width, 1], kind: 'uniform' as const } } : {}),
      ...(labelled && config.labelDropout > 0 ? { forget: { shape: [batch], kind: 'uniform' as const } } : {}),
    }),
    hyper: {},
    loss(params, batch, noise) {
      const cells = cellsOf(batch.images);
      let given = table.apply(params, cells);
      if (noise.hide) given = tf.mul(given, tf.cast(tf.greaterEqual(noise.hide, config.codeDropout), 'float32'));
      let labels = known(batch.labels);
      // Forgotten ones become -1.
      if (labels && noise.forget) labels = tf.sub(tf.mul(tf.add(labels, tf.scalar(1, 'int32')), tf.cast(tf.greaterEqual(noise.forget, config.labelDropout), 'int32')), tf.scalar(1, 'int32'));
      const scores = through(params, given, labels);
      const codeNats = tf.neg(tf.mean(logLikelihood(scores, cells)));
      const right = tf.mean(tf.cast(tf.equal(tf.argMax(scores, 3), cells), 'float32'));
      return { loss: codeNats, metrics: { bitsPerCode: tf.div(codeNats, Math.LN2), codesRight: right } };
    },
    inspect(params, batch) {
      const cells = cellsOf(batch.images);
      const scores = through(params, table.apply(params, cells), known(batch.labels));
      const nats = tf.neg(tf.sum(logLikelihood(scores, cells), [1, 2]));
      const right = tf.mean(tf.cast(tf.equal(tf.argMax(scores, 3), cells), 'float32'), [1, 2]);
      return { items: { codesNats: nats, bitsPerCode: tf.div(nats, perPicture * Math.LN2), codesRight: right } };
    },
    logits: (params, cells, labels) => through(params, table.apply(params, cells), known(labels)),
    caches: (batch) => ({
      rows: [batch, REACH, width, channels],
      left: [batch, REACH, channels],
      ...Object.fromEntries(layers.flatMap((_, i) => [
        [`down/${i}`, [batch, width, 2 * channels]],
        ...(i > 0 ? [[`v/${i}`, [batch, 1, width, channels]], [`h/${i}`, [batch, 1, channels]]] : []),
      ]) as [string, number[]][]),
    }),
    row(params, caches, { above, any, labels }) {
      const next: Record<string, tf.Tensor> = {};
      const newest = tf.expandDims(tf.mul(table.apply(params, above), any), 1);
      const batch = newest.shape[0];
      next.rows = tf.concat([tf.slice(caches.rows, [0, 1, 0, 0], [batch, REACH - 1, width, channels]), newest], 1);
      next.left = tf.zerosLike(caches.left);
      let v: tf.Tensor = next.rows;
      layers.forEach((layer, i) => {
        const seen = i === 0 ? v : tf.concat([caches[`v/${i}`], v], 1);
        if (i > 0) {
          next[`v/${i}`] = v;
          next[`h/${i}`] = tf.zerosLike(caches[`h/${i}`]);
        }
        const found = layer.row(params, seen, known(labels));
        next[`down/${i}`] = found.down;
        v = found.v;
      });
      return next;
    },
    cell(params, caches, { left, any, column, labels }) {
      const next: Record<string, tf.Tensor> = {};
      const newest = tf.expandDims(tf.mul(table.apply(params, left), any), 1);
      const batch = newest.shape[0];
      next.left = tf.concat([tf.slice(caches.left, [0, 1, 0], [batch, REACH - 1, channels]), newest], 1);
      let h: tf.Tensor = next.left;
      layers.forEach((layer, i) => {
        const here = i === 0 ? h : tf.expandDims(h, 1);
        const seen = i === 0 ? here : tf.concat([caches[`h/${i}`], here], 1);
        if (i > 0) next[`h/${i}`] = here;
        const down = tf.reshape(tf.gather(caches[`down/${i}`], column as tf.Tensor1D, 1), [batch, 2 * channels]);
        h = layer.cell(params, seen, down, known(labels));
      });
      return { logits: head(params, h), caches: next };
    },
  };
}
