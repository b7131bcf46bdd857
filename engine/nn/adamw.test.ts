import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { adamw, optimizerHyper, weightAverage, weightEmaAt, type OptimizerHyper } from './adamw.ts';
import { param, zeros } from './layer.ts';
import { learningRateAt, rampUp } from './schedules.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const settings = { learningRate: 0.1, weightDecay: 0, clipNorm: null, weightEma: 0.999 };
const scalars = (hyper: OptimizerHyper) => Object.fromEntries(Object.entries(hyper).map(([k, v]) => [k, tf.scalar(v)])) as Record<keyof OptimizerHyper, tf.Tensor>;

test('agrees with the Adam of tfjs over ten steps', () => {
  const specs = [param('a', [2], zeros)];
  let params: Record<string, tf.Tensor> = { a: tf.tensor1d([1, -2]) };
  let slots: { m: Record<string, tf.Tensor>; v: Record<string, tf.Tensor> } = { m: { a: tf.zeros([2]) }, v: { a: tf.zeros([2]) } };
  const oracle = tf.variable(tf.tensor1d([1, -2]));
  const optimizer = tf.train.adam(0.1, 0.9, 0.999, 1e-8);
  for (let step = 0; step < 10; step++) {
    const grads = { a: tf.mul(params.a, tf.tensor1d([2, 0.5])) };
    ({ params, slots } = adamw(specs, params, grads, slots, scalars(optimizerHyper(step, settings))));
    optimizer.applyGradients({ [oracle.name]: tf.mul(oracle, tf.tensor1d([2, 0.5])) });
  }
  const expected = oracle.dataSync();
  params.a.dataSync().forEach((v, i) => expect(v).toBeCloseTo(expected[i], 4));
  oracle.dispose();
  optimizer.dispose();
});

test('decay shrinks only what it is asked to, decoupled from the gradient', () => {
  const specs = [param('kernel', [1], zeros, { decay: true }), param('bias', [1], zeros)];
  const params = { kernel: tf.tensor1d([2]), bias: tf.tensor1d([2]) };
  const none = { kernel: tf.zeros([1]), bias: tf.zeros([1]) };
  const next = adamw(specs, params, none, { m: none, v: none }, scalars(optimizerHyper(0, { ...settings, weightDecay: 0.5 })));
  expect(next.params.kernel.dataSync()[0]).toBeCloseTo(2 - 0.1 * 0.5 * 2, 6);
  expect(next.params.bias.dataSync()[0]).toBe(2);
});

test('clipping by the global norm: 3-4-5', () => {
  const specs = [param('a', [1], zeros), param('b', [1], zeros)];
  const zero = { a: tf.zeros([1]), b: tf.zeros([1]) };
  const grads = { a: tf.tensor1d([3]), b: tf.tensor1d([4]) };
  const step = (clipNorm: number | null) => adamw(specs, zero, grads, { m: zero, v: zero }, scalars(optimizerHyper(0, { ...settings, clipNorm })));
  expect(Array.from(step(1).norms.dataSync())).toEqual([3, 4]);
  expect(step(1).slots.m.a.dataSync()[0]).toBeCloseTo(0.1 * 0.6, 6);
  expect(step(10).slots.m.a.dataSync()[0]).toBeCloseTo(0.3, 6);
  expect(step(null).slots.m.b.dataSync()[0]).toBeCloseTo(0.4, 6);
});

test('weight average', () => {
  const next = weightAverage({ a: tf.scalar(1) }, { a: tf.scalar(2), b: tf.scalar(9) }, tf.scalar(0.75));
  expect(Object.keys(next)).toEqual(['a']);
  expect(next.a.dataSync()[0]).toBeCloseTo(1.25, 6);
  expect(weightEmaAt(0, 0.999)).toBeCloseTo(0.1, 9);
  expect(weightEmaAt(1e6, 0.999)).toBe(0.999);
});

test('schedules: warm-up, half-way, end, never zero', () => {
  const plan = { base: 1, warmup: 10, final: 0.1, steps: 111 };
  expect(learningRateAt(0, plan)).toBeGreaterThan(0);
  expect(learningRateAt(10, plan)).toBe(1);
  expect(learningRateAt(60, plan)).toBeCloseTo(0.55, 6);
  expect(learningRateAt(110, plan)).toBeCloseTo(0.1, 9);
  expect(learningRateAt(2, { ...plan, warmup: 100, steps: 8 })).toBe(1);
  expect([rampUp(0, 4), rampUp(2, 4), rampUp(9, 4), rampUp(0, 0)]).toEqual([0, 0.5, 1, 1]);
});
