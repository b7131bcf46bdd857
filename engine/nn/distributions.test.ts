import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { klBetweenNormals, klToStandardNormal, klToUniform, reparameterise } from './divergences.ts';
import { gradientErrors } from './finite-differences.ts';
import { bernoulliLogLikelihood, categoricalLogLikelihood, discretisedLogisticLogLikelihood, gaussianLogLikelihood } from './likelihoods.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const one = (t: tf.Tensor) => t.dataSync()[0];
const s = (v: number) => tf.tensor1d([v]);

test('Bernoulli by hand, also far out', () => {
  const p = 1 / (1 + Math.exp(-0.7));
  expect(one(bernoulliLogLikelihood(s(1), s(0.7)))).toBeCloseTo(Math.log(p), 5);
  expect(one(bernoulliLogLikelihood(s(0), s(0.7)))).toBeCloseTo(Math.log(1 - p), 5);
  expect(one(bernoulliLogLikelihood(s(0), s(90)))).toBeCloseTo(-90, 4);
  expect(one(bernoulliLogLikelihood(s(1), s(90)))).toBeCloseTo(0, 5);
});

test('Gaussian by hand', () => {
  const expected = -0.5 * (Math.log(2 * Math.PI) + Math.log(4) + (1.5 - 1) ** 2 / 4);
  expect(one(gaussianLogLikelihood(s(1.5), s(1), s(Math.log(4))))).toBeCloseTo(expected, 5);
});

test('discretised logistic: the probabilities of all levels sum to one, whatever the spread', () => {
  for (const [mean, logScale] of [[0.3, -3], [0.9, -6], [-0.2, -1], [0.5, 1]]) {
    const x = tf.tensor1d(Float32Array.from({ length: 256 }, (_, i) => i / 255));
    const sum = tf.sum(tf.exp(discretisedLogisticLogLikelihood(x, tf.fill([256], mean), s(logScale)))).dataSync()[0];
    expect(sum).toBeCloseTo(1, 3);
  }
});

test('discretised logistic of one level as a difference of sigmoids', () => {
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  const x = 100 / 255;
  const expected = Math.log(sigmoid((x + 0.5 / 255 - 0.41) / 0.1) - sigmoid((x - 0.5 / 255 - 0.41) / 0.1));
  expect(one(discretisedLogisticLogLikelihood(s(x), s(0.41), s(Math.log(0.1))))).toBeCloseTo(expected, 3);
});

test('categorical', () => {
  const value = one(categoricalLogLikelihood(tf.tensor2d([[0, 1, 0]]), tf.tensor2d([[0, Math.log(2), 0]])));
  expect(value).toBeCloseTo(Math.log(0.5), 5);
});

test('KL to the standard normal: 0 at it, by hand elsewhere, and equal to the general form', () => {
  expect(one(klToStandardNormal(s(0), s(0)))).toBe(0);
  expect(one(klToStandardNormal(s(1), s(Math.log(4))))).toBeCloseTo(0.5 * (4 + 1 - Math.log(4) - 1), 5);
  expect(one(klBetweenNormals(s(1), s(Math.log(4)), s(0), s(0)))).toBeCloseTo(0.5 * (4 + 1 - Math.log(4) - 1), 5);
  expect(one(klBetweenNormals(s(2), s(1), s(2), s(1)))).toBeCloseTo(0, 6);
});

test('KL to uniform: 0 for equal logits, log K for certainty', () => {
  expect(one(klToUniform(tf.tensor2d([[3, 3, 3, 3]])))).toBeCloseTo(0, 5);
  expect(one(klToUniform(tf.tensor2d([[60, 0, 0, 0]])))).toBeCloseTo(Math.log(4), 5);
});

test('the sampled KL agrees with the closed form', () => {
  const n = 20000;
  const mean = tf.fill([n], 0.8);
  const logVar = tf.fill([n], -0.5);
  const z = reparameterise(mean, logVar, tf.tensor1d(rng(5).fillNormal(new Float32Array(n))));
  const sampled = tf.mean(tf.sub(gaussianLogLikelihood(z, mean, logVar), gaussianLogLikelihood(z, s(0), s(0))));
  expect(one(sampled)).toBeCloseTo(one(klToStandardNormal(s(0.8), s(-0.5))), 1);
});

test('gradients against finite differences', () => {
  const params = { x: tf.tensor1d([0.2, 0.6]), a: tf.tensor1d([0.4, -0.3]), b: tf.tensor1d([-1, -0.5]) };
  const losses: [string, string[], (p: Readonly<Record<string, tf.Tensor>>) => tf.Tensor][] = [
    ['bernoulli', ['x', 'a'], (p) => tf.sum(bernoulliLogLikelihood(p.x, p.a))],
    ['gaussian', ['x', 'a', 'b'], (p) => tf.sum(gaussianLogLikelihood(p.x, p.a, p.b))],
    ['logistic', ['a', 'b'], (p) => tf.sum(discretisedLogisticLogLikelihood(tf.tensor1d([0.2, 1]), p.a, p.b))],
    ['kl', ['a', 'b'], (p) => tf.sum(klToStandardNormal(p.a, p.b))],
    ['between', ['a', 'b', 'x'], (p) => tf.sum(klBetweenNormals(p.a, p.b, p.x, p.x))],
    ['uniform', ['a'], (p) => tf.sum(klToUniform(p.a))],
    ['sample', ['a', 'b'], (p) => tf.sum(tf.square(reparameterise(p.a, p.b, tf.tensor1d([0.3, -1]))))],
  ];
  for (const [name, names, loss] of losses) {
    const errors = gradientErrors(loss, params, rng(name), { names });
    for (const [param, error] of Object.entries(errors)) expect(error, `${name} by ${param}`).toBeLessThan(0.01);
  }
});
