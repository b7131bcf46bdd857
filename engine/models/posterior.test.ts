import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { made } from '../nn/made.ts';
import { latentPrior } from './latent-prior.ts';
import { posterior, throughFlows } from './posterior.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const D = 3;
const draw = (name: string, shape: number[], scale = 1) => tf.mul(tf.tensor(rng(7, name).fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))), shape), scale);
const values = (specs: readonly { name: string; shape: readonly number[] }[]) => Object.fromEntries(specs.map((p) => [p.name, draw(p.name, [...p.shape], 0.7)]));

/** d out / d z by central differences, `[D][D]`. */
function jacobian(f: (z: tf.Tensor) => tf.Tensor, z: Float32Array): number[][] {
  const epsilon = 1e-2;
  const columns = Array.from(z, (_, j) => {
    const at = (by: number) => {
      const moved = Float32Array.from(z);
      moved[j] += by;
      return f(tf.tensor2d(moved, [1, D])).dataSync();
    };
    const [above, below] = [at(epsilon), at(-epsilon)];
    return Array.from(above, (v, i) => (v - below[i]) / (2 * epsilon));
  });
  return columns[0].map((_, i) => columns.map((column) => column[i]));
}
const det3 = (m: number[][]) => m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);

test.each([false, true])('a masked network looks only at what stands before in the order (reversed: %s)', (reversed) => {
  const net = made('net', { size: D, context: 2, width: 7, outputs: 1, reversed });
  const params = values(net.params);
  const context = draw('context', [1, 2]);
  const slopes = jacobian((z) => net.apply(params, z, context)[0], Float32Array.of(0.3, -0.5, 0.8));
  const seen = slopes.map((row) => row.map((slope) => Math.abs(slope) > 1e-6));
  const allowed = slopes.map((row, i) => row.map((_, j) => (reversed ? j > i : j < i)));
  expect(seen).toEqual(allowed);
  const other = net.apply(params, tf.zeros([1, D]), draw('another', [1, 2]))[0].dataSync();
  net.apply(params, tf.zeros([1, D]), context)[0].dataSync().forEach((v, i) => expect(v).not.toBe(other[i]));
});

test('the log-determinant of two flows is that of the Jacobian found by finite differences', () => {
  const steps = [false, true].map((reversed, i) => made(`flow/${i}`, { size: D, context: 2, width: 7, outputs: 2, reversed }));
  const params = values(steps.flatMap((s) => s.params));
  const context = draw('context', [1, 2]);
  const z = Float32Array.of(0.3, -0.5, 0.8);
  const slopes = jacobian((x) => throughFlows(params, steps, x, context).z, z);
  const { logDet } = throughFlows(params, steps, tf.tensor2d(z, [1, D]), context);
  expect(tf.sum(logDet).dataSync()[0]).toBeCloseTo(Math.log(Math.abs(det3(slopes))), 3);
});

test('without flows the sample, its density and the KL are those of the diagonal Gaussian', () => {
  const q = posterior(4, { size: D, flows: 0, width: 8, context: 2 }, latentPrior(D, 0, 8));
  const params = values(q.params);
  const features = draw('features', [1, 4]);
  const noise = draw('noise', [1, D]);
  const { z, logRatio, kl } = q.sample(params, features, noise);
  const mean = q.centre(params, features).dataSync();
  const logVar = tf.add(tf.matMul(features as tf.Tensor2D, params['encoder/log-var/kernel'] as tf.Tensor2D), params['encoder/log-var/bias']).dataSync();
  const e = noise.dataSync();
  z.dataSync().forEach((v, i) => expect(v).toBeCloseTo(mean[i] + Math.exp(logVar[i] / 2) * e[i], 5));
  logRatio.dataSync().forEach((v, i) => {
    const zi = z.dataSync()[i];
    expect(v).toBeCloseTo(-(zi ** 2) / 2 + (zi - mean[i]) ** 2 / (2 * Math.exp(logVar[i])) + logVar[i] / 2, 4);
  });
  kl.dataSync().forEach((v, i) => expect(v).toBeCloseTo((Math.exp(logVar[i]) + mean[i] ** 2 - logVar[i] - 1) / 2, 4));
});

test('flows that keep everything give the diagonal KL on average', () => {
  const q = posterior(4, { size: D, flows: 2, width: 8, context: 2 }, latentPrior(D, 0, 8));
  const params = values(q.params);
  for (const name of Object.keys(params)) if (/flow.*out/.test(name)) params[name] = name.endsWith('/out/1/bias') ? tf.fill(params[name].shape, 30) : tf.zerosLike(params[name]);
  const plain = posterior(4, { size: D, flows: 0, width: 8, context: 2 }, latentPrior(D, 0, 8));
  const features = draw('features', [1, 4], 0.5);
  const n = 4000;
  const many = tf.matMul(tf.ones([n, 1]), features as tf.Tensor2D);
  const noise = draw('noise', [n, D]);
  const sampled = tf.sum(tf.mean(q.sample(params, many, noise).kl, 0)).dataSync()[0];
  const exact = tf.sum(plain.sample(params, features, draw('one', [1, D])).kl).dataSync()[0];
  expect(Math.abs(sampled - exact)).toBeLessThan(0.1 * Math.max(1, exact));
});
