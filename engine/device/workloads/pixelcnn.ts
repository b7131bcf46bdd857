import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { rng } from '../../core/rng.ts';
import type { Tensors } from '../types.ts';
import { uniformValues } from './adam.ts';
import type { Parameters, Workload } from './adam.ts';

/** The gated PixelCNN (van den Oord et al. 2016, section 2.3) over a grid of codes, with a vertical and a horizontal stack. */
export interface PixelCnnSizes {
  batch: number;
  size: number;
  channels: number;
  layers: number;
  codes: number;
  /** Channels before the logits. */
  head: number;
}

export const PIXELCNN: Omit<PixelCnnSizes, 'batch'> = { size: 8, channels: 64, layers: 12, codes: 512, head: 512 };

function parameters(s: PixelCnnSizes): Parameters {
  const p: Parameters = {};
  const conv = (name: string, kh: number, kw: number, from: number, to: number) => {
    p[`${name}/w`] = { shape: [kh, kw, from, to], values: uniformValues(`${name}/w`, [kh, kw, from, to], kh * kw * from) };
    p[`${name}/b`] = { shape: [to], values: uniformValues(`${name}/b`, [to], kh * kw * from) };
  };
  p.embedding = { shape: [s.codes, s.channels], values: uniformValues('embedding', [s.codes, s.channels], 1) };
  for (let l = 0; l < s.layers; l++) {
    conv(`v${l}`, l ? 2 : 3, l ? 3 : 7, s.channels, 2 * s.channels);
    conv(`h${l}`, 1, l ? 2 : 3, s.channels, 2 * s.channels);
    conv(`vh${l}`, 1, 1, 2 * s.channels, 2 * s.channels);
    conv(`r${l}`, 1, 1, s.channels, s.channels);
  }
  conv('o1', 1, 1, s.channels, s.head);
  conv('o2', 1, 1, s.head, s.codes);
  return p;
}

/** Cross-entropy in nats per code. codes: [B, size, size] */
function loss(p: Tensors, codes: Tensor, s: PixelCnnSizes): Tensor {
  type Pads = [[number, number], [number, number], [number, number], [number, number]];
  const pads = (top: number, left: number, right: number): Pads => [[0, 0], [top, 0], [left, right], [0, 0]];
  const conv = (x: Tensor, name: string, pad: 'valid' | Pads = 'valid') => tf.add(tf.conv2d(x as Tensor4D, p[`${name}/w`] as Tensor4D, 1, pad), p[`${name}/b`]);
  const gate = (x: Tensor) => {
    const [a, b] = tf.split(x, 2, 3);
    return tf.mul(tf.tanh(a), tf.sigmoid(b));
  };
  let v: Tensor = tf.gather(p.embedding, codes);
  let h = v;
  for (let l = 0; l < s.layers; l++) {
    // The first layer must not see the code itself: its input is shifted by one.
    const vertical = l ? conv(v, `v${l}`, pads(1, 1, 1)) : conv(tf.slice(v, 0, [s.batch, s.size - 1, s.size, s.channels]), 'v0', pads(3, 3, 3));
    const horizontal = l ? conv(h, `h${l}`, pads(0, 1, 0)) : conv(tf.slice(h, 0, [s.batch, s.size, s.size - 1, s.channels]), 'h0', pads(0, 3, 0));
    const out = conv(gate(tf.add(horizontal, conv(vertical, `vh${l}`))), `r${l}`);
    h = l ? tf.add(out, h) : out;
    v = gate(vertical);
  }
  const logits = conv(tf.relu(conv(h, 'o1')), 'o2');
  const logProbabilities = tf.logSoftmax(tf.reshape(logits, [-1, s.codes]));
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.oneHot(tf.reshape(codes, [-1]), s.codes), logProbabilities), -1)));
}

function multiplications(s: PixelCnnSizes): number {
  const c = s.channels;
  const inner = (6 * c + 2 * c) * 2 * c + 4 * c * c + c * c;
  const first = (21 * c + 3 * c) * 2 * c + 4 * c * c + c * c;
  return 3 * s.batch * s.size ** 2 * (first + (s.layers - 1) * inner + c * s.head + s.head * s.codes);
}

export const pixelCnn = (s: PixelCnnSizes): Workload => ({
  name: 'pixelcnn',
  parameters: parameters(s),
  inputs: { codes: { shape: [s.batch, s.size, s.size], dtype: 'int32' } },
  data: { codes: Int32Array.from({ length: s.batch * s.size * s.size }, ((random) => () => random.int(s.codes))(rng('codes'))) },
  multiplications: multiplications(s),
  loss: (p, { codes }) => loss(p, codes, s),
});
