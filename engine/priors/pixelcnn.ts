/**
 * Gated, class-conditional PixelCNN (van den Oord et al. 2016) over the codes of a VQ-VAE (van den Oord et al. 2017, section 3.3); of several
 * grids the coarsest with self-attention, the finer ones told of those above (Razavi et al. 2019, section 3.2).
 */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { field, parseSettings } from '../core/settings.ts';
import { dense } from '../nn/dense.ts';
import { embedding } from '../nn/embedding.ts';
import type { Params } from '../nn/layer.ts';
import type { NoiseSpec } from '../nn/trainable.ts';
import { causalAttention } from './causal-attention.ts';
import { conditionNet } from './condition-net.ts';
import type { CodeGrid, CodePrior, PriorFamily } from './define.ts';
import { gatedLayer, REACH } from './gated-layers.ts';
import { priorModel } from './prior-model.ts';

const schema = z.object({
  width: field(z.number().int().min(4).max(1024).default(64), 'Width', 'Channels of each layer.'),
  layers: field(z.number().int().min(1).max(64).default(12), 'Layers', 'Gated layers. Each sees one cell further, so a grid of 32 cells wants about 15 or more.'),
  head: field(z.number().int().min(4).max(4096).default(256), 'Head width', 'Units before the choice of a code.'),
  conditional: field(z.boolean().default(true), 'By class', 'Learn what belongs to each class, where the data has classes, so that samples of a class can be asked for.'),
  labelDropout: field(z.number().min(0).max(0.9).default(0.1), 'Label dropout', 'Part of the classes that training forgets, so that the prior also draws without one, and can be guided.'),
  attention: field(z.number().int().min(0).max(8).default(0), 'Attention', 'Layers of self-attention between the gated ones, which see the whole grid at once; of several grids the coarsest has them.'),
  heads: field(z.number().int().min(1).max(16).default(4), 'Heads', 'Heads of each layer of attention; they divide the width.'),
  finerWidth: field(z.number().int().min(4).max(1024).default(48), 'Width, finer grids', 'Of codes in several grids: channels of each layer for the finer ones, which are told of the coarser.'),
  finerLayers: field(z.number().int().min(1).max(64).default(6), 'Layers, finer grids', 'Gated layers for each finer grid. A few do, since the coarser codes say what is where.'),
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
    { id: 'attention', title: 'With attention', summary: 'Two layers of self-attention, for what belongs together across the picture.', config: { attention: 2 }, training: { learningRate: 1e-3, batchSize: 32 } },
    { id: 'grids', title: 'Several grids', summary: 'For codes in two grids or three: attention over the coarsest, six layers for each finer one.', config: { layers: 10, attention: 1 }, training: { learningRate: 1e-3, batchSize: 8 } },
    { id: 'large', title: 'Large grids', summary: 'Twenty layers, for grids of 32 by 32.', config: { layers: 20 }, training: { learningRate: 6e-4, batchSize: 16 } },
  ],
  tiny: { width: 4, layers: 3, head: 6, finerWidth: 4, finerLayers: 2, heads: 2 },
  ofSeveral: 'grids',
  parse: (config) => parseSettings('PixelCNN prior', schema, config),
  build: (config, grids) => priorModel(grids, config.labelDropout, (grid, coarser) => build(config, grid, coarser)),
};

function build(config: Config, grid: CodeGrid, coarser: readonly CodeGrid[]): CodePrior {
  const finer = coarser.length > 0;
  const channels = finer ? config.finerWidth : config.width;
  const depth = finer ? config.finerLayers : config.layers;
  const attentions = finer ? 0 : Math.min(config.attention, depth);
  const { height, width, codes, alphabets } = grid;
  const labelled = config.conditional && grid.classes > 0;
  const conditionSize = finer ? channels : 0;
  const net = finer ? conditionNet('condition', grid, coarser, channels) : undefined;
  const table = embedding('embedding', codes, channels, 1 / Math.sqrt(channels));
  const layers = Array.from({ length: depth }, (_, i) => gatedLayer(`layer/${i}`, channels, i === 0, labelled ? grid.classes : 0, conditionSize));
  /** The attention behind a layer; they are spread evenly, the last behind the last layer. */
  const attention = new Map(Array.from({ length: attentions }, (_, i) => [Math.floor(((i + 1) * depth) / attentions) - 1, causalAttention(`attention/${i}`, channels, config.heads, grid)]));
  const wide = dense('head/wide', channels, config.head, { before: 'relu' });
  const last = dense('head/logits', config.head, codes);
  const head = (params: Params, h: tf.Tensor) => last.apply(params, tf.relu(wide.apply(params, h)));
  /** 0 within the alphabet of each column and very low outside, `[1, 1, w, K]`. */
  const outside = () => tf.tensor4d(Float32Array.from({ length: width * codes }, (_, i) => (Math.floor(((i % codes) * alphabets) / codes) === Math.floor(i / codes) % alphabets ? 0 : NEVER)), [1, 1, width, codes]);
  const known = (labels?: tf.Tensor) => (labelled ? labels : undefined);

  return {
    grid,
    coarser,
    conditionSize,
    looksBack: attentions > 0,
    params: [...table.params, ...(net?.params ?? []), ...layers.flatMap((layer) => layer.params), ...[...attention.values()].flatMap((block) => block.params), ...wide.params, ...last.params],
    usesLabels: labelled,
    noise: (batch): Record<string, NoiseSpec> => (config.codeDropout > 0 ? { hide: { shape: [batch, height, width, 1], kind: 'uniform' } } : {}),
    condition: net && ((params, above) => net.apply(params, above)),
    logits(params, cells, { labels, condition, noise }) {
      let given = table.apply(params, cells);
      if (noise?.hide) given = tf.mul(given, tf.cast(tf.greaterEqual(noise.hide, config.codeDropout), 'float32'));
      let [v, h] = [given, given];
      layers.forEach((layer, i) => {
        ({ v, h } = layer.whole(params, v, h, known(labels), condition));
        h = attention.get(i)?.whole(params, h) ?? h;
      });
      const scores = head(params, h);
      return alphabets > 1 ? tf.add(scores, outside()) : scores;
    },
    caches: (batch) => ({
      rows: [batch, REACH, width, channels],
      left: [batch, REACH, channels],
      ...Object.fromEntries(layers.flatMap((_, i) => [
        [`down/${i}`, [batch, width, 2 * channels]],
        ...(i > 0 ? [[`v/${i}`, [batch, 1, width, channels]], [`h/${i}`, [batch, 1, channels]]] : []),
      ]) as [string, number[]][]),
      ...Object.assign({}, ...[...attention.values()].map((block) => block.caches(batch))) as Record<string, number[]>,
    }),
    row(params, caches, { above, any, row, condition, labels }) {
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
        const found = layer.row(params, seen, known(labels), condition);
        next[`down/${i}`] = found.down;
        v = found.v;
        Object.assign(next, attention.get(i)?.row(caches, { any, row }));
      });
      return next;
    },
    cell(params, caches, { left, any, row, column, labels }) {
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
        const looked = attention.get(i)?.cell(params, caches, h, { row, column });
        if (looked) {
          h = looked.h;
          Object.assign(next, looked.caches);
        }
      });
      return { logits: head(params, h), caches: next };
    },
  };
}
