/**
 * Who speaks: a vector for a stretch of speech, near those of the same voice (x-vectors, Snyder et al. 2018, with the additive angular
 * margin of Deng et al. 2019). Independent of the converter: other features, another loss. Voices along stretched frequency axes count as
 * voices of their own (Yamamoto et al. 2019), so that a few speakers teach it what makes voices differ.
 */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { AtelierError } from '../core/errors.ts';
import { field, parseSettings } from '../core/settings.ts';
import { conv } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import { glorotUniform, param, sequential, type Params } from '../nn/layer.ts';
import { relu } from '../nn/residual.ts';
import type { ImageSpec, Trainable } from '../nn/trainable.ts';
import type { VoiceFamily } from './voices.ts';

const schema = z.object({
  width: field(z.number().int().min(4).max(512).default(64), 'Width', 'Channels of the first layer.'),
  size: field(z.number().int().min(2).max(512).default(64), 'Length', 'Numbers of the vector that stands for a voice.'),
  margin: field(z.number().min(0).max(0.8).default(0.2), 'Margin', 'Angle in radians by which voices are kept apart.'),
  scale: field(z.number().min(1).max(64).default(20), 'Scale', 'How sharply angles are told apart.'),
});
export type RecogniserConfig = z.output<typeof schema>;
type Config = RecogniserConfig;

export interface VoiceRecogniser extends Trainable {
  /** Numbers of a vector. */
  readonly size: number;
  /** @param bands `[B, T, BANDS]`, any T from 8 on @returns vectors of length 1, `[B, size]` */
  embed(params: Params, bands: tf.Tensor): tf.Tensor;
}

export const voiceRecogniser: Omit<VoiceFamily<Config>, 'build'> & { build(config: Config, input: ImageSpec): VoiceRecogniser } = {
  kind: 'voice-recogniser',
  version: 1,
  title: 'Voice recogniser',
  summary: 'Tells voices apart; scores how like its target a converted voice is.',
  schema,
  defaults: schema.parse({}),
  presets: [{ id: 'standard', title: 'Standard', summary: 'Sixty thousand weights.', config: {}, training: { learningRate: 2e-3, batchSize: 32, warmupSteps: 20 } }],
  tiny: { width: 4, size: 4 },
  parse: (config) => parseSettings('Voice recogniser', schema, config),
  build,
};

/** Frequency axes along which voices are heard in training, as factors; the middle one is the true one. */
const STRETCHES = [0.86, 1, 1.16];
const CEPSTRA = 24;

/** Cosines of the bands read along each axis, without the level, `[axes, bands, CEPSTRA]`. */
function axes(bands: number): Float32Array {
  const out = new Float32Array(STRETCHES.length * bands * CEPSTRA);
  STRETCHES.forEach((factor, a) => {
    for (let to = 0; to < bands; to++) {
      const at = Math.min(bands - 1, Math.max(0, (to + 0.5) / factor - 0.5));
      const low = Math.floor(at);
      for (let q = 0; q < CEPSTRA; q++) {
        const cosine = Math.sqrt(2 / bands) * Math.cos((Math.PI * (q + 1) * (to + 0.5)) / bands);
        out[(a * bands + low) * CEPSTRA + q] += (1 - at + low) * cosine;
        if (at > low) out[(a * bands + low + 1) * CEPSTRA + q] += (at - low) * cosine;
      }
    }
  });
  return out;
}

/** @param input height is frames of a window, width the bands, classes the speakers */
function build(config: Config, input: ImageSpec): VoiceRecogniser {
  const { width: channels, size } = config;
  const { width: bands, classes: speakers } = input;
  if (speakers < 1) throw new AtelierError('bad-input', 'Voice recogniser: there is no speaker.', 'Give one folder of recordings per speaker.');
  const voices = speakers * STRETCHES.length;
  const wide = channels + channels / 2;
  const net = sequential(
    conv('in', 1, CEPSTRA, channels, { kernel: 5, before: 'relu' }), relu,
    conv('down/0', 1, channels, wide, { kernel: 3, stride: 2, before: 'relu' }), relu,
    conv('down/1', 1, wide, wide, { kernel: 3, stride: 2, before: 'relu' }), relu,
  );
  const out = dense('out', wide * 2, size);
  const centres = param('voices', [voices, size], glorotUniform(voices, size));
  const bank = axes(bands);
  const unit = (x: tf.Tensor) => tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-8)));
  const embed = (params: Params, rows: tf.Tensor, axis: tf.Tensor) => {
    const cepstra = tf.matMul(rows as tf.Tensor3D, tf.gather(tf.tensor3d(bank, [STRETCHES.length, bands, CEPSTRA]), axis as tf.Tensor1D) as tf.Tensor3D);
    const frames = net.apply(params, cepstra);
    const mean = tf.mean(frames, 1);
    const deviation = tf.sqrt(tf.add(tf.mean(tf.square(tf.sub(frames, tf.expandDims(mean, 1))), 1), 1e-5));
    return unit(out.apply(params, tf.concat([mean, deviation], 1)));
  };
  const middle = (batch: number) => tf.fill([batch], (STRETCHES.length - 1) / 2, 'int32');
  const rowsOf = (images: tf.Tensor) => tf.reshape(images, [-1, images.shape[1]!, bands]);
  const cosinesOf = (params: Params, vectors: tf.Tensor) => tf.matMul(vectors as tf.Tensor2D, unit(params.voices) as tf.Tensor2D, false, true);
  return {
    input,
    size,
    params: [...net.params, ...out.params, centres],
    usesLabels: true,
    noise: (batch) => ({ axis: { shape: [batch], kind: 'uniform' } }),
    hyper: {},
    loss(params, batch, noise) {
      const axis = tf.cast(tf.minimum(tf.floor(tf.mul(noise.axis, STRETCHES.length)), STRETCHES.length - 1), 'int32');
      const voice = tf.add(tf.mul(batch.labels!, tf.scalar(STRETCHES.length, 'int32')), axis);
      const cosine = tf.clipByValue(cosinesOf(params, embed(params, rowsOf(batch.images), axis)), -0.9999, 0.9999);
      const own = tf.cast(tf.equal(tf.expandDims(voice, 1), tf.tensor2d(Int32Array.from({ length: voices }, (_, i) => i), [1, voices], 'int32')), 'float32');
      // cos(angle + margin)
      const nearer = tf.sub(tf.mul(cosine, Math.cos(config.margin)), tf.mul(tf.sqrt(tf.sub(1, tf.square(cosine))), Math.sin(config.margin)));
      const scores = tf.mul(tf.add(tf.mul(own, nearer), tf.mul(tf.sub(1, own), cosine)), config.scale);
      // Cosines are at most 1, so the exponentials need no shift.
      const crossEntropy = tf.mean(tf.sub(tf.log(tf.sum(tf.exp(scores), 1)), tf.sum(tf.mul(own, scores), 1)));
      return { loss: crossEntropy, metrics: { crossEntropyNats: crossEntropy, accuracy: hits(cosine, voice) } };
    },
    inspect(params, batch) {
      const images = rowsOf(batch.images);
      const cosine = cosinesOf(params, embed(params, images, middle(images.shape[0])));
      const voice = tf.add(tf.mul(batch.labels!, tf.scalar(STRETCHES.length, 'int32')), tf.scalar((STRETCHES.length - 1) / 2, 'int32'));
      return { items: { accuracy: tf.cast(tf.equal(tf.cast(tf.argMax(cosine, 1), 'int32'), voice), 'float32') } };
    },
    embed: (params, rows) => embed(params, rows, middle(rows.shape[0])),
  };
}

const hits = (scores: tf.Tensor, right: tf.Tensor): tf.Tensor => tf.mean(tf.cast(tf.equal(tf.cast(tf.argMax(scores, 1), 'int32'), right), 'float32'));
