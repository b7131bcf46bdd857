/**
 * VQ-VAE whose codes hold what is drawn and whose decoder is told how (van den Oord et al. 2017, section 4.3, there with speakers):
 * instance normalisation takes the style out of the encoder's features (Chou et al. 2019), what is left of it is chased by a classifier
 * with a reversed gradient, and the decoder is modulated by a vector of the style (FiLM).
 */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { AtelierError } from '../core/errors.ts';
import { field } from '../core/settings.ts';
import { conv, convTranspose } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import { stopGradient } from '../nn/gradients.ts';
import { lambda, normal, param, sequential, type Layer, type Params } from '../nn/layer.ts';
import { balanceGradient, frozen, hingeLoss, patchDiscriminator } from '../nn/patch-discriminator.ts';
import { residualQuantizer } from '../nn/residual-quantizer.ts';
import { relu, residualBlock } from '../nn/residual.ts';
import { rampUp } from '../nn/schedules.ts';
import { structuralSimilarity } from '../nn/structural-similarity.ts';
import { film, instanceNorm, reverseGradient } from '../nn/style.ts';
import { codebookCare } from './codebook-care.ts';
import type { Batch, ImageSpec, Model, NoiseSpec } from './define.ts';
import { defineModel } from './family.ts';
import { decibels } from './vq-vae.ts';

const schema = z.object({
  hidden: field(z.number().int().min(8).max(512).multipleOf(4).default(96), 'Width', 'Channels at the grid of codes; half as many at each doubling of the picture.'),
  residualLayers: field(z.number().int().min(0).max(16).default(2), 'Residual layers', 'Residual blocks on each side.'),
  stride: field(z.union([z.literal(4), z.literal(8), z.literal(16)]).default(8), 'Stride', 'Pixels per code on each axis. Large strides leave the drawing of details to the style.'),
  codes: field(z.number().int().min(2).max(16384).default(512), 'Codes', 'Size K of the codebook.'),
  codeSize: field(z.number().int().min(1).max(512).default(32), 'Code length', 'Numbers D per code.'),
  commitment: field(z.number().min(0).max(10).default(0.25), 'Commitment', 'Weight beta that holds the encoder to its codes.'),
  decay: field(z.number().min(0.5).max(0.9999).default(0.99), 'Average decay', 'How slowly the codebook\'s moving averages forget, per step.'),
  kmeansStart: field(z.boolean().default(true), 'Start from data', 'Take the first codes from the encoder\'s first outputs by k-means.'),
  reviveEvery: field(z.number().int().min(0).max(10000).default(20), 'Revive every', 'Steps between two looks for dead codes; 0 is never.'),
  reviveBelow: field(z.number().min(0).max(1).default(0.05), 'Dead below', 'A code used less than this fraction of the mean use is dead and moves to where pictures are badly represented.'),
  styleSize: field(z.number().int().min(1).max(256).default(16), 'Style length', 'Numbers that stand for a style, learned.'),
  styleDropout: field(z.number().min(0).max(0.9).default(0.05), 'Style dropout', 'Part of the pictures whose style training forgets, so that the model also draws without being told one.'),
  normalise: field(z.enum(['none', 'first', 'all']).default('first'), 'Normalise', 'After which convolutions of the encoder each channel is brought to mean 0 and variance 1: takes colour and contrast out of the codes.'),
  confusion: field(z.number().min(0).max(10).default(0.1), 'Confusion', 'How hard codes are kept from telling the style: weight of the reversed gradient of a classifier that tries to read it from them. 0: it only watches.'),
  pairs: field(z.boolean().default(false), 'Pairs', 'Where pictures of the same file name are in several styles, the decoder also learns to draw the one from the codes of the other.'),
  lookAlikes: field(z.boolean().default(false), 'Look-alikes', 'Where no names say what belongs together: pictures of two styles of which each is the other\'s nearest in looks are taken for pairs.'),
  adversarial: field(z.number().min(0).max(10).default(0), 'Critic', 'How much a critic of patches counts, which tells pictures that were put into another style from real ones of it; 0 is off. For sets without pairs.'),
  adversarialStart: field(z.number().min(0).max(1).default(0.2), 'Critic\'s start', 'Part of the training before the critic begins to count.'),
  content: field(z.number().min(0).max(10).default(1), 'Content', 'With a critic: weight of the wish that a picture put into another style still has the codes it was drawn from.'),
  structure: field(z.number().min(0).max(10).default(0), 'Structure', 'Weight of structural similarity (SSIM) beside the error of each pixel: edges stand where they belong. 0 is off.'),
  dataVariance: field(z.number().positive().max(1).default(0.06), 'Data variance', 'Variance of the pixels by which the reconstruction error is divided; balances it against the other terms.'),
});
type Config = z.output<typeof schema>;

/** Share of the classifier's own error in the loss; it learns as fast with any, since the optimizer rescales. */
const PROBE = 0.1;
/** Channels of the critic's first convolution. */
const CRITIC_WIDTH = 24;

const halvingsOf = (config: Config) => Math.log2(config.stride);
/** Channels after the picture was halved i times. */
const widthAt = (config: Config, i: number) => Math.max(4, config.hidden / 2 ** Math.max(0, halvingsOf(config) - i));

function encoder(config: Config, channels: number): Layer {
  const { hidden, residualLayers, normalise } = config;
  const layers: Layer[] = [];
  for (let i = 1; i <= halvingsOf(config); i++) {
    const normalised = normalise === 'all' || (normalise === 'first' && i === 1);
    // A bias before a normalisation would do nothing.
    layers.push(conv(`encoder/down/${i}`, 2, i === 1 ? channels : widthAt(config, i - 1), widthAt(config, i), { kernel: 4, stride: 2, before: 'relu', bias: !normalised }));
    if (normalised) layers.push(lambda((x) => instanceNorm(x)));
    layers.push(relu);
  }
  return sequential(
    ...layers,
    ...Array.from({ length: residualLayers }, (_, i) => residualBlock(`encoder/residual/${i}`, 2, hidden, hidden / 2)),
    relu,
    conv('encoder/out', 2, hidden, config.codeSize, { kernel: 1 }),
  );
}

/** Codes `[B, h, w, D]` and a style `[B, E]` to a picture less one half. */
function decoder(config: Config, channels: number) {
  const { hidden, residualLayers, styleSize, codeSize } = config;
  const mix = conv('decoder/mix', 2, codeSize, hidden, { kernel: 3, before: 'relu' });
  const blocks = Array.from({ length: residualLayers }, (_, i) => ({
    film: film(`decoder/residual/${i}/film`, styleSize, hidden),
    block: residualBlock(`decoder/residual/${i}`, 2, hidden, hidden / 2),
  }));
  const ups = Array.from({ length: halvingsOf(config) - 1 }, (_, n) => {
    const i = halvingsOf(config) - n;
    const [from, to] = [widthAt(config, i), widthAt(config, i - 1)];
    return { film: film(`decoder/up/${i}/film`, styleSize, from), up: convTranspose(`decoder/up/${i}`, 2, from, to, { kernel: 4, stride: 2, before: 'relu' }) };
  });
  const lastWidth = widthAt(config, 1);
  const lastFilm = film('decoder/out/film', styleSize, lastWidth);
  const last = convTranspose('decoder/out', 2, lastWidth, channels, { kernel: 4, stride: 2 });
  return {
    params: [...mix.params, ...blocks.flatMap((b) => [...b.film.params, ...b.block.params]), ...ups.flatMap((u) => [...u.film.params, ...u.up.params]), ...lastFilm.params, ...last.params],
    apply(params: Params, codes: tf.Tensor, style: tf.Tensor): tf.Tensor {
      let x = mix.apply(params, codes);
      for (const { film: modulate, block } of blocks) x = block.apply(params, modulate.apply(params, x, style));
      for (const { film: modulate, up } of ups) x = up.apply(params, tf.relu(modulate.apply(params, x, style)));
      return last.apply(params, tf.relu(lastFilm.apply(params, x, style)));
    },
  };
}

export const styleVqVae = defineModel({
  kind: 'style-vq-vae',
  version: 1,
  title: 'Style VQ-VAE',
  summary: 'Keeps what is drawn in codes and how it is drawn in a style: any picture can be drawn again in the style of a folder, or in a mixture of several.',
  latent: 'codes',
  conditional: true,
  restyles: true,
  schema,
  presets: [
    { id: 'unpaired', title: 'Folders of styles', summary: 'One folder a style, pictures of anything: look-alikes teach what becomes what, and a critic what a style looks like.', config: { lookAlikes: true, structure: 1, adversarial: 0.2, content: 0.3 }, training: { learningRate: 1e-3, batchSize: 16 } },
    { id: 'pairs', title: 'Pairs', summary: 'Folders with the same file names: the decoder learns from each picture what it is in the other styles.', config: { pairs: true, structure: 1 }, training: { learningRate: 1e-3, batchSize: 16 } },
    { id: 'plain', title: 'No critic', summary: 'Only reconstruction: quickest, styles differ in colour and stroke.', config: {}, training: { learningRate: 1e-3, batchSize: 16 } },
  ],
  tiny: { hidden: 16, residualLayers: 1, stride: 4, codes: 8, codeSize: 4, styleSize: 4, reviveEvery: 2, normalise: 'first' },
  build,
});

function build(config: Config, input: ImageSpec): Model {
  const { height, width, channels, classes } = input;
  const { stride, codes, codeSize, pairs, lookAlikes, adversarial } = config;
  if (classes < 1) throw new AtelierError('bad-input', 'A style VQ-VAE needs styles, and this set has no classes.', 'Sort the pictures into one folder a style and import them again.');
  if (height % stride !== 0 || width % stride !== 0) {
    throw new AtelierError('bad-input', `Style VQ-VAE: a ${width}x${height} picture does not divide into cells of ${stride} pixels.`, `Choose a stride that divides the size, or resize the data to a multiple of ${stride}.`);
  }
  const h = height / stride;
  const w = width / stride;
  const cells = h * w;
  const encode = encoder(config, channels);
  const decode = decoder(config, channels);
  const q = residualQuantizer('quantizer', { codes, dimensions: codeSize, update: 'ema', decay: config.decay }, 1);
  const table = param('style/table', [classes + 1, config.styleSize], normal(1));
  const probe = sequential(
    conv('probe/mix', 2, codeSize, 64, { kernel: 3, before: 'relu' }),
    relu,
    lambda((x) => tf.mean(x, [1, 2])),
    dense('probe/out', 64, classes),
  );
  const critic = adversarial > 0 ? patchDiscriminator('critic', { channels, width: CRITIC_WIDTH, halvings: 2, classes }) : undefined;

  const flat = (grid: tf.Tensor) => tf.reshape(grid, [-1, codeSize]);
  const grid = (rows: tf.Tensor) => tf.reshape(rows, [-1, h, w, codeSize]);
  const continuous = (params: Params, images: tf.Tensor) => flat(encode.apply(params, tf.sub(images, 0.5)));
  /** Labels as weights; row 0 is the style that nobody named. `[B, S + 1]` */
  const oneHot = (labels: tf.Tensor) => tf.oneHot(tf.add(labels, tf.scalar(1, 'int32')) as tf.Tensor1D, classes + 1, 1, 0, 'float32');
  /** Any style but its own; where its own is unknown, any. @param at uniform in [0, 1) */
  const elsewhere = (labels: tf.Tensor, at: tf.Tensor) => {
    const shift = tf.add(tf.cast(tf.floor(tf.mul(at, Math.max(1, classes - 1))), 'int32'), tf.scalar(1, 'int32'));
    return tf.mod(tf.add(tf.maximum(labels, tf.scalar(0, 'int32')), shift), tf.scalar(classes, 'int32'));
  };
  const classesOf = (labels: tf.Tensor) => tf.oneHot(labels as tf.Tensor1D, classes, 1, 0, 'float32');
  const picture = (params: Params, rows: tf.Tensor, weights: tf.Tensor) =>
    tf.add(decode.apply(params, grid(rows), tf.matMul(weights as tf.Tensor2D, params['style/table'] as tf.Tensor2D)), 0.5);
  const clipped = (params: Params, rows: tf.Tensor, weights: tf.Tensor) => tf.clipByValue(picture(params, rows, weights), 0, 1);
  const unnamed = (n: number) => tf.oneHot(tf.zeros([n], 'int32') as tf.Tensor1D, classes + 1, 1, 0, 'float32');
  const weightsOf = (labels: tf.Tensor | undefined, n: number) => (labels ? oneHot(labels) : unnamed(n));
  const lookUp = (params: Params, indices: tf.Tensor) => q.decode(params, tf.reshape(indices, [-1, 1]));

  return {
    input,
    latent: { kind: 'codes', size: cells * codeSize, height: h, width: w, codes, dimensions: codeSize },
    params: [...encode.params, ...q.params, table, ...decode.params, ...probe.params, ...(critic?.params ?? [])],
    codeCounts: q.counts,
    prior: 'code-frequencies',
    usesLabels: true,
    ...(pairs ? { usesPartners: 'names' as const } : lookAlikes ? { usesPartners: 'looks' as const } : {}),
    noise: (batch): Record<string, NoiseSpec> => ({
      ...(config.styleDropout > 0 ? { forget: { shape: [batch], kind: 'uniform' } } : {}),
      ...(critic ? { other: { shape: [batch], kind: 'uniform' } } : {}),
    }),
    hyper: {
      confusion: ({ step, steps }) => config.confusion * rampUp(step, 0.3 * steps),
      ...(critic ? { critic: ({ step, steps }: { step: number; steps: number }) => (step >= config.adversarialStart * steps ? adversarial * rampUp(step - config.adversarialStart * steps, 0.1 * steps) : 0) } : {}),
    },
    straightThrough: (name) => name.startsWith('encoder/') || name.startsWith('quantizer/') || (critic !== undefined && !name.startsWith('probe/')),
    maintenance: codebookCare({ ...config, codebook: 'ema', distance: 'euclidean' }, q, continuous),
    loss(params, batch, noise, hyper) {
      const { images } = batch;
      const n = images.shape[0];
      const labels = batch.labels!;
      const target = batch.target ?? images;
      const found = q.quantize(params, continuous(params, images));
      const rows = found.quantized;
      const kept = noise.forget ? tf.cast(tf.greaterEqual(noise.forget, config.styleDropout), 'int32') : undefined;
      // -1 is the style that nobody named.
      const told = oneHot(kept ? tf.sub(tf.mul(tf.add(labels, tf.scalar(1, 'int32')), kept), tf.scalar(1, 'int32')) : labels);
      const own = picture(params, rows, told);
      const mse = tf.mean(tf.square(tf.sub(own, target)));
      let error = tf.div(mse, config.dataVariance);
      const unlike = (drawn: tf.Tensor, wanted: tf.Tensor) => tf.mul(config.structure, tf.sub(1, structuralSimilarity(drawn, wanted)));
      if (config.structure > 0) error = tf.add(error, unlike(own, target));
      const metrics: Record<string, tf.Tensor> = { mse, psnrDb: decibels(mse) };
      /** Drawn in another style. */
      let moved: { drawn: tf.Tensor; labels: tf.Tensor } | undefined;
      if (batch.partners) {
        const { partners } = batch;
        const has = tf.cast(tf.notEqual(partners.labels, labels), 'float32');
        // What has no partner is drawn in any other style, where there is a critic to judge it; else once more in its own.
        const into = critic ? tf.where(tf.notEqual(partners.labels, labels), partners.labels, elsewhere(labels, noise.other)) : partners.labels;
        const drawn = picture(params, rows, oneHot(into));
        moved = { drawn, labels: into };
        // Where there is nothing to compare with, it is compared with itself: nothing is wanted of it.
        const wanted = critic ? tf.where(tf.tile(tf.reshape(tf.cast(has, 'bool'), [n, 1, 1, 1]), [1, height, width, channels]), partners.images, stopGradient(drawn)) : partners.images;
        const apart = tf.mean(tf.square(tf.sub(drawn, wanted)));
        metrics.pairPsnrDb = critic ? decibels(tf.div(tf.mul(apart, n), tf.maximum(tf.sum(has), 1))) : decibels(apart);
        error = tf.add(error, tf.div(apart, config.dataVariance));
        if (config.structure > 0) error = tf.add(error, unlike(drawn, wanted));
      }
      let loss = tf.add(error, tf.mul(config.commitment, found.commitmentLoss));

      const known = tf.cast(tf.greaterEqual(labels, 0), 'float32');
      const logits = probe.apply(params, reverseGradient(grid(rows), tf.div(hyper.confusion, PROBE)));
      const mistakes = tf.neg(tf.sum(tf.mul(classesOf(labels), tf.logSoftmax(logits)), 1));
      const counted = tf.maximum(tf.sum(known), 1);
      loss = tf.add(loss, tf.mul(PROBE, tf.div(tf.sum(tf.mul(mistakes, known)), counted)));
      metrics.styleLeak = tf.div(tf.sum(tf.mul(right(logits, labels), known)), counted);

      if (critic) {
        const { drawn, labels: other } = moved ?? (() => {
          const into = elsewhere(labels, noise.other);
          return { drawn: picture(params, rows, oneHot(into)), labels: into };
        })();
        const still = frozen(params);
        const towards = classesOf(other);
        const pull = tf.mul(2 / (own.size * config.dataVariance), tf.sub(stopGradient(own), target));
        const verdict = tf.neg(tf.mean(critic.score(still, balanceGradient(drawn, pull, hyper.critic), towards)));
        const fake = critic.score(params, stopGradient(drawn), towards);
        const real = critic.score(params, images, tf.mul(classesOf(labels), tf.reshape(known, [n, 1])));
        const judged = hingeLoss(real, fake);
        const strayed = tf.mean(tf.square(tf.sub(continuous(still, drawn), stopGradient(rows))));
        const on = tf.cast(tf.greater(hyper.critic, 0), 'float32');
        loss = tf.add(loss, tf.add(tf.add(verdict, judged), tf.mul(tf.mul(config.content, on), strayed)));
        Object.assign(metrics, { criticLoss: judged, strayed });
      }
      return { loss, metrics: { ...metrics, commitment: found.commitmentLoss, perplexity: found.perplexity, codesUsed: found.usage }, updates: found.updates };
    },
    inspect(params, batch: Batch) {
      const latent = continuous(params, batch.images);
      const chosen = q.encode(params, latent);
      const rows = q.decode(params, chosen);
      const n = batch.images.shape[0];
      const reconstruction = clipped(params, rows, weightsOf(batch.labels, n));
      const mse = tf.mean(tf.square(tf.sub(reconstruction, batch.target ?? batch.images)), [1, 2, 3]);
      const quantisationError = tf.mean(tf.reshape(tf.square(tf.sub(rows, latent)), [-1, cells * codeSize]), 1);
      const styleLeak = batch.labels ? right(probe.apply(params, grid(rows)), batch.labels) : tf.zeros([n]);
      return {
        reconstruction,
        latent: tf.reshape(latent, [-1, cells * codeSize]),
        codes: tf.reshape(chosen, [-1, cells]),
        items: { mse, quantisationError, styleLeak },
      };
    },
    encode: (params, images) => tf.reshape(continuous(params, images), [-1, cells * codeSize]),
    encodeCodes: (params, images) => tf.reshape(q.encode(params, continuous(params, images)), [-1, cells]),
    decode: (params, latent, labels) => clipped(params, q.decode(params, q.encode(params, flat(latent))), weightsOf(labels, latent.shape[0])),
    decodeCodes: (params, indices, labels) => clipped(params, lookUp(params, indices), weightsOf(labels, indices.shape[0])),
    restyle: (params, indices, styles) => clipped(params, lookUp(params, indices), tf.concat([tf.zeros([styles.shape[0], 1]), styles], 1)),
  };
}

/** 1 where the likeliest class is the label. `[B]` */
const right = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor => tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32');
