import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { hann } from '../core/analysis.ts';
import { rng } from '../core/rng.ts';
import { inverseStft, magnitudes, stft } from './stft.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

test('frames against the definition of the transform', () => {
  const x = rng(1, 'x').fillNormal(new Float32Array(2 * 64));
  const got = stft(tf.tensor2d(x, [2, 64]), { size: 16, hop: 8 });
  expect(got.shape).toEqual([2, 7, 18]);
  const values = got.arraySync() as number[][][];
  const size = magnitudes(got).arraySync() as number[][][];
  const window = hann(16);
  for (const [b, t, f] of [[0, 0, 0], [1, 3, 5], [0, 6, 8]]) {
    let re = 0, im = 0;
    for (let n = 0; n < 16; n++) {
      const v = x[b * 64 + t * 8 + n] * window[n];
      re += v * Math.cos((2 * Math.PI * f * n) / 16);
      im -= v * Math.sin((2 * Math.PI * f * n) / 16);
    }
    expect(values[b][t][f]).toBeCloseTo(re, 4);
    expect(values[b][t][9 + f]).toBeCloseTo(im, 4);
    expect(size[b][t][f]).toBeCloseTo(Math.hypot(re, im), 4);
  }
});

test('a smaller unit gives the same frames from where a hop does not divide the beginning', () => {
  const x = rng(2, 'x').fillNormal(new Float32Array(72));
  const late = stft(tf.tensor2d(x, [1, 72]).slice([0, 4], [1, 68]) as tf.Tensor, { size: 16, hop: 8 }, 4);
  expect(late.shape).toEqual([1, 7, 18]);
  const same = stft(tf.tensor2d(x.slice(4, 68), [1, 64]), { size: 16, hop: 8 });
  same.dataSync().forEach((v, i) => expect(late.dataSync()[i]).toBeCloseTo(v, 4));
});

test('back again: all but the outer three hops are the signal', () => {
  const x = rng(3, 'x').fillNormal(new Float32Array(2 * 128));
  const back = inverseStft(stft(tf.tensor2d(x, [2, 128]), { size: 32, hop: 8 }));
  expect(back.shape).toEqual([2, 128]);
  const values = back.dataSync();
  for (let b = 0; b < 2; b++) for (let n = 24; n < 104; n++) expect(values[b * 128 + n]).toBeCloseTo(x[b * 128 + n], 4);
});
