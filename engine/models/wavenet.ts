/**
 * Sound one sample after another (WaveNet, van den Oord et al. 2016, section 2): causal convolutions of width 2 whose reach doubles from
 * layer to layer, gates, and a distribution over the 256 steps of the mu-law for each sample, given log-mel spectra. `wavenet-machine.ts`
 * draws with the same weights.
 */
import * as tf from '@tensorflow/tfjs-core';
import { STEPS } from '../core/mu-law.ts';
import { HOP_SAMPLES, MEL_BINS } from '../core/analysis.ts';
import { conv } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import type { Params, ParamSpec } from '../nn/layer.ts';

/** Layers of a stack; the reach of its last is 2^(STACK - 1). */
const STACK = 8;
export const dilationOf = (layer: number): number => 2 ** (layer % STACK);

export interface WavenetShape {
  /** Channels C between layers, S beside them. */
  channels: number;
  skip: number;
  layers: number;
}

export interface Wavenet {
  readonly params: readonly ParamSpec[];
  /**
   * Scores of each sample's step, given those before it.
   * @param companded the samples, companded, in [-1, 1], `[B, N]`; the first one stands `offset` samples after frame 0 begins
   * @param mel log-mel, `[B, T, MEL_BINS]`
   * @returns `[B, N, STEPS]`
   */
  scores(params: Params, companded: tf.Tensor, mel: tf.Tensor, offset: number): tf.Tensor;
}

export const scaledMel = (mel: tf.Tensor): tf.Tensor => tf.div(tf.add(mel, 5), 2.5);

export function wavenet(name: string, { channels, skip, layers }: WavenetShape): Wavenet {
  const condition = conv(`${name}/condition`, 1, MEL_BINS, channels, { kernel: 3 });
  const entry = dense(`${name}/in`, 2, channels);
  const all = Array.from({ length: layers }, (_, i) => ({
    mix: dense(`${name}/${i}/mix`, 2 * channels, 2 * channels),
    told: dense(`${name}/${i}/told`, channels, 2 * channels, { bias: false }),
    out: dense(`${name}/${i}/out`, channels, channels + skip),
  }));
  const head = [dense(`${name}/head/0`, skip, skip, { before: 'relu' }), dense(`${name}/head/1`, skip, STEPS)];
  return {
    params: [condition, entry, ...all.flatMap(({ mix, told, out }) => [mix, told, out]), ...head].flatMap((layer) => layer.params),
    scores(params, companded, mel, offset) {
      const [batch, count] = companded.shape as [number, number];
      const frames = mel.shape[1]!;
      const heard = tf.tanh(condition.apply(params, scaledMel(mel)));
      /** What the frames say, `[B, T, c]`, at every sample: `[B, N, c]`. */
      const spread = (x: tf.Tensor, c: number) => tf.slice(tf.reshape(tf.tile(tf.expandDims(x, 2), [1, 1, HOP_SAMPLES, 1]), [batch, frames * HOP_SAMPLES, c]), [0, offset, 0], [batch, count, c]);
      const before = (x: tf.Tensor, by: number, c: number) => (by >= count ? tf.zeros([batch, count, c]) : tf.concat([tf.zeros([batch, by, c]), tf.slice(x, [0, 0, 0], [batch, count - by, c])], 1));
      const past = tf.expandDims(companded, 2);
      let x = entry.apply(params, tf.concat([before(past, 2, 1), before(past, 1, 1)], 2));
      const skips: tf.Tensor[] = [];
      all.forEach(({ mix, told, out }, i) => {
        const mixed = tf.add(mix.apply(params, tf.concat([before(x, dilationOf(i), channels), x], 2)), spread(told.apply(params, heard), 2 * channels));
        const [a, b] = tf.split(mixed, 2, 2);
        const [rest, aside] = tf.split(out.apply(params, tf.mul(tf.tanh(a), tf.sigmoid(b))), [channels, skip], 2);
        x = tf.add(x, rest);
        skips.push(aside);
      });
      const summed = tf.relu(tf.div(tf.addN(skips), Math.sqrt(layers)));
      return head[1].apply(params, tf.relu(head[0].apply(params, summed)));
    },
  };
}
