import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { rng } from '../../core/rng.ts';
import type { Tensors } from '../types.ts';
import { uniformValues } from './adam.ts';
import type { Parameters, Workload } from './adam.ts';

/** A convolutional VAE (Kingma and Welling 2014) with a Gaussian posterior and a Bernoulli decoder, over square pictures. */
export interface VaeSizes {
  batch: number;
  /** A multiple of 4. */
  size: number;
  channels: number;
  hidden: number;
  dim: number;
}

export const VAE: Omit<VaeSizes, 'batch'> = { size: 28, channels: 1, hidden: 32, dim: 32 };

function parameters(s: VaeSizes): Parameters {
  const p: Parameters = {};
  const layer = (name: string, shape: number[], fan: number, bias: number) => {
    p[`${name}/w`] = { shape, values: uniformValues(`${name}/w`, shape, fan) };
    p[`${name}/b`] = { shape: [bias], values: uniformValues(`${name}/b`, [bias], fan) };
  };
  const flat = (s.size / 4) ** 2 * 2 * s.hidden;
  layer('e0', [4, 4, s.channels, s.hidden], 16 * s.channels, s.hidden);
  layer('e1', [4, 4, s.hidden, 2 * s.hidden], 16 * s.hidden, 2 * s.hidden);
  layer('e2', [flat, 2 * s.dim], flat, 2 * s.dim);
  layer('d0', [s.dim, flat], s.dim, flat);
  layer('d1', [4, 4, s.hidden, 2 * s.hidden], 16 * s.hidden, s.hidden);
  layer('d2', [4, 4, s.channels, s.hidden], 16 * s.channels, s.channels);
  return p;
}

/** -ELBO in nats, mean of the batch. x: [B, size, size, channels], noise: [B, dim] */
function loss(p: Tensors, x: Tensor, noise: Tensor, s: VaeSizes): Tensor {
  const conv = (v: Tensor, name: string) => tf.relu(tf.add(tf.conv2d(v as Tensor4D, p[`${name}/w`] as Tensor4D, 2, 'same'), p[`${name}/b`]));
  const deconv = (v: Tensor, name: string, size: number, channels: number) => tf.add(tf.conv2dTranspose(v as Tensor4D, p[`${name}/w`] as Tensor4D, [s.batch, size, size, channels], 2, 'same'), p[`${name}/b`]);
  const dense = (v: Tensor, name: string) => tf.add(tf.matMul(v as tf.Tensor2D, p[`${name}/w`] as tf.Tensor2D), p[`${name}/b`]);
  const [mean, logVar] = tf.split(dense(tf.reshape(conv(conv(x, 'e0'), 'e1'), [s.batch, -1]), 'e2'), 2, 1);
  const z = tf.add(mean, tf.mul(tf.exp(tf.mul(logVar, 0.5)), noise));
  const grid = tf.reshape(tf.relu(dense(z, 'd0')), [s.batch, s.size / 4, s.size / 4, 2 * s.hidden]);
  const logits = deconv(tf.relu(deconv(grid, 'd1', s.size / 2, s.hidden)), 'd2', s.size, s.channels);
  const reconstruction = tf.sum(tf.sub(tf.softplus(logits), tf.mul(logits, x)));
  const kl = tf.mul(-0.5, tf.sum(tf.sub(tf.sub(tf.add(1, logVar), tf.square(mean)), tf.exp(logVar))));
  return tf.div(tf.add(reconstruction, kl), s.batch);
}

function multiplications(s: VaeSizes): number {
  const half = (s.size / 2) ** 2;
  const quarter = (s.size / 4) ** 2;
  const first = half * 16 * s.channels * s.hidden;
  const strided = quarter * 16 * s.hidden * 2 * s.hidden;
  const dense = quarter * 2 * s.hidden * 3 * s.dim;
  return s.batch * (2 * first + 3 * (2 * strided + dense + first));
}

export const vae = (s: VaeSizes): Workload => ({
  name: 'vae',
  parameters: parameters(s),
  inputs: { x: { shape: [s.batch, s.size, s.size, s.channels], dtype: 'float32' }, noise: { shape: [s.batch, s.dim], dtype: 'float32' } },
  data: {
    x: rng('pictures').fillUniform(new Float32Array(s.batch * s.size * s.size * s.channels)).map((u) => (u > 0.8 ? 1 : 0)),
    noise: rng('noise').fillNormal(new Float32Array(s.batch * s.dim)),
  },
  multiplications: multiplications(s),
  loss: (p, { x, noise }) => loss(p, x, noise, s),
});
