import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { stopGradient, straightThrough, valueAndGrads } from './gradients.ts';
import { kmeans } from './kmeans.ts';
import { fsq } from './fsq.ts';
import { quantizer } from './quantizer.ts';
import { residualQuantizer } from './residual-quantizer.ts';
import { rotateOnto } from './rotation.ts';
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

test('cosine distance: length does not count, and what comes out has length 1', () => {
  const q = quantizer('q', { ...options, codes: 2, update: 'gradient', distance: 'cosine' });
  const params = { 'q/codebook': tf.tensor2d([[10, 0], [0, 0.1]]), 'q/count': tf.ones([2]) };
  // By place both points are nearer to the second code.
  const found = q.quantize(params, tf.tensor2d([[0.2, 0.1], [0.1, 3]]));
  expect(Array.from(found.codes.dataSync())).toEqual([0, 1]);
  Array.from(found.quantized.dataSync()).forEach((v, i) => expect(v).toBeCloseTo([1, 0, 0, 1][i], 5));
  const cosine = (a: number, b: number) => a / Math.hypot(a, b);
  // ||u - v||^2 of unit vectors is 2 - 2 cos, here a mean over 4 numbers.
  expect(found.commitmentLoss.dataSync()[0]).toBeCloseTo((4 - 2 * cosine(0.2, 0.1) - 2 * cosine(3, 0.1)) / 4, 5);
});

test('rotation trick: the values of the code, and gradients turned by the angle and scaled by the lengths', () => {
  const e = tf.tensor2d([[2, 0], [0.3, -0.4]]);
  const q = tf.tensor2d([[0, 3], [0.3, -0.4]]);
  const weights = tf.tensor2d([[1, 0.5], [1, 2]]);
  const { value, grads } = tf.valueAndGrads((a: tf.Tensor) => tf.sum(tf.mul(weights, rotateOnto(a, q))) as tf.Scalar)([e]);
  expect(value.dataSync()[0]).toBeCloseTo(1.5 + 0.3 - 0.8, 5);
  rotateOnto(e, q).dataSync().forEach((v, i) => expect(v).toBeCloseTo(q.dataSync()[i], 5));
  // R turns the x axis onto the y axis and scales by 3/2; gradients pass R^T. A point on its code keeps its gradient.
  [0.75, -1.5, 1, 2].forEach((v, i) => expect(grads[0].dataSync()[i]).toBeCloseTo(v, 4));
});

test('residual levels: each describes what the one before left over, and together they are nearer', () => {
  const q = residualQuantizer('q', { ...options, codes: 2, update: 'ema' }, 2);
  expect([q.alphabets, q.codes, q.counts]).toEqual([2, 4, ['q/0/count', 'q/1/count']]);
  const params = Object.fromEntries(q.params.map((p) => [p.name, tf.tensor(p.init(rng(1)), [...p.shape])]));
  params['q/0/codebook'] = tf.tensor2d([[0, 0], [4, 4]]);
  params['q/1/codebook'] = tf.tensor2d([[1, 0], [0, -1]]);
  const z = tf.tensor2d([[4.9, 4.1], [0.2, -0.9]]);
  const codes = q.encode(params, z);
  expect(codes.arraySync()).toEqual([[1, 2], [0, 3]]);
  expect(q.decode(params, codes).arraySync()).toEqual([[5, 4], [0, -1]]);
  const found = q.quantize(params, z);
  expect(found.quantized.arraySync()).toEqual([[5, 4], [0, -1]]);
  expect(found.codes.arraySync()).toEqual(codes.arraySync());
  expect(Object.keys(found.updates).sort()).toEqual(['q/0/codebook', 'q/0/count', 'q/0/sum', 'q/1/codebook', 'q/1/count', 'q/1/sum']);
  expect(found.perplexity.dataSync()[0]).toBeCloseTo(4, 3);
  const rest = q.residuals(params, z).map((t) => Array.from(t.dataSync()));
  [0.9, 0.1, 0.2, -0.9].forEach((v, i) => expect(rest[1][i]).toBeCloseTo(v, 5));
  expect(() => residualQuantizer('q', { ...options, update: 'ema', distance: 'cosine' }, 2)).toThrow(/Euclidean/);
});

test('finite scalar quantisation: every code stands for its own point, and is found again', () => {
  const levels = [4, 3, 5];
  const q = fsq('q', levels, 0.9);
  expect([q.codes, q.alphabets]).toEqual([60, 1]);
  const all = tf.tensor2d(Int32Array.from({ length: 60 }, (_, i) => i), [60, 1], 'int32');
  const points = q.decode({}, all);
  const rows = (points.arraySync() as number[][]).map(String);
  expect(new Set(rows).size).toBe(60);
  expect(Math.max(...points.dataSync())).toBe(1);
  expect(Math.min(...points.dataSync())).toBe(-1);
  // What the encoder has to say to be rounded to each: the inverse of the bound, appendix A.1.
  const z = (points.arraySync() as number[][]).map((row) =>
    row.map((v, i) => {
      const half = ((levels[i] - 1) * (1 - 1e-3)) / 2;
      const offset = levels[i] % 2 === 0 ? 0.5 : 0;
      const inside = Math.max(-0.999, Math.min(0.999, (v * Math.floor(levels[i] / 2) + offset) / half));
      return Math.atanh(inside) - Math.atanh(offset / half);
    }),
  );
  expect(Array.from(q.encode({}, tf.tensor2d(z)).dataSync())).toEqual(Array.from(all.dataSync()));
  const params = { 'q/count': tf.ones([60]) };
  const found = q.quantize(params, tf.tensor2d(z));
  expect(found.usage.dataSync()[0]).toBe(1);
  expect(found.perplexity.dataSync()[0]).toBeCloseTo(60, 1);
  expect(Array.from(found.quantized.dataSync())).toEqual(Array.from(points.dataSync()));
  expect(found.updates['q/count'].dataSync()[7]).toBeCloseTo(1, 6);
});

test('finite scalar quantisation: gradients are those of the bound, which vanish far out', () => {
  const q = fsq('q', [5, 5], 0.9);
  const z = tf.tensor2d([[0, 6]]);
  const { grads } = tf.valueAndGrads((x: tf.Tensor) => tf.sum(q.quantize({ 'q/count': tf.ones([25]) }, x).quantized) as tf.Scalar)([z]);
  const [near, far] = grads[0].dataSync();
  expect(near).toBeCloseTo((4 * 0.999) / 2 / 2, 4);
  expect(far).toBeLessThan(1e-3);
});
