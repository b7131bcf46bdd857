/** VQ-VAE (van den Oord, Vinyals and Kavukcuoglu 2017), with the encoder and decoder of section 4.1. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { AtelierError } from '../core/errors.ts';
import { conv, convTranspose } from '../nn/conv.ts';
import { kmeans } from '../nn/kmeans.ts';
import { sequential, type Layer, type Params } from '../nn/layer.ts';
import { quantizer, type Quantizer } from '../nn/quantizer.ts';
import { relu, residualStack } from '../nn/residual.ts';
import { reviveCodes } from '../nn/revival.ts';
import type { Maintenance, MaintenanceResult, Model } from './define.ts';
import { defineModel, field } from './family.ts';

const schema = z.object({
  hidden: field(z.number().int().min(8).max(1024).multipleOf(2).default(128), 'Width', 'Channels of the encoder and the decoder. More is sharper and slower.'),
  residualLayers: field(z.number().int().min(0).max(16).default(2), 'Residual layers', 'Residual blocks on each side.'),
  residualHidden: field(z.number().int().min(4).max(512).default(32), 'Residual width', 'Channels inside a residual block.'),
  stride: field(z.union([z.literal(2), z.literal(4), z.literal(8), z.literal(16)]).default(4), 'Stride', 'Pixels per code on each axis: 4 turns 64 px into a grid of 16 x 16 codes.'),
  codes: field(z.number().int().min(2).max(16384).default(512), 'Codes', 'Size K of the codebook: how many different marks a picture is written with.'),
  codeSize: field(z.number().int().min(1).max(512).default(64), 'Code length', 'Numbers D per code.'),
  commitment: field(z.number().min(0).max(10).default(0.25), 'Commitment', 'Weight beta that holds the encoder to its codes.'),
  codebook: field(z.enum(['ema', 'gradient']).default('ema'), 'Codebook update', 'Moving averages of what each code stands for, or gradient descent.'),
  decay: field(z.number().min(0.5).max(0.9999).default(0.99), 'Average decay', 'How slowly the moving averages forget, per step.'),
  kmeansStart: field(z.boolean().default(true), 'Start from data', 'Take the first codes from the encoder\'s first outputs by k-means.'),
  reviveEvery: field(z.number().int().min(0).max(10000).default(20), 'Revive every', 'Steps between two looks for dead codes; 0 is never.'),
  reviveBelow: field(z.number().min(0).max(1).default(0.05), 'Dead below', 'A code used less than this fraction of the mean use is dead and moves to where pictures are badly represented.'),
  dataVariance: field(z.number().positive().max(1).default(0.06), 'Data variance', 'Variance of the pixels by which the reconstruction error is divided; balances it against the codebook terms.'),
});
type Config = z.output<typeof schema>;

/** Revival ends at this part of the plan, so that the last codes settle. */
const REVIVE_UNTIL = 0.95;

function encoder(config: Config, channels: number): Layer {
  const { hidden, residualLayers, residualHidden, codeSize } = config;
  const halvings = Math.log2(config.stride);
  const layers: Layer[] = [];
  for (let i = 0; i < halvings; i++) {
    const from = i === 0 ? channels : i === 1 ? hidden / 2 : hidden;
    layers.push(conv(`encoder/down/${i}`, 2, from, i === 0 && halvings > 1 ? hidden / 2 : hidden, { kernel: 4, stride: 2, before: 'relu' }), relu);
  }
  return sequential(
    ...layers,
    conv('encoder/mix', 2, hidden, hidden, { kernel: 3, before: 'relu' }),
    residualStack('encoder/residual', 2, hidden, residualHidden, residualLayers),
    conv('encoder/out', 2, hidden, codeSize, { kernel: 1 }),
  );
}

function decoder(config: Config, channels: number): Layer {
  const { hidden, residualLayers, residualHidden, codeSize } = config;
  const halvings = Math.log2(config.stride);
  const layers: Layer[] = [];
  for (let i = halvings - 1; i >= 0; i--) {
    const from = i === 0 && halvings > 1 ? hidden / 2 : hidden;
    const to = i === 0 ? channels : i === 1 ? hidden / 2 : hidden;
    layers.push(convTranspose(`decoder/up/${i}`, 2, from, to, { kernel: 4, stride: 2, before: i === 0 ? 'linear' : 'relu' }));
    if (i > 0) layers.push(relu);
  }
  return sequential(
    conv('decoder/mix', 2, codeSize, hidden, { kernel: 3, before: 'relu' }),
    residualStack('decoder/residual', 2, hidden, residualHidden, residualLayers),
    ...layers,
  );
}

export const vqVae = defineModel({
  kind: 'vq-vae',
  version: 1,
  title: 'VQ-VAE',
  summary: 'Writes a picture as a grid of codes from a learned codebook; sharp reconstructions, and codes that can be painted, copied and mixed.',
  latent: 'codes',
  schema,
  presets: [
    { id: 'paper', title: 'As in the paper', summary: 'Width 128, two residual layers, 512 codes of 64 numbers.', config: {} },
    { id: 'quick', title: 'Quick', summary: 'Half the width: about three times as fast, for pictures up to 64 px on a CPU.', config: { hidden: 64 }, training: { learningRate: 1e-3, batchSize: 16 } },
    { id: 'compact', title: 'Compact', summary: 'Stride 8: a quarter of the codes, easier for a prior, softer pictures.', config: { hidden: 96, stride: 8 }, training: { learningRate: 6e-4 } },
  ],
  tiny: { hidden: 8, residualLayers: 1, residualHidden: 4, codes: 8, codeSize: 4, stride: 4, reviveEvery: 2 },
  build(config, input): Model {
    const { height, width, channels } = input;
    const { stride, codeSize, codes } = config;
    if (height % stride !== 0 || width % stride !== 0) {
      throw new AtelierError('bad-input', `VQ-VAE: a ${width}x${height} picture does not divide into cells of ${stride} pixels.`, `Choose a stride that divides the size, or resize the data to a multiple of ${stride}.`);
    }
    const h = height / stride;
    const w = width / stride;
    const cells = h * w;
    const encode = encoder(config, channels);
    const decode = decoder(config, channels);
    const book = quantizer('quantizer', { codes, dimensions: codeSize, update: config.codebook, decay: config.decay });
    const centre = (images: tf.Tensor) => tf.sub(images, 0.5);
    const flat = (grid: tf.Tensor) => tf.reshape(grid, [-1, codeSize]);
    const grid = (rows: tf.Tensor) => tf.reshape(rows, [-1, h, w, codeSize]);
    const picture = (params: Params, rows: tf.Tensor) => tf.add(decode.apply(params, grid(rows)), 0.5);
    const clipped = (params: Params, rows: tf.Tensor) => tf.clipByValue(picture(params, rows), 0, 1);
    const continuous = (params: Params, images: tf.Tensor) => flat(encode.apply(params, centre(images)));
    return {
      input,
      latent: { kind: 'codes', size: cells * codeSize, height: h, width: w, codes, dimensions: codeSize },
      params: [...encode.params, ...book.params, ...decode.params],
      codeCounts: book.names.count,
      prior: 'code-frequencies',
      noise: () => ({}),
      hyper: {},
      straightThrough: (name) => name.startsWith('encoder/') || name === book.names.codebook,
      maintenance: maintenance(config, book, (params, images) => continuous(params, images)),
      loss(params, batch) {
        const latent = continuous(params, batch.images);
        const q = book.quantize(params, latent);
        const mse = tf.mean(tf.square(tf.sub(picture(params, q.quantized), batch.target ?? batch.images)));
        const reconstruction = tf.div(mse, config.dataVariance);
        let loss = tf.add(reconstruction, tf.mul(config.commitment, q.commitmentLoss));
        if (config.codebook === 'gradient') loss = tf.add(loss, q.codebookLoss);
        return {
          loss,
          metrics: { mse, psnrDb: decibels(mse), commitment: q.commitmentLoss, perplexity: q.perplexity, codesUsed: q.usage },
          updates: q.updates,
        };
      },
      inspect(params, batch) {
        const latent = continuous(params, batch.images);
        const chosen = book.nearest(params, latent);
        const rows = book.lookup(params, chosen);
        const reconstruction = clipped(params, rows);
        const mse = tf.mean(tf.square(tf.sub(reconstruction, batch.target ?? batch.images)), [1, 2, 3]);
        const quantisationError = tf.mean(tf.reshape(tf.square(tf.sub(rows, latent)), [-1, cells * codeSize]), 1);
        return {
          reconstruction,
          latent: tf.reshape(latent, [-1, cells * codeSize]),
          codes: tf.reshape(chosen, [-1, cells]),
          items: { mse, quantisationError },
        };
      },
      encode: (params, images) => tf.reshape(continuous(params, images), [-1, cells * codeSize]),
      encodeCodes: (params, images) => tf.reshape(book.nearest(params, continuous(params, images)), [-1, cells]),
      decode(params, latent) {
        const rows = flat(latent);
        return clipped(params, book.lookup(params, book.nearest(params, rows)));
      },
      decodeCodes: (params, indices) => clipped(params, book.lookup(params, tf.reshape(indices, [-1]))),
    };
  },
});

function maintenance(config: Config, book: Quantizer, latent: (params: Params, images: tf.Tensor) => tf.Tensor): Maintenance {
  const { codes, codeSize } = config;
  const { names } = book;
  const ema = config.codebook === 'ema';
  const sums = (centres: Float32Array, counts: Float32Array) => centres.map((value, i) => value * counts[Math.floor(i / codeSize)]);
  return {
    params: ema ? [names.codebook, names.count, names.sum] : [names.codebook, names.count],
    every: config.reviveEvery,
    observe: (params, images) => ({ latent: latent(params, images) }),
    start(batches, rng) {
      if (!config.kmeansStart) return {};
      const points = sample(batches.map((b) => b.latent as Float32Array), codeSize, Math.max(4096, codes * 8), rng);
      const { centres, counts } = kmeans(points, codeSize, codes, 4, rng);
      // As after one batch: codes that the encoder leaves behind in its first, quick steps are then soon seen to be dead.
      const share = ((1 - config.decay) * batches[0].latent.length) / points.length;
      const count = counts.map((c) => Math.max(c, 0.1) * share);
      return { [names.codebook]: centres, [names.count]: count, ...(ema ? { [names.sum]: sums(centres, count) } : {}) };
    },
    step(observed, values, rng, { step, steps }): MaintenanceResult {
      const count = values[names.count].slice();
      const limit = (config.reviveBelow * count.reduce((a, b) => a + b, 0)) / codes;
      const dead = count.reduce((n, c) => n + (c < limit ? 1 : 0), 0);
      if (step > REVIVE_UNTIL * steps) return { values: {}, metrics: { deadCodes: dead } };
      const codebook = values[names.codebook].slice();
      const points = sample([observed.latent as Float32Array], codeSize, 2048, rng);
      const moved = reviveCodes(points, codebook, count, codeSize, rng, { threshold: config.reviveBelow });
      if (moved.length === 0) return { values: {}, metrics: { deadCodes: dead, revivedCodes: 0 } };
      const changed: Record<string, Float32Array> = { [names.codebook]: codebook, [names.count]: count };
      if (ema) {
        const sum = values[names.sum].slice();
        for (const c of moved) for (let j = 0; j < codeSize; j++) sum[c * codeSize + j] = codebook[c * codeSize + j] * count[c];
        changed[names.sum] = sum;
      }
      return { values: changed, metrics: { deadCodes: dead, revivedCodes: moved.length } };
    },
  };
}

/** At most `limit` rows of `d` numbers, drawn without order from all blocks. */
function sample(blocks: readonly Float32Array[], d: number, limit: number, rng: { shuffle(items: Int32Array): Int32Array }): Float32Array {
  const total = blocks.reduce((n, b) => n + b.length / d, 0);
  const order = rng.shuffle(Int32Array.from({ length: total }, (_, i) => i)).subarray(0, limit);
  const perBlock = blocks[0].length / d;
  const out = new Float32Array(order.length * d);
  order.forEach((row, i) => {
    const block = Math.floor(row / perBlock);
    const at = (row - block * perBlock) * d;
    out.set(blocks[block].subarray(at, at + d), i * d);
  });
  return out;
}

/** -10 log10(mse) for values in [0, 1]. */
const decibels = (mse: tf.Tensor): tf.Tensor => tf.mul(-10 / Math.LN10, tf.log(tf.add(mse, 1e-10)));
