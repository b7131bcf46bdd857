import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAgreement } from '../agree.fixture.ts';

const conv = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
const image = [{ shape: [2, 4, 6, 3] }, { shape: [3, 3, 3, 8] }];

test('reshape, expandDims, squeeze and flatten', async () => {
  await expectAgreement((x) => [tf.reshape(x, [6, -1]), tf.expandDims(x, 1), tf.expandDims(x, -1), tf.squeeze(tf.expandDims(x, 0))], [{ shape: [2, 3, 4] }]);
  await expectAgreement((x) => tf.add(tf.reshape(x, []), tf.reshape(x, [1, 1, 1])), [{ shape: [1] }]);
});

test('reshape of a channels-first tensor, mergeable and not', async () => {
  await expectAgreement((x, w) => tf.square(tf.reshape(conv(x, w), [2, 24, 8])), image);
  await expectAgreement((x, w) => tf.square(tf.reshape(conv(x, w), [2, 4, 6, 2, 4])), image);
  await expectAgreement((x, w) => tf.square(tf.reshape(conv(x, w), [2, 1, 24, 2, 4, 1])), image);
  await expectAgreement((x, w) => tf.square(tf.reshape(conv(x, w), [-1, 8])), image);
  await expectAgreement((x, w) => tf.square(tf.reshape(conv(x, w), [8, 48])), image);
  await expectAgreement((x, w) => tf.square(tf.reshape(tf.transpose(conv(x, w), [3, 0, 1, 2]), [4, 2, 48])), image);
});

test('transpose, of constants too', async () => {
  await expectAgreement((x) => tf.square(tf.transpose(x, [2, 0, 1])), [{ shape: [2, 3, 4] }]);
  await expectAgreement((x) => tf.mul(x, tf.transpose(tf.tensor2d([[1, 2, 3], [4, 5, 6]]))), [{ shape: [3, 2] }]);
});

test('casts, as tfjs makes them', async () => {
  await expectAgreement((x) => [tf.cast(x, 'int32'), tf.cast(tf.greater(x, 0), 'float32'), tf.cast(tf.cast(x, 'int32'), 'float32'), tf.cast(x, 'bool')], [{ shape: [6], values: [-1.7, -0.2, 0, 0.2, 1.7, 3] }], { gradients: false });
});

test('tile and broadcastTo', async () => {
  await expectAgreement((x) => [tf.tile(x, [2, 3]), tf.broadcastTo(tf.expandDims(x, 1), [2, 5, 3])], [{ shape: [2, 3] }]);
  await expectAgreement((x) => tf.square(tf.broadcastTo(x, [2, 5, 3])), [{ shape: [5, 1] }]);
});

test('depthToSpace', async () => expectAgreement((x) => tf.square(tf.depthToSpace(x as tf.Tensor4D, 2)), [{ shape: [2, 3, 2, 8] }], { gradients: false }));

test('filled tensors', async () => {
  await expectAgreement((x) => [tf.add(x, tf.zeros([2, 3])), tf.add(x, tf.fill([3], 7)), tf.mul(x, tf.range(0, 3)), tf.mul(x, tf.onesLike(x)), tf.add(x, tf.linspace(0, 1, 3))], [{ shape: [2, 3] }]);
});
