import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { openDevice } from '../device/index.ts';
import { ssim } from '../metrics/index.ts';
import { structuralSimilarity } from '../nn/structural-similarity.ts';

beforeAll(() => tf.setBackend('cpu'));

test.each([[12, 9], [5, 6]])('structural similarity of pictures of %i by %i is that of the figures, eagerly and compiled', async (height, width) => {
  const shape = { height, width, channels: 3 };
  const [a, b] = [1, 2].map((seed) => rng(seed).fillUniform(new Float32Array(height * width * 3)));
  const close = a.map((v, i) => 0.8 * v + 0.2 * b[i]);
  const device = await openDevice('cpu');
  for (const other of [b, close, a]) {
    const eager = tf.tidy(() => structuralSimilarity(tf.tensor(a, [1, height, width, 3]), tf.tensor(other, [1, height, width, 3])).dataSync()[0]);
    expect(eager).toBeCloseTo(ssim(a, other, shape), 4);
    const spec = { shape: [1, height, width, 3], dtype: 'float32' as const };
    const program = await device.compile('ssim', (given) => ({ outputs: { value: structuralSimilarity(given.a, given.b), slope: tf.grad((x) => structuralSimilarity(x, given.b) as tf.Scalar)(given.a) } }), { inputs: { a: spec, b: spec }, state: device.createState({}) });
    const outputs = await program.run({ a, b: other });
    expect(outputs.value[0]).toBeCloseTo(eager, 4);
    // Moving against the slope makes it less alike, unless it is the same picture already.
    const slope = Float32Array.from(outputs.slope as Float32Array);
    const moved = a.map((v, i) => v - 0.02 * Math.sign(slope[i]));
    if (other !== a) expect(ssim(moved, other, shape)).toBeLessThan(eager);
    program.dispose();
  }
});
