import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { rng } from '../core/rng.ts';
import type { GraphFunction, Tensors } from './types.ts';

/**
 * The training step of van den Oord et al. 2017 (VQ-VAE), appendix A.1, in plain tensor operations: gradient codebook, Adam
 * (Kingma & Ba 2015, algorithm 1 with the bias corrections folded into the step size). For tests and the benchmark.
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

type Parameters = Record<string, { shape: number[]; values: Float32Array }>;

export function vqParameters(s: VqSizes): Parameters {
  const random = rng(1, 'parameters');
  const p: Parameters = {};
  const uniform = (name: string, shape: number[], fan: number) => {
    const bound = 1 / Math.sqrt(fan);
    const values = random.fillUniform(new Float32Array(shape.reduce((a, b) => a * b, 1))).map((u) => (2 * u - 1) * bound);
    p[name] = { shape, values };
  };
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
  p.codebook = { shape: [s.codes, s.dim], values: random.fillNormal(new Float32Array(s.codes * s.dim)).map((v) => v * 0.1) };
  return p;
}

/** Parameters and Adam's moments under `p/`, `m/` and `v/`. */
export function adamState(parameters: Parameters): Parameters {
  const out: Parameters = {};
  for (const [name, t] of Object.entries(parameters)) {
    out[`p/${name}`] = t;
    out[`m/${name}`] = { shape: t.shape, values: new Float32Array(t.values.length) };
    out[`v/${name}`] = { shape: t.shape, values: new Float32Array(t.values.length) };
  }
  return out;
}

const stop = <T extends Tensor>(x: T): T => {
  const e = tf.engine();
  (e.backend as unknown as { incRef(id: object): void }).incRef(x.dataId);
  return e.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as T;
};

const straightThrough = tf.customGrad((_z, q) => ({ value: (q as Tensor).clone(), gradFunc: (dy) => [dy as Tensor, tf.zerosLike(dy as Tensor)] }));
const meanSquare = (a: Tensor, b: Tensor) => tf.mean(tf.square(tf.sub(a, b)));

/** Loss of a batch x: [B, size, size, 3]. */
export function vqLoss(p: Tensors, x: Tensor4D, s: VqSizes): Tensor {
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

/** Adam with decay 0.9 and 0.999; `rate` and the corrections come in as scalars. */
export function adamStep(loss: (p: Tensors) => Tensor, state: Tensors, rate: Tensor, correction: Tensor): { loss: Tensor; state: Tensors } {
  const names = Object.keys(state).filter((n) => n.startsWith('p/')).map((n) => n.slice(2));
  const { value, grads } = tf.valueAndGrads((...p: Tensor[]) => loss(Object.fromEntries(names.map((n, i) => [n, p[i]]))) as tf.Scalar)(names.map((n) => state[`p/${n}`]));
  const next: Tensors = {};
  names.forEach((n, i) => {
    const m = tf.add(tf.mul(state[`m/${n}`], 0.9), tf.mul(grads[i], 0.1));
    const v = tf.add(tf.mul(state[`v/${n}`], 0.999), tf.mul(tf.square(grads[i]), 0.001));
    next[`m/${n}`] = m;
    next[`v/${n}`] = v;
    next[`p/${n}`] = tf.sub(state[`p/${n}`], tf.mul(rate, tf.div(m, tf.add(tf.sqrt(tf.mul(v, correction)), 1e-8))));
  });
  return { loss: value, state: next };
}

/** Learning rate with the first moment's correction, and the second moment's correction, of step t = 1, 2, ... */
export const adamInputs = (t: number, learningRate = 3e-4) => ({
  rate: Float32Array.of(learningRate / (1 - 0.9 ** t)),
  correction: Float32Array.of(1 / (1 - 0.999 ** t)),
});

export const vqStep =
  (s: VqSizes): GraphFunction =>
  ({ x, rate, correction }, state) => {
    const r = adamStep((p) => vqLoss(p, x as Tensor4D, s), state, rate, correction);
    return { outputs: { loss: r.loss }, state: r.state };
  };

export const vqInputs = (s: VqSizes) => ({
  x: { shape: [s.batch, s.size, s.size, 3], dtype: 'float32' as const },
  rate: { shape: [], dtype: 'float32' as const },
  correction: { shape: [], dtype: 'float32' as const },
});
