import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAdjoint, expectAgreement } from '../agree.fixture.ts';

test.each([[2, 2, 'valid'], [3, 2, 'same'], [3, 1, 'same']] as const)('pools of %i at stride %i, %s', async (size, stride, pad) => {
  const x = { shape: [2, 6, 7, 3] };
  const average = (t: tf.Tensor) => tf.avgPool(t as tf.Tensor4D, size, stride, pad);
  // tfjs's gradient counts the padding that its average leaves out.
  await expectAgreement(average, [x], { gradients: pad === 'valid' });
  await expectAdjoint(average, x.shape);
  await expectAgreement((t) => tf.maxPool(t as tf.Tensor4D, size, stride, pad), [x]);
});
