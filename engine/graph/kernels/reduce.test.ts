import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAgreement } from '../agree.fixture.ts';

const reductions = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min };
const axes: [string, number | number[] | undefined][] = [['all axes', undefined], ['the last', -1], ['the first', 0], ['two', [0, 2]]];

test.each(Object.entries(reductions))('%s', async (_, op) => {
  for (const [, axis] of axes) {
    for (const keep of [false, true]) await expectAgreement((x) => op(x, axis, keep), [{ shape: [2, 3, 4] }]);
  }
});

test('products, all and any', async () => {
  await expectAgreement((x) => tf.prod(x, 1), [{ shape: [3, 4] }]);
  await expectAgreement((x) => [tf.all(tf.greater(x, -1), 1), tf.any(tf.greater(x, 1.5), [0, 1]), tf.any(tf.greater(x, 1.5), 0, true)], [{ shape: [3, 4] }], { gradients: false });
});

test('reductions of a channels-first tensor and of a pending broadcast', async () => {
  const conv = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
  const given = [{ shape: [2, 4, 5, 3] }, { shape: [3, 3, 3, 4] }];
  await expectAgreement((x, w) => [tf.sum(conv(x, w), 3), tf.mean(conv(x, w), [1, 2]), tf.max(conv(x, w), [0, 3], true)], given);
  await expectAgreement((x) => [tf.sum(tf.broadcastTo(x, [4, 3, 5]), [0, 2]), tf.mean(tf.broadcastTo(x, [4, 3, 5])), tf.prod(tf.broadcastTo(x, [4, 3, 5]), 0)], [{ shape: [3, 1], low: 0.5, high: 1.5 }], { gradients: false });
});

test('positions of extremes, with ties to the first', async () => {
  await expectAgreement((x) => [tf.argMin(x, 1), tf.argMax(x, 0), tf.argMax(x, -1)], [{ shape: [3, 4], values: [1, 0, 0, 5, 5, 5, 1, 1, 2, 2, 2, 2] }], { gradients: false });
});

test('running sums and products', async () => {
  for (const exclusive of [false, true]) {
    for (const reverse of [false, true]) {
      await expectAgreement((x) => tf.cumsum(x, 1, exclusive, reverse), [{ shape: [2, 4, 3] }]);
      await expectAgreement((x) => tf.cumprod(x, 1, exclusive, reverse), [{ shape: [2, 4, 3] }], { gradients: false });
    }
  }
});

test('moments, norms, logSumExp and variance', async () => {
  await expectAgreement((x) => Object.values(tf.moments(x, [0, 2], true)), [{ shape: [2, 3, 4] }]);
  await expectAgreement((x) => [tf.logSumExp(x, 1), tf.norm(x, 'euclidean', 1), tf.norm(x)], [{ shape: [3, 4] }]);
});
