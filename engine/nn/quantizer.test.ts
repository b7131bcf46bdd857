import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { stopGradient, straightThrough, valueAndGrads } from './gradients.ts';
import { kmeans } from './kmeans.ts';
import { quantizer } from './quantizer.ts';
import { reviveCodes } from './revival.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const options = { codes: 3, dimensions: 2, decay: 0.9 } as const;
const book = [[0, 0], [1, 1], [5, 5]];
const points = [[0.1, 0], [0.9, 1.2], [0.2, -0.1], [0, 0.3]];

test('nearest code, losses, perplexity and usage by hand', () => {
  const q = quantizer('q', { ...options, update: 'gradient' });
  const params = { 'q/codebook': tf.tensor2d(book), 'q/count': tf.ones([3]) };
  const found = q.quantize(params, tf.tensor2d(points));
  expect(Array.from(found.codes.dataSync())).toEqual([0, 1, 0, 0]);
  expect(Array.from(found.quantized.dataSync())).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  const mse = (0.01 + 0.01 + 0.04 + 0.04 + 0.01 + 0.09) / 8;
  expect(found.codebookLoss.dataSync()[0]).toBeCloseTo(mse, 5);
  expect(found.commitmentLoss.dataSync()[0]).toBeCloseTo(mse, 5);
  expect(found.perplexity.dataSync()[0]).toBeCloseTo(Math.exp(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25)), 4);
  expect(found.usage.dataSync()[0]).toBeCloseTo(2 / 3, 5);
  const count = found.updates['q/count'].dataSync();
  [0.9 + 0.3, 0.9 + 0.1, 0.9].forEach((c, i) => expect(count[i]).toBeCloseTo(c, 5));
  expect(Object.keys(found.updates)).toEqual(['q/count']);
});

test('the codebook loss moves codes, the commitment loss moves the encoder, and neither both', () => {
  const q = quantizer('q', { ...options, update: 'gradient' });
  const params = { 'q/codebook': tf.tensor2d(book), 'q/count': tf.ones([3]), z: tf.tensor2d(points) };
  // A gradient of a parameter that nothing depends on is an error; this depends on both by nothing.
  const reached = (p: Readonly<Record<string, tf.Tensor>>) => tf.mul(0, tf.add(tf.sum(p.z), tf.sum(p['q/codebook'])));
  const grads = (pick: 'codebookLoss' | 'commitmentLoss') =>
    valueAndGrads((p) => ({ value: tf.add(q.quantize(p, p.z)[pick], reached(p)), extra: {} }), params, ['q/codebook', 'z']).grads;
  const byBook = grads('codebookLoss');
  expect(Array.from(byBook.z.dataSync())).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  // d/de of mean over 8 values: 2 (e - z) / 8, summed over the points of the code
  expect(byBook['q/codebook'].dataSync()[0]).toBeCloseTo((2 * (0 - 0.1 + 0 - 0.2 + 0 - 0)) / 8, 5);
  expect(byBook['q/codebook'].dataSync()[4]).toBe(0);
  const byEncoder = grads('commitmentLoss');
  expect(Array.from(byEncoder['q/codebook'].dataSync())).toEqual([0, 0, 0, 0, 0, 0]);
  expect(byEncoder.z.dataSync()[0]).toBeCloseTo((2 * 0.1) / 8, 5);
});

test('EMA codebook: moving averages of the points of each code (appendix A.1)', () => {
  const q = quantizer('q', { ...options, update: 'ema' });
  expect(q.params.map((p) => [p.name, p.trainable])).toEqual([['q/codebook', false], ['q/count', false], ['q/sum', false]]);
  const params = { 'q/codebook': tf.tensor2d(book), 'q/count': tf.tensor1d([2, 2, 2]), 'q/sum': tf.tensor2d([[0, 0], [2, 2], [10, 10]]) };
  const { updates } = q.quantize(params, tf.tensor2d(points));
  const count = [0.9 * 2 + 0.1 * 3, 0.9 * 2 + 0.1, 0.9 * 2];
  const sum = [0.1 * 0.3, 0.9 * 2 + 0.1 * 0.9, 9];
  count.forEach((c, i) => expect(updates['q/count'].dataSync()[i]).toBeCloseTo(c, 5));
  sum.forEach((v, i) => {
    expect(updates['q/sum'].dataSync()[i * 2]).toBeCloseTo(v, 5);
    expect(updates['q/codebook'].dataSync()[i * 2]).toBeCloseTo(v / count[i], 3);
  });
});

test('straight-through: the value of one, the gradient of the other', () => {
  const z = tf.tensor1d([1, 2]);
  const { value, grads } = tf.valueAndGrads((a: tf.Tensor) => tf.sum(tf.square(straightThrough(a, tf.tensor1d([3, 5])))) as tf.Scalar)([z]);
  expect(value.dataSync()[0]).toBe(34);
  expect(Array.from(grads[0].dataSync())).toEqual([6, 10]);
});

test('stopGradient passes values and no gradient; values handed out survive the gradient\'s scope', () => {
  const { value, grads, extra } = valueAndGrads(
    (p) => {
      const square = tf.square(p.a);
      return { value: tf.sum(tf.mul(square, stopGradient(p.a))), extra: { square } };
    },
    { a: tf.tensor1d([3]) },
    ['a'],
  );
  expect(value.dataSync()[0]).toBe(27);
  expect(grads.a.dataSync()[0]).toBe(18);
  expect(extra.square.dataSync()[0]).toBe(9);
});

test('valueAndGrads leaves no tensors behind', () => {
  const a = tf.tensor1d([3]);
  const before = tf.memory().numTensors;
  tf.tidy(() => void valueAndGrads((p) => ({ value: tf.sum(tf.square(p.a)), extra: { twice: tf.mul(p.a, 2) } }), { a }, ['a']));
  expect(tf.memory().numTensors).toBe(before);
});

test('k-means finds well separated groups and counts them', () => {
  const draw = rng(4);
  const groups = [[0, 0], [10, 0], [0, 10], [10, 10]];
  const cloud = Float32Array.from({ length: 400 * 2 }, (_, i) => groups[(i >> 1) % 4][i % 2] + 0.1 * draw.normal());
  const { centres, counts } = kmeans(cloud, 2, 4, 5, rng(1));
  expect(Array.from(counts)).toEqual([100, 100, 100, 100]);
  const found = [0, 1, 2, 3].map((c) => `${Math.round(centres[c * 2])},${Math.round(centres[c * 2 + 1])}`).sort();
  expect(found).toEqual(['0,0', '0,10', '10,0', '10,10']);
});

test('k-means with more centres than points stays finite', () => {
  const { centres, counts } = kmeans(Float32Array.of(1, 2, 3), 1, 5, 3, rng(1));
  expect(centres.every(Number.isFinite)).toBe(true);
  expect(counts.reduce((a, b) => a + b, 0)).toBe(3);
});

test('revival moves only dead codes, to badly represented points, and two of them to different places', () => {
  const z = Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 9, 9, -9, -9);
  const codebook = Float32Array.of(0, 0, 50, 50, 60, 60);
  const count = Float32Array.of(30, 0, 0.1);
  const moved = reviveCodes(z, codebook, count, 2, rng(1), { threshold: 0.05 });
  expect(moved.sort()).toEqual([1, 2]);
  expect(Array.from(codebook.subarray(0, 2))).toEqual([0, 0]);
  expect([codebook[2], codebook[4]].sort((a, b) => a - b)).toEqual([-9, 9]);
  expect(count[1]).toBeCloseTo(1.3 * 0.05 * (30.1 / 3), 4);
  expect(reviveCodes(z, codebook, Float32Array.of(1, 1, 1), 2, rng(1), { threshold: 0.05 })).toEqual([]);
});
