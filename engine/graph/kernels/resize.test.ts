import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { expectAdjoint, expectAgreement } from '../agree.fixture.ts';

const x = { shape: [2, 4, 5, 3] };
const square = { shape: [2, 4, 4, 3] };

test('nearest neighbour, up and down', async () => {
  const resize = (size: [number, number], half = false) => (t: tf.Tensor) => tf.image.resizeNearestNeighbor(t as tf.Tensor4D, size, false, half);
  // tfjs's gradient is right for the first picture of a batch only, and misses pixels where the sizes do not divide.
  await expectAgreement(resize([8, 10]), [{ shape: [1, 4, 5, 3] }]);
  await expectAgreement(resize([8, 10]), [x], { gradients: false });
  await expectAdjoint(resize([8, 10]), x.shape);
  await expectAgreement(resize([8, 10], true), [x], { gradients: false });
  await expectAgreement(resize([2, 3]), [x], { gradients: false });
  await expectAdjoint(resize([2, 3]), x.shape);
});

test('bilinear, up and down', async () => {
  const resize = (size: [number, number], align = false, half = false) => (t: tf.Tensor) => tf.image.resizeBilinear(t as tf.Tensor4D, size, align, half);
  await expectAgreement(resize([8, 10]), [square]);
  await expectAgreement(resize([7, 3], true), [square]);
  // tfjs's gradient swaps height and width of a picture that is not square.
  await expectAgreement(resize([7, 3], true), [x], { gradients: false });
  await expectAgreement(resize([8, 10], false, true), [x], { gradients: false });
  await expectAdjoint(resize([7, 9]), square.shape);
});
