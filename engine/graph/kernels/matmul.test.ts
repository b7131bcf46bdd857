import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAgreement } from '../agree.fixture.ts';

test.each([[false, false], [false, true], [true, false], [true, true]])('matrices, transposed %s %s', async (ta, tb) => {
  await expectAgreement((a, b) => tf.matMul(a, b, ta, tb), [{ shape: ta ? [4, 3] : [3, 4] }, { shape: tb ? [5, 4] : [4, 5] }]);
  await expectAgreement((a, b) => tf.matMul(a, b, ta, tb), [{ shape: ta ? [2, 3, 4, 3] : [2, 3, 3, 4] }, { shape: tb ? [2, 3, 5, 4] : [2, 3, 4, 5] }]);
});

test('a stack times one matrix, and lazily transposed operands', async () => {
  await expectAgreement((a, b) => tf.matMul(a, b), [{ shape: [3, 2, 4] }, { shape: [1, 4, 5] }]);
  await expectAgreement((a, b) => tf.matMul(tf.transpose(a), tf.transpose(b)), [{ shape: [4, 3] }, { shape: [5, 4] }]);
  await expectAgreement((a, b) => tf.matMul(tf.transpose(a, [0, 2, 1]), b), [{ shape: [2, 4, 3] }, { shape: [2, 4, 5] }]);
});

test('attention over the positions of a picture', async () => {
  await expectAgreement((x, wq, wk, wv) => {
    const project = (w: tf.Tensor) => tf.reshape(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'), [2, 12, 2, 3]);
    const heads = (t: tf.Tensor) => tf.transpose(t, [0, 2, 1, 3]);
    const scores = tf.softmax(tf.mul(tf.matMul(heads(project(wq)), heads(project(wk)), false, true), 1 / Math.sqrt(3)));
    return tf.reshape(tf.transpose(tf.matMul(scores, heads(project(wv))), [0, 2, 1, 3]), [2, 3, 4, 6]);
  }, [{ shape: [2, 3, 4, 5] }, { shape: [1, 1, 5, 6] }, { shape: [1, 1, 5, 6] }, { shape: [1, 1, 5, 6] }]);
});
