import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAgreement } from '../agree.fixture.ts';

const none = { gradients: false };

test('gather of rows, with repeats, along other axes and per batch', async () => {
  await expectAgreement((x, i) => tf.gather(x, i), [{ shape: [4, 3] }, { shape: [2, 5], dtype: 'int32', high: 4 }]);
  await expectAgreement((x, i) => tf.gather(x, i, 1), [{ shape: [3, 4, 2] }, { shape: [6], dtype: 'int32', high: 4 }]);
  await expectAgreement((x, i) => tf.gather(x, i, 1, 1), [{ shape: [2, 4, 3] }, { shape: [2, 5], dtype: 'int32', high: 4 }]);
  await expectAgreement((x, i) => tf.gather(x, i, 2, 1), [{ shape: [2, 3, 4] }, { shape: [2, 5], dtype: 'int32', high: 4 }], none);
});

test('sums by segment, with empty segments', async () => {
  await expectAgreement((x, i) => tf.unsortedSegmentSum(x, i as tf.Tensor1D, 5), [{ shape: [6, 3] }, { shape: [6], dtype: 'int32', values: [0, 2, 2, 4, 0, 2] }]);
});

test('gatherND, scatterND and tensorScatterUpdate', async () => {
  const at = { shape: [3, 2], dtype: 'int32' as const, values: [0, 1, 2, 0, 1, 1] };
  await expectAgreement((x, i) => tf.gatherND(x, i), [{ shape: [3, 2, 4] }, at], none);
  await expectAgreement((u, i) => tf.scatterND(i as tf.Tensor2D, u, [3, 2, 4]), [{ shape: [3, 4] }, at], none);
  await expectAgreement((x, i, u) => tf.tensorScatterUpdate(x, i as tf.Tensor2D, u), [{ shape: [3, 2, 4] }, at, { shape: [3, 4] }], none);
});

test('one-hot codes, out of range too', async () => {
  await expectAgreement((i) => [tf.oneHot(i, 4), tf.oneHot(i, 3, 5, -1)], [{ shape: [2, 3], dtype: 'int32', values: [0, 3, 1, -1, 4, 2] }], none);
});

test('largest k', async () => {
  await expectAgreement((x) => {
    const { values, indices } = tf.topk(x, 2);
    return [values, indices];
  }, [{ shape: [3, 5] }], none);
});
