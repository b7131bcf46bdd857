import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { compandedOf, fromStep, STEPS, toStep } from '../core/mu-law.ts';
import { HOP_SAMPLES, MEL_BINS } from '../core/analysis.ts';
import { rng } from '../core/rng.ts';
import { dilationOf, wavenet } from './wavenet.ts';
import { PADDING, wavenetMachine } from './wavenet-machine.ts';

beforeAll(async () => void (await tf.setBackend('cpu')));

const shape = { channels: 6, skip: 5, layers: 10 };
const net = wavenet('w', shape);
const weights = Object.fromEntries(net.params.map((p) => [p.name, p.name.endsWith('bias') ? rng(1, p.name).fillNormal(new Float32Array(p.shape[0])).map((v) => 0.3 * v) : p.init(rng(1, p.name))]));
const params = () => Object.fromEntries(net.params.map((p) => [p.name, tf.tensor(weights[p.name], [...p.shape])]));
const mel = (frames: number) => rng(2, 'mel').fillNormal(new Float32Array(frames * MEL_BINS)).map((v) => v - 5);

test('mu-law: 0 lies in the middle, steps come back to themselves and are finer near nought', () => {
  expect([toStep(-1), toStep(0), toStep(1), toStep(7)]).toEqual([0, 128, 255, 255]);
  for (let step = 0; step < STEPS; step++) expect(toStep(fromStep(step))).toBe(step);
  expect(fromStep(129) - fromStep(128)).toBeLessThan(0.01 * (fromStep(255) - fromStep(254)));
});

test('dilations double in stacks of eight', () => {
  expect([0, 1, 7, 8, 9].map(dilationOf)).toEqual([1, 2, 128, 1, 2]);
});

test('cached generation draws from the scores of the whole network', () => {
  const frames = 3;
  const rows = mel(frames);
  const machine = wavenetMachine(shape, (name) => weights[`w/${name}`], rng(5, 'draw'));
  const cached: Float32Array[] = [];
  const steps: number[] = [];
  for (let t = 0; t < frames; t++) {
    const near = new Float32Array(3 * MEL_BINS).fill(PADDING);
    for (const at of [t - 1, t, t + 1]) if (at >= 0 && at < frames) near.set(rows.subarray(at * MEL_BINS, (at + 1) * MEL_BINS), (at - t + 1) * MEL_BINS);
    const samples = machine.frame(near, (scores, step) => {
      cached.push(scores.slice());
      steps.push(step);
    });
    expect([...samples]).toEqual(steps.slice(-HOP_SAMPLES).map((step) => Math.fround(fromStep(step))));
  }
  const naive = tf.tidy(() => net.scores(params(), tf.tensor2d(steps.map(compandedOf), [1, steps.length]), tf.tensor3d(rows, [1, frames, MEL_BINS]), 0).dataSync());
  expect(new Set(steps).size).toBeGreaterThan(20);
  for (let n = 0; n < steps.length; n++) for (let k = 0; k < STEPS; k += 17) expect(naive[n * STEPS + k]).toBeCloseTo(cached[n][k], 3);
});

test('no sample knows of itself or of what follows', () => {
  const count = 40;
  const given = rng(3, 'x').fillUniform(new Float32Array(count)).map((v) => 2 * v - 1);
  const other = given.map((v, n) => (n >= 25 ? -v : v));
  const scores = (x: Float32Array) => tf.tidy(() => net.scores(params(), tf.tensor2d(x, [1, count]), tf.tensor3d(mel(1), [1, 1, MEL_BINS]), 7).dataSync());
  const [a, b] = [scores(given), scores(other)];
  expect([...a.slice(0, 26 * STEPS)]).toEqual([...b.slice(0, 26 * STEPS)]);
  expect([...a.slice(26 * STEPS, 27 * STEPS)]).not.toEqual([...b.slice(26 * STEPS, 27 * STEPS)]);
});
