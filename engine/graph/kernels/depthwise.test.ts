import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAgreement } from '../agree.fixture.ts';

test.each([[1, 'same', 1], [2, 'same', 1], [1, 'valid', 2]] as const)('depthwise at stride %i, %s, multiplier %i', async (stride, pad, multiplier) => {
  await expectAgreement((x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad), [{ shape: [2, 6, 8, 3] }, { shape: [3, 3, 3, multiplier] }]);
});
