/**
 * Sound from log-mel spectra: a network at frame rate that says magnitude and phase of every frame, and an inverse Fourier transform
 * (Vocos, Siuzdak 2024). Its losses compare spectra at several resolutions (Yamamoto et al. 2020); in the last part of the training
 * critics join that look at spectrograms (Jang et al. 2021) with the loss of least squares (Mao et al. 2017).
 */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { FRAME_SAMPLES, HOP_SAMPLES, MEL_BINS, SPECTRUM_BINS } from '../core/analysis.ts';
import type { Rng } from '../core/rng.ts';
import { field, parseSettings } from '../core/settings.ts';
import { conv } from '../nn/conv.ts';
import { stopGradient } from '../nn/gradients.ts';
import { normal, type Params } from '../nn/layer.ts';
import { layerNorm } from '../nn/norm.ts';
import { inverseStft, magnitudes, stft } from '../nn/stft.ts';
import type { ImageSpec, Preset, Trainable } from '../nn/trainable.ts';
import { critics } from './vocoder-critics.ts';
import { comparedFrames, logMelOf, soundWindow } from './vocoder-windows.ts';
import type { VoiceFamily } from './voices.ts';
import { waveformVocoder } from './waveform-vocoder.ts';
import type { WavenetMachine } from './wavenet-machine.ts';

const schema = z.object({
  decoder: field(z.enum(['spectrum', 'waveform']).default('spectrum'), 'Decoder', 'Frames of a spectrum and back through an inverse transform, or one sample after another (WaveNet), which is far slower.'),
  width: field(z.number().int().min(8).max(1024).default(192), 'Width', 'Channels of the network. More is clearer and slower.'),
  inner: field(z.number().int().min(8).max(2048).default(384), 'Inner width', 'Channels inside each block.'),
  blocks: field(z.number().int().min(1).max(16).default(6), 'Blocks', 'Residual blocks, each looking one frame further to both sides; sample by sample, each looking twice as far back as the one before, eight in a stack.'),
  criticFrom: field(z.number().min(0).max(1).default(0.55), 'Critics from', 'Part of the training after which critics join that make the sound crisper; 1 is never.'),
  criticWeight: field(z.number().min(0).max(10).default(0.1), 'Critics', 'Weight of what the critics say beside the spectral losses.'),
  criticChannels: field(z.number().int().min(2).max(64).default(8), 'Critic width', 'Channels of the critics.'),
});
export type VocoderConfig = z.output<typeof schema>;

export interface Vocoder extends Trainable {
  readonly config: VocoderConfig;
  /** Parameters that speak; the others are the critics'. */
  readonly speaking: readonly string[];
  /** Frames to each side that a sample depends on. */
  readonly reach: number;
  readonly voice: SpectrumVoice | WaveformVoice;
}

/** Speaks a window in one go. */
export interface SpectrumVoice {
  readonly kind: 'spectrum';
  /**
   * @param mel log-mel `[B, T, MEL_BINS]`
   * @returns samples `[B, (T + 3) * HOP_SAMPLES]`, of which the first 384 stand before frame 0's place; all but the outer three hops are whole
   */
  speak(params: Params, mel: tf.Tensor): tf.Tensor;
}

/** Speaks frame after frame. */
export interface WaveformVoice {
  readonly kind: 'waveform';
  /** @param weightOf weights by their names among `speaking` */
  machine(weightOf: (name: string) => Float32Array, draw: Rng): WavenetMachine;
}

export const vocoder: Omit<VoiceFamily<VocoderConfig>, 'build'> & { build(config: VocoderConfig, input: ImageSpec): Vocoder } = {
  kind: 'vocoder',
  version: 1,
  title: 'Vocoder',
  summary: 'Makes sound of spectra, in any voice; a converter speaks through it.',
  schema,
  defaults: schema.parse({}),
  presets: [
    { id: 'standard', title: 'Standard', summary: 'Two million weights, over fifty times as fast as the sound plays.', config: {}, training: { learningRate: 1e-3, batchSize: 8, warmupSteps: 50, weightEma: 0.999 } },
    { id: 'wavenet', title: 'WaveNet', summary: 'Draws every sample from what came before, as the paper did: slower than it plays.', config: { decoder: 'waveform', width: 32, inner: 64, blocks: 16, criticFrom: 1 }, training: { learningRate: 2e-3, batchSize: 2, warmupSteps: 50, weightEma: 0.999 } },
    { id: 'small', title: 'Small', summary: 'A third of the weights.', config: { width: 128, inner: 256, blocks: 4 }, training: { learningRate: 1.5e-3, batchSize: 8, warmupSteps: 50, weightEma: 0.999 } },
  ] satisfies Preset<VocoderConfig>[],
  tiny: { width: 8, inner: 8, blocks: 1, criticChannels: 2 },
  parse: (config) => parseSettings('Vocoder', schema, config),
  build,
};

/** What spectra are compared at, beside the mel spectrum of the analysis. */
const RESOLUTIONS = [
  { size: 256, hop: 64 },
  { size: 512, hop: 256 },
  { size: 2048, hop: 1024 },
] as const;
const LOG_FLOOR = 1e-3;
const MEL_WEIGHT = 3;
const FEATURE_WEIGHT = 2;
/** Largest magnitude a bin may be given: twice that of a sine of full scale. */
const LOG_LIMIT = Math.log(FRAME_SAMPLES / 2);

/** @param input height is the frames of a window, width `HOP_SAMPLES`: windows are samples, and their spectra are made in the graph */
function build(config: VocoderConfig, input: ImageSpec): Vocoder {
  const { width, inner, blocks } = config;
  const compared = comparedFrames(input);
  if (config.decoder === 'waveform') return waveformVocoder(config, input);
  const entry = conv('speak/in', 1, MEL_BINS, width, { kernel: 7 });
  const norms = [layerNorm('speak/norm', width), ...Array.from({ length: blocks }, (_, i) => layerNorm(`speak/${i}/norm`, width)), layerNorm('speak/out-norm', width)];
  const wide = Array.from({ length: blocks }, (_, i) => conv(`speak/${i}/wide`, 1, width, inner, { kernel: 3, before: 'relu' }));
  const narrow = Array.from({ length: blocks }, (_, i) => conv(`speak/${i}/narrow`, 1, inner, width, { kernel: 1, init: normal(0.5 / Math.sqrt(inner * blocks)) }));
  const head = conv('speak/out', 1, width, 2 * SPECTRUM_BINS, { kernel: 1, init: normal(0.5 / Math.sqrt(width)) });
  const speakers = [entry, ...norms, ...wide, ...narrow, head].flatMap((layer) => layer.params);
  const judges = critics(config.criticChannels);

  const speak = (params: Params, mel: tf.Tensor): tf.Tensor => {
    let x = norms[0].apply(params, entry.apply(params, tf.div(tf.add(mel, 5), 2.5)));
    for (let i = 0; i < blocks; i++) x = tf.add(x, narrow[i].apply(params, tf.elu(wide[i].apply(params, norms[i + 1].apply(params, x)))));
    const said = head.apply(params, norms[blocks + 1].apply(params, x));
    const [batch, frames] = said.shape as [number, number, number];
    const size = tf.exp(tf.minimum(tf.slice(said, [0, 0, 0], [batch, frames, SPECTRUM_BINS]), LOG_LIMIT));
    const phase = tf.mul(tf.slice(said, [0, 0, SPECTRUM_BINS], [batch, frames, SPECTRUM_BINS]), Math.PI);
    return inverseStft(tf.concat([tf.mul(size, tf.cos(phase)), tf.mul(size, tf.sin(phase))], 2));
  };

  const make = (params: Params, images: tf.Tensor) => {
    const batch = images.shape[0];
    const { mel, target } = soundWindow(images, compared);
    const whole = speak(params, mel);
    return {
      target,
      // The frames that lie within `target`.
      targetMel: stopGradient(tf.slice(mel, [0, 3, 0], [batch, compared - 3, MEL_BINS])),
      made: tf.slice(whole, [0, 3 * HOP_SAMPLES], [batch, compared * HOP_SAMPLES]),
    };
  };

  return {
    input,
    config,
    params: [...speakers, ...judges.params],
    speaking: speakers.map(({ name }) => name),
    reach: 3 + blocks + 2,
    noise: () => ({}),
    hyper: {},
    stageAt: ({ step, steps }) => (step >= config.criticFrom * steps ? 1 : 0),
    // Parts of the loss are hidden from the one or the other, and bins at the limit from both.
    straightThrough: () => true,
    voice: { kind: 'spectrum', speak },
    loss(params, { images }, _noise, _hyper, stage = 0) {
      const { target, targetMel, made } = make(params, images);
      const mel = tf.mean(tf.abs(tf.sub(logMelOf(made), targetMel)));
      const spectral = distance(made, target);
      const base = tf.add(tf.mul(mel, MEL_WEIGHT), spectral);
      const metrics: Record<string, tf.Tensor> = { melL1: mel, spectral };
      if (stage === 0) return { loss: tf.add(base, judges.idle(params)), metrics };
      const game = judges.play(params, made, target);
      const said = tf.add(game.persuasion, tf.mul(game.features, FEATURE_WEIGHT));
      return {
        loss: tf.add(tf.add(base, tf.mul(said, config.criticWeight)), game.judgement),
        metrics: { ...metrics, persuasion: game.persuasion, features: game.features, judgement: game.judgement },
      };
    },
    inspect(params, { images }) {
      const { targetMel, made } = make(params, images);
      return { items: { melL1: tf.mean(tf.abs(tf.sub(logMelOf(made), targetMel)), [1, 2]) } };
    },
  };
}

/** Mean over the resolutions of spectral convergence and the difference of log magnitudes (Arik et al. 2019). */
function distance(made: tf.Tensor, target: tf.Tensor): tf.Tensor {
  const each = RESOLUTIONS.map((size) => {
    const a = magnitudes(stft(made, size));
    const b = stopGradient(magnitudes(stft(target, size)));
    const convergence = tf.div(tf.sqrt(tf.add(tf.sum(tf.square(tf.sub(a, b))), 1e-8)), tf.sqrt(tf.add(tf.sum(tf.square(b)), 1e-4)));
    const logs = tf.mean(tf.abs(tf.sub(tf.log(tf.add(a, LOG_FLOOR)), tf.log(tf.add(b, LOG_FLOOR)))));
    return tf.add(convergence, logs);
  });
  return tf.div(tf.addN(each), RESOLUTIONS.length);
}
