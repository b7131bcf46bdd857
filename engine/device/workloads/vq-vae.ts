import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { rng } from '../../core/rng.ts';
import type { Tensors } from '../types.ts';
import { uniformValues } from './adam.ts';
import type { Parameters, Workload } from './adam.ts';

/**
 * The training step of van den Oord et al. 2017 (VQ-VAE), section 4.1, in plain tensor operations, with
 * the codebook learned by gradient.
 */
export interface VqSizes {
  batch: number;
  size: number;
  hidden: number;
  residualHidden: number;
  residualLayers: number;
  dim: number;
  codes: number;
}

export const PAPER: Omit<VqSizes, 'batch'> = { size: 32, hidden: 128, residualHidden: 32, residualLayers: 2, dim: 64, codes: 512 };

function vqParameters(s: VqSizes): Parameters {
  const p: Parameters = {};
  const uniform = (name: string, shape: number[], fan: number) => (p[name] = { shape, values: uniformValues(name, shape, fan) });
  const conv = (name: string, k: number, from: number, to: number) => {
    uniform(`${name}/w`, [k, k, from, to], k * k * from);
    uniform(`${name}/b`, [to], k * k * from);
  };
  const deconv = (name: string, k: number, from: number, to: number) => {
    uniform(`${name}/w`, [k, k, to, from], k * k * to);
    uniform(`${name}/b`, [to], k * k * to);
  };
  conv('e0', 4, 3, s.hidden / 2);
  conv('e1', 4, s.hidden / 2, s.hidden);
  conv('e2', 3, s.hidden, s.hidden);
  conv('e3', 1, s.hidden, s.dim);
  conv('d0', 3, s.dim, s.hidden);
  for (const side of ['e', 'd']) {
    for (let i = 0; i < s.residualLayers; i++) {
      conv(`${side}r${i}a`, 3, s.hidden, s.residualHidden);
      conv(`${side}r${i}b`, 1, s.residualHidden, s.hidden);
    }
  }
  deconv('d1', 4, s.hidden, s.hidden / 2);
  deconv('d2', 4, s.hidden / 2, 3);
  p.codebook = { shape: [s.codes, s.dim], values: rng('codebook').fillNormal(new Float32Array(s.codes * s.dim)).map((v) => v * 0.1) };
  return p;
}

/** A tensor on the same data that gradients do not pass. */
const stop = <T extends Tensor>(x: T): T => {
  const e = tf.engine();
  (e.backend as unknown as { incRef(id: object): void }).incRef(x.dataId);
  return e.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as T;
};

const straightThrough = tf.customGrad((_z, q) => ({ value: (q as Tensor).clone(), gradFunc: (dy) => [dy as Tensor, tf.zerosLike(dy as Tensor)] }));
const meanSquare = (a: Tensor, b: Tensor) => tf.mean(tf.square(tf.sub(a, b)));

/** Loss of a batch x: [B, size, size, 3]. */
function vqLoss(p: Tensors, x: Tensor4D, s: VqSizes): Tensor {
  const conv = (v: Tensor, name: string, stride = 1) => tf.add(tf.conv2d(v as Tensor4D, p[`${name}/w`] as Tensor4D, stride, 'same'), p[`${name}/b`]);
  const deconv = (v: Tensor, name: string, size: number, channels: number) =>
    tf.add(tf.conv2dTranspose(v as Tensor4D, p[`${name}/w`] as Tensor4D, [s.batch, size, size, channels], 2, 'same'), p[`${name}/b`]);
  const residual = (v: Tensor, side: string) => {
    let h = v;
    for (let i = 0; i < s.residualLayers; i++) h = tf.add(h, conv(tf.relu(conv(tf.relu(h), `${side}r${i}a`)), `${side}r${i}b`));
    return tf.relu(h);
  };
  const z = conv(residual(conv(tf.relu(conv(tf.relu(conv(x, 'e0', 2)), 'e1', 2)), 'e2'), 'e'), 'e3');
  const flat = tf.reshape(z, [-1, s.dim]) as Tensor2D;
  const flatStopped = stop(flat);
  const codesStopped = stop(p.codebook) as Tensor2D;
  const distance = tf.add(tf.sub(tf.sum(tf.square(flatStopped), 1, true), tf.mul(2, tf.matMul(flatStopped, codesStopped, false, true))), tf.sum(tf.square(codesStopped), 1));
  const chosen = tf.gather(p.codebook, tf.argMin(distance, 1));
  const latentLoss = tf.add(meanSquare(chosen, flatStopped), tf.mul(0.25, meanSquare(flat, stop(chosen))));
  const quantized = tf.reshape(straightThrough(flat, chosen), z.shape);
  const h = residual(conv(quantized, 'd0'), 'd');
  const y = deconv(tf.relu(deconv(h, 'd1', s.size / 2, s.hidden / 2)), 'd2', s.size, 3);
  return tf.add(tf.div(meanSquare(y, x), 0.06), latentLoss);
}

/** Forward, input gradient and filter gradient cost alike; the first layer has no input gradient, and distances no gradient. */
function multiplications(s: VqSizes): number {
  const grid = (s.size / 4) ** 2;
  const half = (s.size / 2) ** 2;
  const h = s.hidden;
  const first = half * 16 * 3 * (h / 2);
  const strided = grid * 16 * (h / 2) * h;
  const residual = s.residualLayers * grid * (9 * h * s.residualHidden + s.residualHidden * h);
  const encoder = strided + grid * 9 * h * h + residual + grid * h * s.dim;
  const decoder = grid * 9 * s.dim * h + residual + strided + first;
  return s.batch * (2 * first + 3 * (encoder + decoder) + grid * s.dim * s.codes);
}

/** Images [B, size, size, 3] around zero. */
export const vqVae = (s: VqSizes): Workload => ({
  name: 'vq-vae',
  parameters: vqParameters(s),
  inputs: { x: { shape: [s.batch, s.size, s.size, 3], dtype: 'float32' } },
  data: { x: rng('images').fillUniform(new Float32Array(s.batch * s.size * s.size * 3)).map((v) => v - 0.5) },
  multiplications: multiplications(s),
  loss: (p, { x }) => vqLoss(p, x as Tensor4D, s),
});
