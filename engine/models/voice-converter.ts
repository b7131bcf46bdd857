/**
 * VQ-VAE voice conversion (van den Oord et al. 2017, section 4.3) on log-mel spectra: codes of what is said at half the frame rate, and a
 * decoder told who is to say it and with which melody.
 */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { FRAME_RATE_HZ, MEL_BINS } from '../core/analysis.ts';
import { AtelierError } from '../core/errors.ts';
import { field, parseSettings } from '../core/settings.ts';
import { dense } from '../nn/dense.ts';
import { embedding } from '../nn/embedding.ts';
import { stopGradient } from '../nn/gradients.ts';
import { sequential, type Params } from '../nn/layer.ts';
import { relu } from '../nn/residual.ts';
import { residualQuantizer } from '../nn/residual-quantizer.ts';
import type { ImageSpec, Trainable } from '../nn/trainable.ts';
import { codebookCare } from './codebook-care.ts';
import { voiceDecoder } from './voice-decoder.ts';
import { voiceEncoder } from './voice-encoder.ts';
import { FRAME_COLUMNS, PROSODY_COLUMNS } from './voice-frames.ts';
import type { VoiceFamily } from './voices.ts';

const schema = z.object({
  hidden: field(z.number().int().min(8).max(1024).multipleOf(2).default(192), 'Width', 'Channels of the encoder and the decoder. More is clearer and slower.'),
  encoderLayers: field(z.number().int().min(0).max(12).default(3), 'Encoder layers', 'Residual blocks that look for what is said.'),
  decoderLayers: field(z.number().int().min(1).max(16).default(4), 'Decoder layers', 'Residual blocks that say it in a voice.'),
  codes: field(z.number().int().min(8).max(4096).default(512), 'Codes', 'Size K of the codebook: how many different sounds speech is written with. Fewer carry less of the voice, and less of the words.'),
  codeSize: field(z.number().int().min(2).max(256).default(64), 'Code length', 'Numbers D per code.'),
  levels: field(z.number().int().min(1).max(4).default(1), 'Residual levels', 'Codes at each moment: a second describes what the first left over. Clearer words, but more of the voice may pass.'),
  commitment: field(z.number().min(0).max(10).default(0.25), 'Commitment', 'Weight beta that holds the encoder to its codes.'),
  jitter: field(z.number().min(0).max(0.4).default(0.05), 'Time jitter', 'Part of the codes that training replaces with a neighbour, so that each stands for a longer stretch.'),
  spread: field(z.number().min(0).max(1).default(0.25), 'Stretch', 'Octaves up and down by which training stretches the frequencies of what the encoder hears, so that it does not tell voices apart.'),
  speakerSize: field(z.number().int().min(2).max(512).default(64), 'Voice length', 'Numbers that describe a voice.'),
  decay: field(z.number().min(0.5).max(0.9999).default(0.99), 'Average decay', 'How slowly the averages behind the codebook forget, per step.'),
  reviveEvery: field(z.number().int().min(0).max(10000).default(20), 'Revive every', 'Steps between two looks for dead codes; 0 is never.'),
  reviveBelow: field(z.number().min(0).max(1).default(0.05), 'Dead below', 'A code used less than this fraction of the mean use is dead and moves to where speech is badly represented.'),
});
export type ConverterConfig = z.output<typeof schema>;

export interface Converter extends Trainable {
  readonly config: ConverterConfig;
  /** Codes a second, and what they carry at most. */
  readonly codesPerSec: number;
  readonly bitsPerSec: number;
  /** K, of all levels together. */
  readonly codes: number;
  /** Codes at each moment. */
  readonly levels: number;
  readonly codeCounts: readonly string[];
  /** @param mel log-mel `[B, T, MEL_BINS]`, T even @returns int32 `[B, T / 2 * levels]` */
  encode(params: Params, mel: tf.Tensor): tf.Tensor;
  /**
   * @param codes int32 `[B, T / 2 * levels]`
   * @param prosody `[B, T, PROSODY_COLUMNS]`
   * @param speaker `[B, speakerSize]`
   * @returns log-mel `[B, T, MEL_BINS]`
   */
  decode(params: Params, codes: tf.Tensor, prosody: tf.Tensor, speaker: tf.Tensor): tf.Tensor;
  /** A voice from a recording of it. @param mel `[B, T, MEL_BINS]`, any T @param prosody `[B, T, PROSODY_COLUMNS]` @returns `[B, speakerSize]` */
  listen(params: Params, mel: tf.Tensor, prosody: tf.Tensor): tf.Tensor;
  /** Name of the table of trained voices, `[S, speakerSize]`. */
  readonly table: string;
}

export const voiceConverter: Omit<VoiceFamily<ConverterConfig>, 'build'> & { build(config: ConverterConfig, input: ImageSpec): Converter } = {
  kind: 'voice-converter',
  version: 1,
  title: 'Voice converter',
  summary: 'Writes speech as codes of what is said and reads them aloud in another voice, with the melody of the original.',
  schema,
  defaults: schema.parse({}),
  presets: [
    { id: 'standard', title: 'Standard', summary: '512 codes, 43 a second; for 10 to 100 minutes of recordings.', config: {}, training: { learningRate: 1.2e-3, batchSize: 6, warmupSteps: 100 } },
    { id: 'quick', title: 'Quick', summary: 'Two thirds of the width: about twice as fast.', config: { hidden: 128, decoderLayers: 3 }, training: { learningRate: 1.5e-3, batchSize: 6, warmupSteps: 50 } },
    { id: 'clear', title: 'Clear', summary: 'Two codes at each moment: clearer words, a little more of the source\'s voice.', config: { levels: 2, codes: 256 }, training: { learningRate: 1.2e-3, batchSize: 6, warmupSteps: 100 } },
  ],
  tiny: { hidden: 8, encoderLayers: 1, decoderLayers: 1, codes: 8, codeSize: 4, speakerSize: 4, reviveEvery: 2 },
  parse: (config) => parseSettings('Voice converter', schema, config),
  build,
};

/** @param input height is frames in a window, width `FRAME_COLUMNS`, classes the speakers */
function build(config: ConverterConfig, input: ImageSpec): Converter {
  const { codeSize, hidden, levels, speakerSize } = config;
  const { height: frames, width, classes: speakers } = input;
  if (width !== FRAME_COLUMNS || frames % 2 !== 0) throw new AtelierError('bad-input', `Voice converter: windows of ${frames} x ${width} numbers; an even number of frames of ${FRAME_COLUMNS} is needed.`, 'Prepare the recordings again.');
  if (speakers < 1) throw new AtelierError('bad-input', 'Voice converter: there is no speaker.', 'Give one folder of recordings per speaker.');
  const encoder = voiceEncoder({ hidden, layers: config.encoderLayers, codeSize, spread: config.spread });
  const decoder = voiceDecoder({ hidden, layers: config.decoderLayers, codeSize, speakerSize });
  const q = residualQuantizer('quantizer', { codes: config.codes, dimensions: codeSize, update: 'ema', decay: config.decay }, levels);
  const table = embedding('voices', speakers, speakerSize, 0.3);
  const ear = sequential(dense('listen/in', 2 * MEL_BINS + 2, 128, { before: 'relu' }), relu, dense('listen/out', 128, speakerSize));
  const parts = (batch: tf.Tensor) => {
    const rows = tf.reshape(batch, [-1, batch.shape[1]!, FRAME_COLUMNS]);
    const [b, t] = rows.shape;
    return { mel: tf.slice(rows, [0, 0, 0], [b, t!, MEL_BINS]), prosody: tf.slice(rows, [0, 0, MEL_BINS], [b, t!, PROSODY_COLUMNS]) };
  };
  const flat = (points: tf.Tensor) => tf.reshape(points, [-1, codeSize]);
  const points = (params: Params, mel: tf.Tensor, draw?: Params) => encoder.apply(params, mel, draw);
  const listen = (params: Params, mel: tf.Tensor, prosody: tf.Tensor) => ear.apply(params, outline(mel, prosody));
  const pass = (params: Params, given: { images: tf.Tensor; labels?: tf.Tensor }, noise?: Params) => {
    const { mel, prosody } = parts(given.images);
    const z = points(params, mel, noise);
    const found = q.quantize(params, flat(z));
    let held = tf.reshape(found.quantized, z.shape);
    if (noise && config.jitter > 0) held = jitter(held, noise.jitter, config.jitter);
    const speaker = table.apply(params, given.labels!);
    return { mel, prosody, found, speaker, out: decoder.apply(params, held, prosody, speaker) };
  };
  const codesPerSec = (FRAME_RATE_HZ / 2) * levels;
  return {
    input,
    config,
    params: [...encoder.params, ...q.params, ...decoder.params, ...table.params, ...ear.params],
    usesLabels: true,
    codesPerSec,
    bitsPerSec: codesPerSec * Math.log2(config.codes),
    codes: q.codes,
    levels,
    codeCounts: q.counts,
    table: 'voices/table',
    noise: (batch) => ({
      floor: { shape: [batch, 1, 1], kind: 'uniform' as const },
      ...(config.spread > 0 ? { axis: { shape: [batch], kind: 'uniform' as const } } : {}),
      ...(config.jitter > 0 ? { jitter: { shape: [batch, frames / 2, 1], kind: 'uniform' as const } } : {}),
    }),
    hyper: {},
    straightThrough: (name) => name.startsWith('encoder/') || name.startsWith('quantizer/') || name.startsWith('listen/') || name.startsWith('voices/'),
    maintenance: codebookCare({ ...config, codebook: 'ema', distance: 'euclidean', kmeansStart: true }, q, (params, images) => flat(points(params, parts(images).mel))),
    loss(params, batch, noise) {
      const { mel, prosody, found, speaker, out } = pass(params, batch, noise);
      const l1 = tf.mean(tf.abs(tf.sub(out, mel)));
      // What a voice is follows from the table; the listener learns to guess it from a recording.
      const heard = tf.mean(tf.square(tf.sub(listen(params, mel, prosody), stopGradient(speaker))));
      return {
        loss: tf.add(tf.add(l1, tf.mul(config.commitment, found.commitmentLoss)), heard),
        metrics: { melL1: l1, heard, commitment: found.commitmentLoss, perplexity: found.perplexity, codesUsed: found.usage },
        updates: found.updates,
      };
    },
    inspect(params, batch) {
      const { mel, out } = pass(params, batch);
      return { items: { melL1: tf.mean(tf.abs(tf.sub(out, mel)), [1, 2]) } };
    },
    encode: (params, mel) => tf.reshape(q.encode(params, flat(points(params, mel))), [mel.shape[0], -1]),
    decode(params, codes, prosody, speaker) {
      const [batch, t] = prosody.shape;
      const rows = levels === 1 ? tf.reshape(codes, [-1]) : tf.reshape(codes, [-1, levels]);
      return decoder.apply(params, tf.reshape(q.decode(params, rows), [batch, t! / 2, codeSize]), prosody, speaker);
    },
    listen,
  };
}

/** Mean and deviation over time of each mel bin, and of log F0: `[B, 2 * MEL_BINS + 2]`. */
function outline(mel: tf.Tensor, prosody: tf.Tensor): tf.Tensor {
  const [batch, frames] = prosody.shape;
  const f0 = tf.log(tf.slice(prosody, [0, 0, 0], [batch, frames!, 1]));
  const all = tf.concat([tf.div(tf.add(mel, 5), 2), tf.sub(f0, 5)], 2);
  const mean = tf.mean(all, 1, true);
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(tf.sub(all, mean)), 1, true), 1e-5));
  return tf.reshape(tf.concat([mean, deviation], 2), [batch, -1]);
}

/** Replaces some moments with the one before or after (Chorowski et al. 2019). @param draw `[B, T, 1]` in [0, 1) */
function jitter(points: tf.Tensor, draw: tf.Tensor, part: number): tf.Tensor {
  const [b, t, c] = points.shape;
  const at = (from: number, count: number) => tf.slice(points, [0, from, 0], [b, count, c]);
  const before = tf.concat([at(0, 1), at(0, t! - 1)], 1);
  const after = tf.concat([at(1, t! - 1), at(t! - 1, 1)], 1);
  const wide = tf.add(draw, tf.zerosLike(points));
  return tf.where(tf.less(wide, part / 2), before, tf.where(tf.less(wide, part), after, points));
}
