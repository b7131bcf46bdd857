/** What is said, in a voice and with a melody: code vectors, prosody and a speaker to log-mel spectra. */
import * as tf from '@tensorflow/tfjs-core';
import { MEL_BINS, melCentresHz } from '../core/analysis.ts';
import { conv } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import { sequential, type Params, type ParamSpec } from '../nn/layer.ts';
import { relu, residualBlock } from '../nn/residual.ts';
import { PROSODY_COLUMNS } from './voice-frames.ts';

/** Mel bins, from the lowest, in which single harmonics can be told apart. */
const COMB_BINS = 48;

export interface VoiceDecoder {
  readonly params: readonly ParamSpec[];
  /**
   * @param points `[B, T / 2, codeSize]`
   * @param prosody `[B, T, PROSODY_COLUMNS]`, F0 as the voice is to have it
   * @param speaker `[B, speakerSize]`
   * @returns log-mel, `[B, T, MEL_BINS]`
   */
  apply(params: Params, points: tf.Tensor, prosody: tf.Tensor, speaker: tf.Tensor): tf.Tensor;
}

export function voiceDecoder(options: { hidden: number; layers: number; codeSize: number; speakerSize: number }): VoiceDecoder {
  const { hidden, layers, codeSize, speakerSize } = options;
  const slow = sequential(conv('decoder/in', 1, codeSize, hidden, { kernel: 3, before: 'relu' }), residualBlock('decoder/slow/0', 1, hidden, hidden));
  const faster = conv('decoder/faster', 1, hidden, hidden * 2, { kernel: 1, before: 'relu' });
  const given = conv('decoder/prosody', 1, COMB_BINS + PROSODY_COLUMNS - 1, hidden, { kernel: 1, before: 'relu' });
  const blocks = Array.from({ length: layers }, (_, i) => ({
    wide: conv(`decoder/block/${i}/wide`, 1, hidden, hidden, { kernel: 5, before: 'relu' }),
    narrow: conv(`decoder/block/${i}/narrow`, 1, hidden, hidden, { kernel: 1 }),
    voice: dense(`decoder/block/${i}/voice`, speakerSize, hidden * 2),
  }));
  const early = dense('decoder/voice', speakerSize, hidden);
  const out = sequential(relu, conv('decoder/out', 1, hidden, MEL_BINS, { kernel: 1 }));
  const every = (row: tf.Tensor) => tf.expandDims(row, 1);
  return {
    params: [slow, faster, given, early, ...blocks.flatMap((b) => [b.wide, b.narrow, b.voice]), out].flatMap((layer) => layer.params),
    apply(params, points, prosody, speaker) {
      const [batch, half] = points.shape;
      const frames = half! * 2;
      let x = tf.add(slow.apply(params, points), every(early.apply(params, speaker)));
      x = tf.reshape(faster.apply(params, tf.relu(x)), [batch, frames, hidden]);
      x = tf.add(x, given.apply(params, tf.concat([comb(prosody), tf.slice(prosody, [0, 0, 1], [batch, frames, PROSODY_COLUMNS - 1])], 2)));
      for (const { wide, narrow, voice } of blocks) {
        // The voice turns channels up and down (FiLM, Perez et al. 2018).
        const film = voice.apply(params, speaker);
        const gain = every(tf.slice(film, [0, 0], [batch, hidden]));
        const shift = every(tf.slice(film, [0, hidden], [batch, hidden]));
        const inner = tf.add(tf.mul(wide.apply(params, tf.relu(x)), tf.add(gain, 1)), shift);
        x = tf.add(x, narrow.apply(params, tf.relu(inner)));
      }
      // Log-mel spectra of speech lie around -5.
      return tf.sub(tf.mul(out.apply(params, x), 2), 5);
    },
  };
}

/** Where the harmonics of F0 lie among the lower mel bins: cos(2 pi f / F0), fading as bins grow wide; 0 where unvoiced. `[B, T, COMB_BINS]` */
function comb(prosody: tf.Tensor): tf.Tensor {
  const [batch, frames] = prosody.shape;
  const centres = melCentresHz();
  const f0 = tf.slice(prosody, [0, 0, 0], [batch, frames!, 1]);
  const voiced = tf.slice(prosody, [0, 0, 1], [batch, frames!, 1]);
  const turns = tf.div(tf.tensor3d(centres.map((hz) => 2 * Math.PI * hz).slice(0, COMB_BINS), [1, 1, COMB_BINS]), f0);
  const width = Float32Array.from({ length: COMB_BINS }, (_, m) => centres[m + 1] - centres[m]);
  // A triangle of half-width w lets a cosine of period F0 through by sinc^2(w / F0), about exp(-(1.81 w / F0)^2).
  const ratio = tf.div(tf.tensor3d(width.map((w) => 1.81 * w), [1, 1, COMB_BINS]), f0);
  return tf.mul(tf.mul(tf.cos(turns), tf.exp(tf.neg(tf.square(ratio)))), voiced);
}
