import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAgreement } from '../agree.fixture.ts';

test('softmax, logSoftmax and cross-entropy', async () => {
  await expectAgreement((x) => [tf.softmax(x), tf.logSoftmax(x)], [{ shape: [2, 3, 5] }]);
  await expectAgreement((x, i) => tf.neg(tf.mean(tf.sum(tf.mul(tf.oneHot(i, 5), tf.logSoftmax(x)), -1))), [{ shape: [4, 5], low: -30, high: 30 }, { shape: [4], dtype: 'int32', high: 5 }]);
});

test('softmax over the channels of a channels-first tensor', async () => {
  await expectAgreement((x, w) => tf.softmax(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same')), [{ shape: [2, 4, 5, 3] }, { shape: [3, 3, 3, 4] }]);
});
