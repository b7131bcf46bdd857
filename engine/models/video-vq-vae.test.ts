import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { videoVqVae } from './video-vq-vae.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const build = (config: object, frames?: number, side = 8) => videoVqVae.build(videoVqVae.parse({ ...videoVqVae.tiny, frames: 0, ...config }), { height: side * (frames ?? 1), width: side, channels: 3, classes: 0, frames });

test.each([[2, 1], [4, 2], [4, 4], [8, 2]])('a clip of 4 frames at stride %i and time stride %i comes back as a strip of its size', (stride, timeStride) => {
  const model = build({ stride, timeStride }, 4);
  const params = Object.fromEntries(model.params.map((p) => [p.name, tf.tensor(p.init(rng(1, p.name)), [...p.shape])]));
  const [t, side] = [4 / timeStride, 8 / stride];
  expect(model.latent).toMatchObject({ height: t * side, width: side, size: t * side * side * 4 });
  const clip = tf.tensor(rng(2).fillUniform(new Float32Array(4 * 8 * 8 * 3)), [1, 32, 8, 3]);
  const codes = model.encodeCodes!(params, clip);
  expect(codes.shape).toEqual([1, t * side * side]);
  expect(model.decodeCodes!(params, codes).shape).toEqual([1, 32, 8, 3]);
});

test('frames of a strip are moments: what changes in one frame alone reaches codes of its time, not those far away', () => {
  const model = build({ stride: 2, timeStride: 2, residualLayers: 0 }, 16, 4);
  const params = Object.fromEntries(model.params.map((p) => [p.name, tf.tensor(p.init(rng(1, p.name)), [...p.shape])]));
  const still = new Float32Array(16 * 4 * 4 * 3).fill(0.5);
  const moved = still.slice().fill(1, 0, 4 * 4 * 3);
  const [a, b] = [still, moved].map((values) => model.encode(params, tf.tensor(values, [1, 64, 4, 3])).dataSync());
  const perMoment = a.length / 8;
  const changed = Array.from({ length: 8 }, (_, t) => Array.from(a.subarray(t * perMoment, (t + 1) * perMoment)).some((v, i) => Math.abs(v - b[t * perMoment + i]) > 1e-6));
  expect(changed[0]).toBe(true);
  expect(changed.slice(3)).toEqual([false, false, false, false, false]);
});

test('still pictures, and strides that do not divide a clip, are refused', () => {
  expect(() => build({})).toThrow(/one frame each/);
  expect(() => build({ timeStride: 2 }, 3)).toThrow(/do not divide into blocks of 2 frames and 2 pixels/);
  expect(() => build({ stride: 2, timeStride: 4 }, 4)).toThrow(/does not go with a stride of 2/);
});
