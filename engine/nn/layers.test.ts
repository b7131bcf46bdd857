import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { conv, convTranspose } from './conv.ts';
import { dense } from './dense.ts';
import { embedding } from './embedding.ts';
import { gradientErrors } from './finite-differences.ts';
import { constant, countParameters, heNormal, sequential, type Layer } from './layer.ts';
import { groupNorm, layerNorm } from './norm.ts';
import { residualStack } from './residual.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const build = (layer: Layer, seed = 1) =>
  Object.fromEntries(layer.params.map((p) => [p.name, tf.tensor(p.init(rng(seed, p.name)), [...p.shape])]));
const random = (shape: number[], key: string) => tf.tensor(rng(7, key).fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))), shape);

const cases: { name: string; layer: Layer; input: number[]; output: number[] }[] = [
  { name: 'dense', layer: dense('l', 3, 5), input: [2, 3], output: [2, 5] },
  { name: 'dense on frames', layer: dense('l', 3, 5), input: [2, 4, 3], output: [2, 4, 5] },
  { name: 'conv 1D', layer: conv('l', 1, 2, 3, { kernel: 4, stride: 2 }), input: [2, 8, 2], output: [2, 4, 3] },
  { name: 'conv 2D', layer: conv('l', 2, 2, 3, { kernel: 3 }), input: [2, 5, 4, 2], output: [2, 5, 4, 3] },
  { name: 'conv 2D, stride 2, odd', layer: conv('l', 2, 2, 3, { kernel: 4, stride: 2 }), input: [1, 7, 7, 2], output: [1, 4, 4, 3] },
  { name: 'conv 2D, valid', layer: conv('l', 2, 1, 2, { kernel: 3, padding: 'valid' }), input: [1, 5, 5, 1], output: [1, 3, 3, 2] },
  { name: 'conv 3D', layer: conv('l', 3, 2, 2, { kernel: 3, stride: 2 }), input: [1, 4, 4, 4, 2], output: [1, 2, 2, 2, 2] },
  { name: 'transposed conv 1D', layer: convTranspose('l', 1, 2, 3, { kernel: 4, stride: 2 }), input: [2, 4, 2], output: [2, 8, 3] },
  { name: 'transposed conv 2D', layer: convTranspose('l', 2, 2, 3, { kernel: 4, stride: 2 }), input: [2, 3, 4, 2], output: [2, 6, 8, 3] },
  { name: 'transposed conv 2D, odd', layer: convTranspose('l', 2, 2, 1, { kernel: 4, stride: 2, size: [7, 7] }), input: [1, 4, 4, 2], output: [1, 7, 7, 1] },
  { name: 'transposed conv 3D', layer: convTranspose('l', 3, 2, 2, { kernel: 4, stride: 2 }), input: [1, 2, 2, 2, 2], output: [1, 4, 4, 4, 2] },
  { name: 'residual stack 1D', layer: residualStack('l', 1, 4, 2, 2), input: [2, 6, 4], output: [2, 6, 4] },
  { name: 'residual stack 2D', layer: residualStack('l', 2, 4, 2, 2), input: [2, 4, 4, 4], output: [2, 4, 4, 4] },
  { name: 'layer norm', layer: layerNorm('l', 4), input: [3, 2, 4], output: [3, 2, 4] },
  { name: 'group norm', layer: groupNorm('l', 4, 2), input: [2, 3, 3, 4], output: [2, 3, 3, 4] },
];

test.each(cases)('$name: shape, and gradients against finite differences', ({ layer, input, output }) => {
  const params = build(layer);
  const x = random(input, 'x');
  expect(layer.apply(params, x).shape).toEqual(output);
  const weights = random(output, 'weights');
  // Small steps, so that few ReLUs change sides.
  const errors = gradientErrors((all) => tf.sum(tf.mul(layer.apply(all, all.x), weights)), { ...params, x }, rng(3), { epsilon: 2e-3, floor: 0.1 });
  for (const [name, error] of Object.entries(errors)) expect(error, name).toBeLessThan(0.02);
});

test('embedding: rows of its table, gradient only where looked up', () => {
  const layer = embedding('l', 4, 2);
  const table = tf.tensor2d([[0, 1], [2, 3], [4, 5], [6, 7]]);
  const indices = tf.tensor1d([2, 0, 2], 'int32');
  expect(Array.from(layer.apply({ 'l/table': table }, indices).dataSync())).toEqual([4, 5, 0, 1, 4, 5]);
  const grad = tf.grad((t) => tf.sum(layer.apply({ 'l/table': t }, indices)))(table);
  expect(Array.from(grad.dataSync())).toEqual([1, 1, 0, 0, 2, 2, 0, 0]);
});

test('layer norm of 1 2 3 by hand', () => {
  const layer = layerNorm('l', 3, 0);
  const y = layer.apply(build(layer), tf.tensor2d([[1, 2, 3]])).dataSync();
  const third = Math.sqrt(3 / 2);
  [-third, 0, third].forEach((v, i) => expect(y[i]).toBeCloseTo(v, 5));
});

test('group norm: each group has mean 0 and variance 1', () => {
  const layer = groupNorm('l', 4, 2, 0);
  const y = tf.reshape(layer.apply(build(layer), random([1, 3, 3, 4], 'g')), [9, 2, 2]);
  const { mean, variance } = tf.moments(y, [0, 2]);
  mean.dataSync().forEach((m) => expect(m).toBeCloseTo(0, 5));
  variance.dataSync().forEach((v) => expect(v).toBeCloseTo(1, 4));
  expect(() => groupNorm('l', 5, 2)).toThrow(/2 groups do not divide 5 channels/);
});

test('a transposed convolution is the adjoint of the convolution with the same kernel', () => {
  const forward = conv('l', 2, 2, 3, { kernel: 4, stride: 2, bias: false });
  const backward = convTranspose('l', 2, 3, 2, { kernel: 4, stride: 2, bias: false });
  const params = build(forward);
  const x = random([1, 6, 6, 2], 'x');
  const y = random([1, 3, 3, 3], 'y');
  const left = tf.sum(tf.mul(forward.apply(params, x), y)).dataSync()[0];
  const right = tf.sum(tf.mul(x, backward.apply(params, y))).dataSync()[0];
  expect(left).toBeCloseTo(right, 4);
});

test('parameters: He keeps the variance through a ReLU, counts add up', () => {
  const values = heNormal(50)(rng(1), [50, 400]);
  const variance = values.reduce((s, v) => s + v * v, 0) / values.length;
  expect(variance).toBeCloseTo(2 / 50, 3);
  expect(countParameters(sequential(dense('a', 3, 5), dense('b', 5, 2, { bias: false })).params)).toBe(15 + 5 + 10);
  expect(Array.from(constant(2)(rng(1), [2]))).toEqual([2, 2]);
});
