import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAgreement } from '../agree.fixture.ts';

const none = { gradients: false };
const conv = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
const image = [{ shape: [2, 4, 5, 3] }, { shape: [3, 3, 3, 4] }];

test('slice, of a channels-first tensor and of a pending broadcast too', async () => {
  await expectAgreement((x) => [tf.slice(x, [0, 1], [2, 2]), tf.slice(x, 1), tf.slice(x, [1, 0], [-1, 3])], [{ shape: [3, 4] }]);
  await expectAgreement((x, w) => tf.square(tf.slice(conv(x, w), [0, 1, 2, 1], [2, 2, 3, 2])), image);
  await expectAgreement((x) => tf.square(tf.slice(tf.broadcastTo(x, [4, 3]), [1, 1], [2, 2])), [{ shape: [3] }]);
});

test('strided slices', async () => {
  await expectAgreement((x) => [tf.stridedSlice(x, [0, 1], [3, 6], [2, 2]), tf.stridedSlice(x, [2, 5], [0, 0], [-1, -2]), tf.stridedSlice(x, [1, 0], [2, 6], [1, 1], 0, 0, 0, 0, 1)], [{ shape: [3, 6] }], none);
});

test('concat, stack, split and unstack', async () => {
  await expectAgreement((a, b) => [tf.concat([a, b], 1), tf.concat([b, a, b], -1)], [{ shape: [2, 3] }, { shape: [2, 2] }]);
  await expectAgreement((a, b) => [tf.stack([a, b], 0), tf.stack([a, b], 2)], [{ shape: [2, 3] }, { shape: [2, 3] }]);
  await expectAgreement((x) => tf.split(x, [1, 3], 1), [{ shape: [2, 4] }]);
  await expectAgreement((x) => tf.unstack(x, 1), [{ shape: [2, 3, 4] }]);
  await expectAgreement((x, w) => {
    const [a, b] = tf.split(conv(x, w), 2, 3);
    return tf.concat([tf.mul(tf.tanh(a), tf.sigmoid(b)), tf.transpose(tf.transpose(a, [1, 0, 2, 3]), [1, 0, 2, 3])], 3);
  }, image);
});

test('padding with zeros, with a value, and mirrored', async () => {
  await expectAgreement((x) => [tf.pad(x, [[1, 2], [0, 1]]), tf.pad(x, [[0, 0], [2, 0]], 3)], [{ shape: [2, 3] }]);
  await expectAgreement((x, w) => tf.square(tf.pad(conv(x, w), [[0, 0], [1, 0], [0, 2], [0, 0]])), image);
  await expectAgreement((x) => tf.mirrorPad(x, [[1, 1], [2, 1]], 'reflect'), [{ shape: [3, 4] }], none);
  await expectAgreement((x) => tf.mirrorPad(x, [[1, 3], [2, 1]], 'symmetric'), [{ shape: [3, 4] }], none);
});

test('reverse', async () => {
  await expectAgreement((x) => [tf.reverse(x, 1), tf.reverse(x, [0, 2]), tf.reverse(x)], [{ shape: [2, 3, 4] }]);
});
