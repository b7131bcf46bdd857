import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAgreement } from '../agree.fixture.ts';

const binary = { add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div, maximum: tf.maximum, minimum: tf.minimum, squaredDifference: tf.squaredDifference };

test.each(Object.entries(binary))('%s with broadcasting on either side', async (_, op) => {
  await expectAgreement((a, b) => op(a, b), [{ shape: [2, 3, 4], low: 0.5 }, { shape: [3, 1], low: 0.5 }]);
  await expectAgreement((a, b) => op(b, a), [{ shape: [2, 3, 4], low: 0.5 }, { shape: [4], low: 0.5 }]);
  await expectAgreement((a, b) => op(a, b), [{ shape: [2, 2, 3, 4], low: 0.5 }, { shape: [], low: 0.5 }]);
});

test('powers, remainders and guarded division', async () => {
  await expectAgreement((a, b) => tf.pow(a, b), [{ shape: [3, 4], low: 0.3, high: 2 }, { shape: [4] }]);
  await expectAgreement((a) => tf.pow(a, 3), [{ shape: [3, 4] }]);
  await expectAgreement((a, b) => tf.mod(a, b), [{ shape: [3, 4], low: -7, high: 7 }, { shape: [4], low: 1, high: 3 }], { gradients: false });
  await expectAgreement((a, b) => tf.floorDiv(a, b), [{ shape: [3, 4], low: -7, high: 7 }, { shape: [4], low: 1, high: 3 }], { gradients: false });
  await expectAgreement((a, b) => tf.floorDiv(a, b), [{ shape: [2, 3], dtype: 'int32', values: [-7, 7, -1, 0, 5, -5] }, { shape: [3], dtype: 'int32', values: [2, 3, -4] }], { gradients: false });
  await expectAgreement((a, b) => tf.divNoNan(a, b), [{ shape: [4] }, { shape: [4], values: [0, 1, 0, -2] }], { gradients: false });
  await expectAgreement((a, b) => tf.prelu(a, b), [{ shape: [2, 5] }, { shape: [5], low: 0.1, high: 0.5 }]);
});

test('sums of many, and integers', async () => {
  await expectAgreement((a, b, c) => tf.addN([a, b, c]), [{ shape: [2, 3] }, { shape: [2, 3] }, { shape: [2, 3] }]);
  await expectAgreement((a, b) => tf.add(tf.mul(a, b), 3), [{ shape: [5], dtype: 'int32' }, { shape: [5], dtype: 'int32' }], { gradients: false });
});

test('constants fold without changing the result', async () => {
  await expectAgreement((a) => tf.mul(tf.add(a, 0), tf.onesLike(a)), [{ shape: [2, 3] }]);
  await expectAgreement((a) => tf.div(a, tf.fill([4, 2, 3], 4)), [{ shape: [2, 3] }]);
  await expectAgreement((a) => tf.sub(tf.mul(2, tf.sub(a, tf.mul(a, 0))), tf.div(tf.scalar(1), tf.scalar(3))), [{ shape: [2, 3] }]);
});

test('a channels-first operand meets a row-major one', async () => {
  await expectAgreement((x, w, r) => tf.mul(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'), tf.transpose(r, [1, 0, 3, 2])), [{ shape: [2, 4, 5, 3] }, { shape: [3, 3, 3, 6] }, { shape: [4, 2, 6, 5] }]);
});
