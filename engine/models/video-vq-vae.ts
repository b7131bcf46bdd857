/** VQ-VAE over clips: a block of codes over time and space (van den Oord et al. 2017, section 4.4; as encoder Yan et al. 2021, section 3.1). */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { AtelierError } from '../core/errors.ts';
import { field } from '../core/settings.ts';
import { conv, convTranspose } from '../nn/conv.ts';
import { lambda, sequential, type Layer, type Params } from '../nn/layer.ts';
import { residualQuantizer } from '../nn/residual-quantizer.ts';
import { relu, residualStack } from '../nn/residual.ts';
import { codebookCare } from './codebook-care.ts';
import type { ImageSpec, Model } from './define.ts';
import { defineModel } from './family.ts';
import { decibels } from './vq-vae.ts';

const schema = z.object({
  hidden: field(z.number().int().min(8).max(512).multipleOf(2).default(64), 'Width', 'Channels of the encoder and the decoder. More is sharper and slower.'),
  residualLayers: field(z.number().int().min(0).max(16).default(1), 'Residual layers', 'Residual blocks over time and space, on each side.'),
  residualHidden: field(z.number().int().min(4).max(512).default(32), 'Residual width', 'Channels inside a residual block.'),
  stride: field(z.union([z.literal(2), z.literal(4), z.literal(8), z.literal(16)]).default(4), 'Stride', 'Pixels per code across and down.'),
  timeStride: field(z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]).default(2), 'Time stride', 'Frames per code.'),
  codes: field(z.number().int().min(2).max(16384).default(512), 'Codes', 'Size K of the codebook.'),
  codeSize: field(z.number().int().min(1).max(512).default(64), 'Code length', 'Numbers D per code.'),
  commitment: field(z.number().min(0).max(10).default(0.25), 'Commitment', 'Weight beta that holds the encoder to its codes.'),
  decay: field(z.number().min(0.5).max(0.9999).default(0.99), 'Average decay', 'How slowly the codebook\'s moving averages forget, per step.'),
  kmeansStart: field(z.boolean().default(true), 'Start from data', 'Take the first codes from the encoder\'s first outputs by k-means.'),
  reviveEvery: field(z.number().int().min(0).max(10000).default(20), 'Revive every', 'Steps between two looks for dead codes; 0 is never.'),
  reviveBelow: field(z.number().min(0).max(1).default(0.05), 'Dead below', 'A code used less than this fraction of the mean use is dead and moves to where clips are badly represented.'),
  dataVariance: field(z.number().positive().max(1).default(0.06), 'Data variance', 'Variance of the pixels by which the reconstruction error is divided; balances it against the codebook terms.'),
  frames: field(z.number().int().min(0).max(256).default(0), 'Frames', 'Frames of a clip; 0 takes what the data says.'),
});
type Config = z.output<typeof schema>;

/** Axes of one halving: those of time come last, at the smallest pictures. */
interface Halving {
  /** Whether time is halved too. */
  time: boolean;
  from: number;
  to: number;
}

function halvingsOf({ stride, timeStride, hidden }: Config, channels: number): Halving[] {
  const space = Math.log2(stride);
  const time = Math.log2(timeStride);
  return Array.from({ length: space }, (_, i) => ({ time: i >= space - time, from: i === 0 ? channels : i === 1 ? hidden / 2 : hidden, to: i === 0 && space > 1 ? hidden / 2 : hidden }));
}

/** A layer of pictures applied to each frame: `[B, T, H, W, C]` -> `[B, T, h, w, c]`. */
function perFrame(layer: Layer): Layer {
  return {
    params: layer.params,
    apply(params, x) {
      const [, frames, height, width, channels] = x.shape;
      const y = layer.apply(params, tf.reshape(x, [-1, height!, width!, channels!]));
      return tf.reshape(y, [-1, frames!, ...y.shape.slice(1)]);
    },
  };
}

function encoder(config: Config, channels: number): Layer {
  const down = halvingsOf(config, channels).flatMap(({ time, from, to }, i) => {
    const options = { kernel: 4, stride: 2, before: 'relu' as const };
    return [time ? conv(`encoder/down/${i}`, 3, from, to, options) : perFrame(conv(`encoder/down/${i}`, 2, from, to, options)), relu];
  });
  return sequential(
    ...down,
    conv('encoder/mix', 3, config.hidden, config.hidden, { kernel: 3, before: 'relu' }),
    residualStack('encoder/residual', 3, config.hidden, config.residualHidden, config.residualLayers),
    conv('encoder/out', 3, config.hidden, config.codeSize, { kernel: 1 }),
  );
}

function decoder(config: Config, channels: number): Layer {
  const halvings = halvingsOf(config, channels);
  const up = halvings.map(({ time, from, to }, i) => {
    const options = { kernel: 4, stride: 2, before: i === 0 ? ('linear' as const) : ('relu' as const) };
    return [time ? convTranspose(`decoder/up/${i}`, 3, to, from, options) : perFrame(convTranspose(`decoder/up/${i}`, 2, to, from, options)), ...(i > 0 ? [relu] : [])];
  });
  return sequential(
    conv('decoder/mix', 3, config.codeSize, config.hidden, { kernel: 3, before: 'relu' }),
    residualStack('decoder/residual', 3, config.hidden, config.residualHidden, config.residualLayers),
    ...up.reverse().flat(),
    lambda((x) => tf.add(x, 0.5)),
  );
}

export const videoVqVae = defineModel({
  kind: 'video-vq-vae',
  version: 1,
  title: 'Video VQ-VAE',
  summary: 'Writes a short clip as a block of codes over time and space; clips come back as films.',
  latent: 'codes',
  schema,
  presets: [
    { id: 'quick', title: 'Quick', summary: 'Four pixels and two frames per code, for clips of 16 frames at 64 px on a CPU.', config: {}, training: { learningRate: 1e-3, batchSize: 4 } },
    { id: 'long', title: 'Longer codes', summary: 'Four frames per code: half the codes, for slow movement.', config: { timeStride: 4 }, training: { learningRate: 1e-3, batchSize: 4 } },
  ],
  tiny: { hidden: 8, residualLayers: 1, residualHidden: 4, codes: 8, codeSize: 4, stride: 2, timeStride: 2, reviveEvery: 2, frames: 2 },
  build,
});

/** Pictures are strips of frames, one below another: `[B, T * H, W, C]`. */
function build(config: Config, input: ImageSpec): Model {
  const { width, channels } = input;
  const frames = config.frames || (input.frames ?? 1);
  const { stride, timeStride, codes, codeSize } = config;
  if (frames < 2) throw new AtelierError('bad-input', 'A video VQ-VAE needs clips, and this set has still pictures: one frame each.', 'Import a folder of animations, or of folders of frames, with a number of frames: atelier data import <folder> --frames 16.');
  if (timeStride > stride) throw new AtelierError('bad-input', `Time is halved only where pictures are: a time stride of ${timeStride} does not go with a stride of ${stride}.`, 'Raise the stride or lower the time stride.');
  const height = input.height / frames;
  if (height % stride !== 0 || width % stride !== 0 || frames % timeStride !== 0) {
    throw new AtelierError('bad-input', `Video VQ-VAE: clips of ${frames} frames of ${width}x${height} pixels do not divide into blocks of ${timeStride} frames and ${stride} pixels.`, 'Choose strides that divide the clip, or import it with another size or number of frames.');
  }
  const [t, h, w] = [frames / timeStride, height / stride, width / stride];
  const cells = t * h * w;
  const encode = encoder(config, channels);
  const decode = decoder(config, channels);
  const q = residualQuantizer('quantizer', { codes, dimensions: codeSize, update: 'ema', decay: config.decay }, 1);
  const flat = (block: tf.Tensor) => tf.reshape(block, [-1, codeSize]);
  const clip = (images: tf.Tensor) => tf.sub(tf.reshape(images, [-1, frames, height, width, channels]), 0.5);
  const continuous = (params: Params, images: tf.Tensor) => flat(encode.apply(params, clip(images)));
  const strip = (params: Params, rows: tf.Tensor) => tf.reshape(decode.apply(params, tf.reshape(rows, [-1, t, h, w, codeSize])), [-1, frames * height, width, channels]);
  const clipped = (params: Params, rows: tf.Tensor) => tf.clipByValue(strip(params, rows), 0, 1);
  return {
    input,
    // A prior sees the moments one below another, as the frames are.
    latent: { kind: 'codes', size: cells * codeSize, height: t * h, width: w, codes, dimensions: codeSize },
    params: [...encode.params, ...q.params, ...decode.params],
    codeCounts: q.counts,
    prior: 'code-frequencies',
    noise: () => ({}),
    hyper: {},
    straightThrough: (name) => name.startsWith('encoder/') || name.startsWith('quantizer/'),
    maintenance: codebookCare({ ...config, codebook: 'ema', distance: 'euclidean' }, q, continuous),
    loss(params, batch) {
      const found = q.quantize(params, continuous(params, batch.images));
      const mse = tf.mean(tf.square(tf.sub(strip(params, found.quantized), batch.target ?? batch.images)));
      return {
        loss: tf.add(tf.div(mse, config.dataVariance), tf.mul(config.commitment, found.commitmentLoss)),
        metrics: { mse, psnrDb: decibels(mse), commitment: found.commitmentLoss, perplexity: found.perplexity, codesUsed: found.usage },
        updates: found.updates,
      };
    },
    inspect(params, batch) {
      const latent = continuous(params, batch.images);
      const chosen = q.encode(params, latent);
      const rows = q.decode(params, chosen);
      const reconstruction = clipped(params, rows);
      return {
        reconstruction,
        latent: tf.reshape(latent, [-1, cells * codeSize]),
        codes: tf.reshape(chosen, [-1, cells]),
        items: {
          mse: tf.mean(tf.square(tf.sub(reconstruction, batch.target ?? batch.images)), [1, 2, 3]),
          quantisationError: tf.mean(tf.reshape(tf.square(tf.sub(rows, latent)), [-1, cells * codeSize]), 1),
        },
      };
    },
    encode: (params, images) => tf.reshape(continuous(params, images), [-1, cells * codeSize]),
    encodeCodes: (params, images) => tf.reshape(q.encode(params, continuous(params, images)), [-1, cells]),
    decode: (params, latent) => clipped(params, q.decode(params, q.encode(params, flat(latent)))),
    decodeCodes: (params, indices) => clipped(params, q.decode(params, tf.reshape(indices, [-1, 1]))),
  };
}
