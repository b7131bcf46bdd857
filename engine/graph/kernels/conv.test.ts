import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { expectAgreement } from '../agree.fixture.ts';
import { trace } from '../trace.ts';

type T4 = tf.Tensor4D;
type T5 = tf.Tensor5D;
const x = { shape: [2, 8, 8, 3] };
const odd = { shape: [2, 7, 5, 3] };

test.each([
  ['3x3', [3, 3, 3, 4], 1, 'same'],
  ['4x4 at stride 2', [4, 4, 3, 4], 2, 'same'],
  ['3x3 at stride 2', [3, 3, 3, 4], 2, 'same'],
  ['2x2 at stride 2', [2, 2, 3, 4], 2, 'same'],
  ['1x1', [1, 1, 3, 4], 1, 'same'],
  ['1x1 at stride 2', [1, 1, 3, 4], 2, 'same'],
  ['unpadded 3x3', [3, 3, 3, 4], 1, 'valid'],
  ['unpadded 3x2 at strides 2 and 1', [3, 2, 3, 4], [2, 1], 'valid'],
  ['5x1', [5, 1, 3, 4], 1, 'same'],
  ['8x8 at stride 4', [8, 8, 3, 4], 4, 'same'],
  ['as large as the picture', [8, 8, 3, 4], 1, 'valid'],
] as const)('2D %s, on even and odd pictures', async (_, shape, stride, pad) => {
  for (const picture of [x, odd]) {
    if (shape[0] > picture.shape[1] && pad === 'valid') continue;
    await expectAgreement((a, w) => tf.conv2d(a as T4, w as T4, stride as number, pad), [picture, { shape: [...shape] }]);
  }
});

test('explicit padding, as a causal convolution has it', async () => {
  await expectAgreement((a, w) => tf.conv2d(a as T4, w as T4, 1, [[0, 0], [1, 0], [1, 1], [0, 0]]), [x, { shape: [2, 3, 3, 4] }]);
  await expectAgreement((a, w) => tf.conv2d(a as T4, w as T4, 1, [[0, 0], [3, 3], [4, 0], [0, 0]]), [x, { shape: [2, 3, 3, 4] }]);
});

test('dilation', async () => {
  await expectAgreement((a, w) => tf.conv2d(a as T4, w as T4, 1, 'same', 'NHWC', 2), [x, { shape: [3, 3, 3, 4] }], { gradients: false });
});

test.each([
  ['4x4 at stride 2', [4, 4, 5, 3], 2, 'same', [2, 16, 16, 5]],
  ['3x3 at stride 2', [3, 3, 5, 3], 2, 'same', [2, 16, 16, 5]],
  ['3x3 at stride 2 to an odd size', [3, 3, 5, 3], 2, 'same', [2, 15, 15, 5]],
  ['2x2 at stride 2', [2, 2, 5, 3], 2, 'same', [2, 16, 16, 5]],
  ['6x6 at stride 3, unpadded', [6, 6, 5, 3], 3, 'valid', [2, 27, 27, 5]],
  ['3x3 at stride 1', [3, 3, 5, 3], 1, 'same', [2, 8, 8, 5]],
] as const)('2D transposed %s', async (_, shape, stride, pad, out) => {
  await expectAgreement((a, w) => tf.conv2dTranspose(a as T4, w as T4, [...out] as [number, number, number, number], stride, pad), [x, { shape: [...shape] }]);
});

test('a bias and a ReLU join in, and the bare product may be used as well', async () => {
  const w = { shape: [3, 3, 3, 4] };
  await expectAgreement((a, k, b) => tf.relu(tf.add(tf.conv2d(a as T4, k as T4, 1, 'same'), b)), [x, w, { shape: [4] }]);
  await expectAgreement((a, k, b) => {
    const y = tf.conv2d(a as T4, k as T4, 1, 'same');
    return [tf.add(y, b), y];
  }, [x, w, { shape: [4] }]);
});

test.each([[1, 'same'], [2, 'same'], [1, 'valid'], [2, 'valid']] as const)('1D at stride %i, %s', async (stride, pad) => {
  await expectAgreement((a, w) => tf.conv1d(a as tf.Tensor3D, w as tf.Tensor3D, stride, pad), [{ shape: [2, 12, 3] }, { shape: [4, 3, 5] }]);
});

test.each([
  ['3x3x3', [3, 3, 3, 2, 4], 1, 'same'],
  ['4x4x4 at stride 2', [4, 4, 4, 2, 4], 2, 'same'],
  ['1x3x3, unpadded', [1, 3, 3, 2, 4], 1, 'valid'],
  ['3x4x4 at strides 1, 2, 2', [3, 4, 4, 2, 4], [1, 2, 2], 'same'],
] as const)('3D %s', async (_, shape, stride, pad) => {
  await expectAgreement((a, w) => tf.conv3d(a as T5, w as T5, stride as number, pad), [{ shape: [2, 4, 6, 4, 2] }, { shape: [...shape] }]);
});

test('3D transposed at stride 2', async () => {
  await expectAgreement((a, w) => tf.conv3dTranspose(a as T5, w as T5, [2, 4, 6, 8, 3], 2, 'same'), [{ shape: [2, 2, 3, 4, 2] }, { shape: [4, 4, 4, 3, 2] }]);
});

test('a bias becomes part of its convolution and a transposed one needs no ConvTranspose', () => {
  const ops = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);
  const { bytes } = trace('net', ({ a, w, b, v }) => ({ outputs: { y: tf.conv2dTranspose(tf.relu(tf.add(tf.conv2d(a as T4, w as T4, 2, 'same'), b)) as T4, v as T4, [2, 8, 8, 3], 2, 'same') } }), {
    a: { shape: x.shape, dtype: 'float32' },
    w: { shape: [4, 4, 3, 4], dtype: 'float32' },
    b: { shape: [4], dtype: 'float32' },
    v: { shape: [4, 4, 3, 4], dtype: 'float32' },
  }, {});
  expect(ops(bytes)).not.toContain('ConvTranspose');
  expect(ops(bytes)).not.toMatch(/Add/);
});
