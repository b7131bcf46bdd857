/** VQ-VAE (van den Oord, Vinyals and Kavukcuoglu 2017), with the encoder and decoder of section 4.1. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { AtelierError } from '../core/errors.ts';
import { field } from '../core/settings.ts';
import { conv, convTranspose } from '../nn/conv.ts';
import { fsq } from '../nn/fsq.ts';
import { stopGradient } from '../nn/gradients.ts';
import { sequential, type Layer, type Params } from '../nn/layer.ts';
import { residualQuantizer } from '../nn/residual-quantizer.ts';
import { relu, residualStack } from '../nn/residual.ts';
import { blendRows } from './blend.ts';
import { sharpened, sharpeningFields } from './sharpening.ts';
import { codebookCare } from './codebook-care.ts';
import type { Model } from './define.ts';
import { defineModel } from './family.ts';

export const vqSchema = z.object({
  hidden: field(z.number().int().min(8).max(1024).multipleOf(2).default(128), 'Width', 'Channels of the encoder and the decoder. More is sharper and slower.'),
  residualLayers: field(z.number().int().min(0).max(16).default(2), 'Residual layers', 'Residual blocks on each side.'),
  residualHidden: field(z.number().int().min(4).max(512).default(32), 'Residual width', 'Channels inside a residual block.'),
  stride: field(z.union([z.literal(2), z.literal(4), z.literal(8), z.literal(16)]).default(4), 'Stride', 'Pixels per code on each axis: 4 turns 64 px into a grid of 16 x 16 codes.'),
  codes: field(z.number().int().min(2).max(16384).default(512), 'Codes', 'Size K of the codebook: how many different marks a picture is written with.'),
  codeSize: field(z.number().int().min(1).max(512).default(64), 'Code length', 'Numbers D per code.'),
  commitment: field(z.number().min(0).max(10).default(0.25), 'Commitment', 'Weight beta that holds the encoder to its codes.'),
  quantizer: field(z.enum(['codebook', 'fsq']).default('codebook'), 'Quantizer', 'A learned codebook, or finite scalar quantisation: each of a few numbers is rounded, nothing can die, and the settings of the codebook do not matter.'),
  fsqLevels: field(z.array(z.number().int().min(2).max(64)).min(1).max(8).default([8, 5, 5, 5]), 'Rounding steps', 'With finite scalar quantisation: how many values each number can take; their product is the number of codes.'),
  levels: field(z.number().int().min(1).max(8).default(1), 'Residual levels', 'Codes per cell: each level describes what those before it left over. More is sharper, and more codes for a prior to learn.'),
  distance: field(z.enum(['euclidean', 'cosine']).default('euclidean'), 'Distance', 'How near a code is: by place, or by direction alone, which helps large codebooks.'),
  estimator: field(z.enum(['straight-through', 'rotation']).default('straight-through'), 'Gradient through codes', 'Passed on unchanged, or turned as the encoder\'s output is turned onto its code (the rotation trick), which keeps more codes in use.'),
  codebook: field(z.enum(['ema', 'gradient']).default('ema'), 'Codebook update', 'Moving averages of what each code stands for, or gradient descent.'),
  decay: field(z.number().min(0.5).max(0.9999).default(0.99), 'Average decay', 'How slowly the moving averages forget, per step.'),
  kmeansStart: field(z.boolean().default(true), 'Start from data', 'Take the first codes from the encoder\'s first outputs by k-means.'),
  reviveEvery: field(z.number().int().min(0).max(10000).default(20), 'Revive every', 'Steps between two looks for dead codes; 0 is never.'),
  reviveBelow: field(z.number().min(0).max(1).default(0.05), 'Dead below', 'A code used less than this fraction of the mean use is dead and moves to where pictures are badly represented.'),
  ...sharpeningFields,
  dataVariance: field(z.number().positive().max(1).default(0.06), 'Data variance', 'Variance of the pixels by which the reconstruction error is divided; balances it against the codebook terms.'),
});
type Config = z.output<typeof vqSchema>;

function encoder(config: Config, channels: number, codeSize: number): Layer {
  const { hidden, residualLayers, residualHidden } = config;
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

function decoder(config: Config, channels: number, codeSize: number): Layer {
  const { hidden, residualLayers, residualHidden } = config;
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
  schema: vqSchema,
  presets: [
    { id: 'paper', title: 'As in the paper', summary: 'Width 128, two residual layers, 512 codes of 64 numbers.', config: {} },
    { id: 'quick', title: 'Quick', summary: 'Half the width: about three times as fast, for pictures up to 64 px on a CPU.', config: { hidden: 64 }, training: { learningRate: 1e-3, batchSize: 16 } },
    { id: 'fsq', title: 'Rounded', summary: 'Finite scalar quantisation with 1000 codes: no codebook to look after.', config: { quantizer: 'fsq', hidden: 64 }, training: { learningRate: 1e-3, batchSize: 16 } },
    { id: 'residual', title: 'Two levels', summary: 'Two codes per cell, the second for what the first left over.', config: { levels: 2, hidden: 64, codes: 256 }, training: { learningRate: 1e-3, batchSize: 16 } },
    { id: 'crisp', title: 'With a critic', summary: 'Features of a trained network and a critic of patches beside pixels (VQGAN): crisper, less faithful, slower.', config: { hidden: 64, perceptual: 0.5, adversarial: 0.5 }, training: { learningRate: 1e-3, batchSize: 16 } },
    { id: 'compact', title: 'Compact', summary: 'Stride 8: a quarter of the codes, easier for a prior, softer pictures.', config: { hidden: 96, stride: 8 }, training: { learningRate: 6e-4 } },
  ],
  tiny: { hidden: 8, residualLayers: 1, residualHidden: 4, codes: 8, codeSize: 4, stride: 4, reviveEvery: 2 },
  build(config, input): Model {
    const { height, width, channels } = input;
    const { stride } = config;
    const rounded = config.quantizer === 'fsq';
    const codeSize = rounded ? config.fsqLevels.length : config.codeSize;
    if (height % stride !== 0 || width % stride !== 0) {
      throw new AtelierError('bad-input', `VQ-VAE: a ${width}x${height} picture does not divide into cells of ${stride} pixels.`, `Choose a stride that divides the size, or resize the data to a multiple of ${stride}.`);
    }
    const h = height / stride;
    const w = width / stride;
    const cells = h * w;
    const encode = encoder(config, channels, codeSize);
    const decode = decoder(config, channels, codeSize);
    const { codes, codebook: update, decay, distance, estimator, levels } = config;
    const learned = rounded ? undefined : residualQuantizer('quantizer', { codes, dimensions: codeSize, update, decay, distance, estimator }, levels);
    const q = learned ?? fsq('quantizer', config.fsqLevels, decay);
    const { alphabets } = q;
    const centre = (images: tf.Tensor) => tf.sub(images, 0.5);
    const flat = (grid: tf.Tensor) => tf.reshape(grid, [-1, codeSize]);
    const grid = (rows: tf.Tensor) => tf.reshape(rows, [-1, h, w, codeSize]);
    const picture = (params: Params, rows: tf.Tensor) => tf.add(decode.apply(params, grid(rows)), 0.5);
    const clipped = (params: Params, rows: tf.Tensor) => tf.clipByValue(picture(params, rows), 0, 1);
    const vectors = (params: Params, indices: tf.Tensor) => q.decode(params, tf.reshape(indices, [-1, alphabets]));
    const continuous = (params: Params, images: tf.Tensor) => flat(encode.apply(params, centre(images)));
    return sharpened(config, {
      input,
      latent: { kind: 'codes', size: cells * codeSize, height: h, width: w * alphabets, codes: q.codes, dimensions: codeSize, ...(alphabets > 1 ? { alphabets } : {}) },
      params: [...encode.params, ...q.params, ...decode.params],
      codeCounts: q.counts,
      prior: 'code-frequencies',
      noise: () => ({}),
      hyper: {},
      straightThrough: (name) => name.startsWith('encoder/') || name.startsWith('quantizer/'),
      maintenance: learned && codebookCare(config, learned, continuous),
      loss(params, batch) {
        const latent = continuous(params, batch.images);
        const found = q.quantize(params, latent);
        const output = picture(params, found.quantized);
        const target = batch.target ?? batch.images;
        const mse = tf.mean(tf.square(tf.sub(output, target)));
        const reconstruction = tf.mul(config.pixelWeight / config.dataVariance, mse);
        let loss: tf.Tensor = reconstruction;
        if (learned) loss = tf.add(loss, tf.mul(config.commitment, found.commitmentLoss));
        if (learned && update === 'gradient') loss = tf.add(loss, found.codebookLoss);
        return {
          loss,
          metrics: { mse, psnrDb: decibels(mse), ...(learned ? { commitment: found.commitmentLoss } : {}), perplexity: found.perplexity, codesUsed: found.usage },
          updates: found.updates,
          drawn: { output, picture: (out) => out, pull: () => tf.mul(2 / (output.size * config.dataVariance), tf.sub(stopGradient(output), target)), target },
        };
      },
      inspect(params, batch) {
        const latent = continuous(params, batch.images);
        const chosen = q.encode(params, latent);
        const rows = q.decode(params, chosen);
        const reconstruction = clipped(params, rows);
        const mse = tf.mean(tf.square(tf.sub(reconstruction, batch.target ?? batch.images)), [1, 2, 3]);
        const quantisationError = tf.mean(tf.reshape(tf.square(tf.sub(rows, q.prepare(latent))), [-1, cells * codeSize]), 1);
        return {
          reconstruction,
          latent: tf.reshape(latent, [-1, cells * codeSize]),
          codes: tf.reshape(chosen, [-1, cells * alphabets]),
          items: { mse, quantisationError },
        };
      },
      encode: (params, images) => tf.reshape(continuous(params, images), [-1, cells * codeSize]),
      encodeCodes: (params, images) => tf.reshape(q.encode(params, continuous(params, images)), [-1, cells * alphabets]),
      decode(params, latent) {
        return clipped(params, q.decode(params, q.encode(params, flat(latent))));
      },
      decodeCodes: (params, indices) => clipped(params, vectors(params, indices)),
      blendCodes: (params, from, to, share) => clipped(params, blendRows(vectors(params, from), vectors(params, to), share)),
    });
  },
});

/** -10 log10(mse) for values in [0, 1]. */
export const decibels = (mse: tf.Tensor): tf.Tensor => tf.mul(-10 / Math.LN10, tf.log(tf.add(mse, 1e-10)));
