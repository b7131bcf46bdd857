import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAgreement } from '../agree.fixture.ts';

const comparisons = { equal: tf.equal, notEqual: tf.notEqual, greater: tf.greater, greaterEqual: tf.greaterEqual, less: tf.less, lessEqual: tf.lessEqual };
const none = { gradients: false };

test.each(Object.entries(comparisons))('%s', async (_, op) => {
  await expectAgreement((a, b) => op(a, b), [{ shape: [2, 6], values: [0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0] }, { shape: [6], values: [0, 2, 2, 2, 5, 5] }], none);
  await expectAgreement((a, b) => op(a, b), [{ shape: [2, 3], dtype: 'int32' }, { shape: [3], dtype: 'int32' }], none);
});

test('logic and tests of numbers', async () => {
  await expectAgreement((a, b) => {
    const p = tf.greater(a, 0);
    const q = tf.greater(b, 0.5);
    return [tf.logicalAnd(p, q), tf.logicalOr(p, q), tf.logicalXor(p, q), tf.logicalNot(p)];
  }, [{ shape: [3, 4] }, { shape: [3, 4] }], none);
  await expectAgreement((a) => [tf.isNaN(a), tf.isInf(a), tf.isFinite(a)], [{ shape: [4], values: [1, NaN, Infinity, -Infinity] }], none);
});

test('where, by element, by row and broadcast', async () => {
  await expectAgreement((a, b) => tf.where(tf.greater(a, b), a, tf.mul(b, 2)), [{ shape: [3, 4] }, { shape: [3, 4] }]);
  await expectAgreement((a, b) => tf.where(tf.greater(tf.sum(a, 1, true), 0), a, b), [{ shape: [3, 4] }, { shape: [3, 4] }]);
  await expectAgreement((a, b) => tf.where(tf.tensor([true, false, true], [3, 1], 'bool'), a, b), [{ shape: [3, 4] }, { shape: [3, 4] }]);
});
