import { expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import { eagerDevice, openDevice } from './index.ts';
import type { GraphFunction } from './index.ts';
import { rng } from '../core/rng.ts';

const B = 3;
const random = (seed: number, n: number, scale = 1) => rng(seed).fillNormal(new Float32Array(n)).map((v) => v * scale);

/** One gradient step of a small convolutional autoencoder. */
const step: GraphFunction = ({ x }, s) => {
  const names = Object.keys(s);
  const loss = (...p: tf.Tensor[]) => {
    const v = Object.fromEntries(names.map((n, i) => [n, p[i]]));
    const h = tf.relu(tf.add(tf.conv2d(x as tf.Tensor4D, v.w0 as tf.Tensor4D, 2, 'same'), v.b0)) as tf.Tensor4D;
    const z = tf.matMul(tf.reshape(h, [B, -1]), v.w1 as tf.Tensor2D);
    const back = tf.reshape(tf.matMul(z, v.w1 as tf.Tensor2D, false, true), [B, 4, 4, 6]) as tf.Tensor4D;
    const y = tf.add(tf.conv2dTranspose(back, v.w2 as tf.Tensor4D, [B, 8, 8, 2], 2, 'same'), v.b2);
    return tf.mean(tf.square(tf.sub(y, x))) as tf.Scalar;
  };
  const { value, grads } = tf.valueAndGrads(loss)(names.map((n) => s[n]));
  return { outputs: { loss: value }, state: Object.fromEntries(names.map((n, i) => [n, tf.sub(s[n], tf.mul(0.1, grads[i]))])) };
};

const initial = () => ({
  w0: { shape: [4, 4, 2, 6], values: random(1, 192, 0.2) },
  b0: { shape: [6], values: random(2, 6, 0.1) },
  w1: { shape: [96, 5], values: random(3, 480, 0.2) },
  w2: { shape: [4, 4, 2, 6], values: random(4, 192, 0.2) },
  b2: { shape: [2], values: random(5, 2, 0.1) },
});

test('a compiled step agrees with the eager one', async () => {
  const x = random(9, B * 128);
  const runs = [];
  for (const device of [await eagerDevice(), await openDevice('cpu')]) {
    const state = device.createState(initial());
    const program = await device.compile('step', step, { inputs: { x: { shape: [B, 8, 8, 2], dtype: 'float32' } }, state });
    const losses = [];
    for (let i = 0; i < 5; i++) losses.push((await program.run({ x })).loss[0]);
    runs.push({ losses, state: await state.read() });
  }
  const [eager, native] = runs;
  eager.losses.forEach((l, i) => expect(Math.abs(native.losses[i] - l) / l).toBeLessThan(1e-5));
  for (const name of Object.keys(eager.state)) {
    const scale = Math.max(...eager.state[name].map(Math.abs));
    const worst = Math.max(...Array.from(eager.state[name], (v, i) => Math.abs(v - native.state[name][i])));
    expect(worst / scale, name).toBeLessThan(1e-5);
  }
});
