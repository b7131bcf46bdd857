import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAgreement } from '../agree.fixture.ts';

const anywhere: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  abs: tf.abs, atan: tf.atan, cos: tf.cos, cosh: tf.cosh, elu: tf.elu, erf: tf.erf, exp: tf.exp, expm1: tf.expm1, leakyRelu: (x) => tf.leakyRelu(x, 0.2), logSigmoid: tf.logSigmoid,
  neg: tf.neg, relu: tf.relu, relu6: tf.relu6, selu: tf.selu, sigmoid: tf.sigmoid, sin: tf.sin, sinh: tf.sinh, softplus: tf.softplus, square: tf.square, tanh: tf.tanh, asinh: tf.asinh, tan: tf.tan,
};
const positive: Record<string, (x: tf.Tensor) => tf.Tensor> = { log: tf.log, log1p: tf.log1p, sqrt: tf.sqrt, rsqrt: tf.rsqrt, reciprocal: tf.reciprocal };
const flat: Record<string, (x: tf.Tensor) => tf.Tensor> = { ceil: tf.ceil, floor: tf.floor, round: tf.round, sign: tf.sign, step: (x) => tf.step(x, 0.3) };
const within: Record<string, (x: tf.Tensor) => tf.Tensor> = { acos: tf.acos, asin: tf.asin, atanh: tf.atanh };

// The polynomial tfjs uses for erf is good to 1.5e-7 only, and its derivative is exact.
test.each(Object.entries(anywhere))('%s', async (_, op) => expectAgreement((x) => op(x), [{ shape: [3, 7], low: -1.4, high: 1.4 }]));
test.each(Object.entries(positive))('%s of positive numbers', async (_, op) => expectAgreement((x) => op(x), [{ shape: [3, 7], low: 0.1, high: 4 }]));
test.each(Object.entries(within))('%s inside (-1, 1)', async (_, op) => expectAgreement((x) => op(x), [{ shape: [3, 7], low: -0.9, high: 0.9 }]));
test.each(Object.entries(flat))('%s, which has no slope', async (_, op) => expectAgreement((x) => op(x), [{ shape: [3, 7], low: -3, high: 3 }]));

test('small and large arguments lose nothing', async () => {
  const tiny = { shape: [6], values: [1e-7, -1e-7, 1e-3, 0, 3e-5, -0.3] };
  await expectAgreement((x) => tf.mul(tf.log1p(x), 1e3), [tiny]);
  await expectAgreement((x) => tf.mul(tf.expm1(x), 1e3), [tiny]);
  await expectAgreement((x) => [tf.softplus(x), tf.logSigmoid(x), tf.sigmoid(x)], [{ shape: [6], values: [-80, -20, -1, 1, 20, 80] }]);
});

test('clipping', async () => expectAgreement((x) => tf.clipByValue(x, -0.5, 0.7), [{ shape: [3, 7] }]));
