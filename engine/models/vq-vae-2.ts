/** VQ-VAE-2 (Razavi, van den Oord and Vinyals 2019): grids of codes at two or three sizes, the finer ones told by the coarser. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { AtelierError } from '../core/errors.ts';
import { field } from '../core/settings.ts';
import { conv } from '../nn/conv.ts';
import type { Params } from '../nn/layer.ts';
import { residualQuantizer } from '../nn/residual-quantizer.ts';
import { blendRows } from './blend.ts';
import { careOfLevels, codebookCare } from './codebook-care.ts';
import type { GridSpec, Model } from './define.ts';
import { defineModel } from './family.ts';
import { gridsOf } from './grids.ts';
import { decibels, vqSchema } from './vq-vae.ts';
import { beside, downFromPixels, downOneLevel, upOneLevel, upToPixels } from './vq-vae-2-network.ts';

const { codes, codeSize, commitment, distance, estimator, codebook, decay, kmeansStart, reviveEvery, reviveBelow, dataVariance } = vqSchema.shape;
const schema = z.object({
  grids: field(z.union([z.literal(2), z.literal(3)]).default(2), 'Grids', 'Grids of codes: two, or three for large pictures. Each coarser one has half the side.'),
  stride: field(z.union([z.literal(2), z.literal(4), z.literal(8)]).default(4), 'Stride', 'Pixels per code of the finest grid on each axis: 4 turns 256 px into 64 x 64 codes, with 32 x 32 above them.'),
  hidden: field(z.number().int().min(8).max(1024).multipleOf(2).default(128), 'Width', 'Channels of the encoder and the decoder. More is sharper and slower.'),
  residualLayers: field(z.number().int().min(0).max(16).default(2), 'Residual layers', 'Residual blocks on each side of each level.'),
  residualHidden: field(z.number().int().min(4).max(512).default(32), 'Residual width', 'Channels inside a residual block.'),
  codes,
  codeSize: field(codeSize.unwrap().default(16), 'Code length', 'Numbers D per code.'),
  commitment, distance, estimator, codebook, decay, kmeansStart, reviveEvery, reviveBelow, dataVariance,
});

const NAMES = { 2: ['bottom', 'top'], 3: ['bottom', 'middle', 'top'] } as const;

export const vqVae2 = defineModel({
  kind: 'vq-vae-2',
  version: 1,
  title: 'VQ-VAE-2',
  summary: 'Writes a picture as grids of codes at two sizes or three, the coarse for what is where and the fine for detail; for pictures of 128 and 256 px.',
  latent: 'codes',
  schema,
  presets: [
    { id: 'paper', title: 'As in the paper', summary: 'Width 128, 512 codes of 64 numbers in each of two grids.', config: { codeSize: 64 } },
    { id: 'quick', title: 'Quick', summary: 'Half the width: for 128 or 256 px on a CPU.', config: { hidden: 64 }, training: { learningRate: 1e-3, batchSize: 8 } },
    { id: 'three', title: 'Three grids', summary: 'A third, still coarser grid, for 256 px and more.', config: { grids: 3, hidden: 64 }, training: { learningRate: 1e-3, batchSize: 8 } },
    { id: 'compact', title: 'Compact', summary: 'Stride 8: a quarter of the codes, easier for a prior, softer pictures.', config: { hidden: 64, stride: 8 }, training: { learningRate: 1e-3, batchSize: 8 } },
  ],
  tiny: { hidden: 8, residualLayers: 1, residualHidden: 4, codes: 8, codeSize: 4, stride: 2, reviveEvery: 2 },
  build(config, input): Model {
    const { height, width, channels } = input;
    const { stride, hidden, codes: k, codeSize: d } = config;
    const names = NAMES[config.grids];
    const n = names.length;
    const coarsest = stride * 2 ** (n - 1);
    if (height % coarsest !== 0 || width % coarsest !== 0) {
      throw new AtelierError('bad-input', `VQ-VAE-2: a ${width}x${height} picture does not divide into cells of ${coarsest} pixels, those of its coarsest grid.`, `Take fewer grids or a smaller stride, or resize the data to a multiple of ${coarsest}.`);
    }
    // Level 0 is the finest. Codes of an item are listed from the coarsest grid on.
    const levels = names.map((name, i) => {
      const told = i < n - 1 ? hidden / 2 : 0;
      return {
        name,
        side: { height: height / (stride << i), width: width / (stride << i) },
        features: i === 0 ? downFromPixels(`encoder/${name}`, config, channels, stride) : downOneLevel(`encoder/${name}`, config),
        project: conv(`encoder/${name}/out`, 2, hidden + told, d, { kernel: 1 }),
        quantizer: residualQuantizer(`quantizer/${name}`, { codes: k, dimensions: d, update: config.codebook, decay: config.decay, distance: config.distance, estimator: config.estimator }),
        tell: i > 0 ? upOneLevel(`tell/${name}`, config, d + told) : undefined,
      };
    });
    const decoder = upToPixels('decoder', config, d + hidden / 2, channels, stride);
    const grids: GridSpec[] = levels.map(({ name, side }, i) => ({ name, ...side, codes: k, first: (n - 1 - i) * k })).reverse();
    const cells = grids.reduce((sum, grid) => sum + grid.height * grid.width, 0);
    const latent = { kind: 'codes' as const, size: cells * d, height: 1, width: cells, codes: n * k, dimensions: d, grids };
    const placed = gridsOf(latent).reverse();

    type Choose<T> = (params: Params, level: number, points: tf.Tensor) => { rows: tf.Tensor; seen: T };
    const flat = (grid: tf.Tensor) => tf.reshape(grid, [-1, d]);
    const gridOf = (level: number, rows: tf.Tensor) => tf.reshape(rows, [-1, levels[level].side.height, levels[level].side.width, d]);
    /** What the grids at and above a level tell the next finer one. */
    const tell = (params: Params, level: number, rows: tf.Tensor, above?: tf.Tensor) => levels[level].tell?.apply(params, beside(gridOf(level, rows), above));
    /** From the coarsest level down: points of a level, their codes, what these tell. @returns what was seen, finest first */
    const walk = <T>(params: Params, images: tf.Tensor, choose: Choose<T>) => {
      const features: tf.Tensor[] = [];
      levels.forEach((level, i) => features.push(level.features.apply(params, i === 0 ? tf.sub(images, 0.5) : features[i - 1])));
      const seen = Array.from<{ points: tf.Tensor; rows: tf.Tensor; seen: T }>({ length: n });
      let told: tf.Tensor | undefined;
      for (let i = n - 1; i >= 0; i--) {
        const points = flat(levels[i].project.apply(params, beside(features[i], told)));
        const chosen = choose(params, i, points);
        seen[i] = { points, ...chosen };
        if (i > 0) told = tell(params, i, chosen.rows, told);
      }
      return { levels: seen, told: told! };
    };
    const paint = (params: Params, rows: tf.Tensor, told: tf.Tensor) => tf.add(decoder.apply(params, beside(gridOf(0, rows), told)), 0.5);
    const clip = (picture: tf.Tensor) => tf.clipByValue(picture, 0, 1);
    const nearest: Choose<tf.Tensor> = (params, level, points) => {
      const found = levels[level].quantizer.encode(params, points);
      return { rows: levels[level].quantizer.decode(params, found), seen: found };
    };
    /** Lists of each level as one list an item, the coarsest first. */
    const joined = (parts: tf.Tensor[], per: number) => tf.concat(placed.map(({ cells: c }, i) => tf.reshape(parts[i], [-1, c * per])).reverse(), 1);
    const numbered = (found: { seen: tf.Tensor }[]) => joined(found.map(({ seen }, i) => tf.add(seen, tf.scalar(placed[i].first, 'int32'))), 1);
    const partOf = (list: tf.Tensor, level: number, per: number) => tf.slice(list as tf.Tensor2D, [0, placed[level].at * per], [list.shape[0]!, placed[level].cells * per]);
    /** A code of another grid stands for its place in this one. */
    const vectors = (params: Params, level: number, part: tf.Tensor) => levels[level].quantizer.decode(params, tf.reshape(tf.mod(part, tf.scalar(k, 'int32')), [-1, 1]));
    /** Paints from what each level's part of a list stands for. */
    const fromList = (params: Params, list: tf.Tensor, per: number, rowsOf: (level: number, part: tf.Tensor) => tf.Tensor) => {
      let told: tf.Tensor | undefined;
      for (let i = n - 1; ; i--) {
        const rows = rowsOf(i, partOf(list, i, per));
        if (i === 0) return clip(paint(params, rows, told!));
        told = tell(params, i, rows, told);
      }
    };

    return {
      input,
      latent,
      params: [...levels.flatMap((level) => [...level.features.params, ...level.project.params, ...level.quantizer.params, ...(level.tell?.params ?? [])]), ...decoder.params],
      codeCounts: levels.flatMap((level) => level.quantizer.counts).reverse(),
      prior: 'code-frequencies',
      noise: () => ({}),
      hyper: {},
      straightThrough: (name) => !name.startsWith('decoder/'),
      maintenance: careOfLevels(Object.fromEntries(levels.map((level, i) => [level.name, codebookCare({ ...config, codes: k, codeSize: d }, level.quantizer, (params, images) => walk(params, images, nearest).levels[i].points)]))),
      loss(params, batch) {
        const { levels: found, told } = walk(params, batch.images, (all, level, points) => {
          const seen = levels[level].quantizer.quantize(all, points);
          return { rows: seen.quantized, seen };
        });
        const mse = tf.mean(tf.square(tf.sub(paint(params, found[0].rows, told), batch.target ?? batch.images)));
        const seen = found.map((level) => level.seen);
        const mean = (values: tf.Tensor[]) => tf.div(tf.addN(values), n);
        const held = mean(seen.map((level) => level.commitmentLoss));
        let loss: tf.Tensor = tf.add(tf.div(mse, config.dataVariance), tf.mul(config.commitment * n, held));
        if (config.codebook === 'gradient') loss = tf.add(loss, tf.addN(seen.map((level) => level.codebookLoss)));
        return {
          loss,
          metrics: {
            mse, psnrDb: decibels(mse), commitment: held, codesUsed: mean(seen.map((level) => level.usage)),
            ...Object.fromEntries(seen.map((level, i) => [`${names[i]}Perplexity`, level.perplexity])),
          },
          updates: Object.assign({}, ...seen.map((level) => level.updates)) as Record<string, tf.Tensor>,
        };
      },
      inspect(params, batch) {
        const { levels: found, told } = walk(params, batch.images, nearest);
        const reconstruction = clip(paint(params, found[0].rows, told));
        const errors = found.map(({ points, rows }, i) => tf.sum(tf.reshape(tf.square(tf.sub(rows, levels[i].quantizer.prepare(points))), [-1, placed[i].cells * d]), 1));
        return {
          reconstruction,
          latent: joined(found.map(({ points }) => points), d),
          codes: numbered(found),
          items: {
            mse: tf.mean(tf.square(tf.sub(reconstruction, batch.target ?? batch.images)), [1, 2, 3]),
            quantisationError: tf.div(tf.addN(errors), cells * d),
          },
        };
      },
      encode: (params, images) => joined(walk(params, images, nearest).levels.map(({ points }) => points), d),
      encodeCodes: (params, images) => numbered(walk(params, images, nearest).levels),
      decode: (params, list) => fromList(params, list, d, (level, part) => nearest(params, level, flat(part)).rows),
      decodeCodes: (params, list) => fromList(params, list, 1, (level, part) => vectors(params, level, part)),
      blendCodes: (params, from, to, share) => fromList(params, from, 1, (level, part) => blendRows(vectors(params, level, part), vectors(params, level, partOf(to, level, 1)), share)),
    };
  },
});
