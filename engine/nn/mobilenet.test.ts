import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { eagerDevice, openDevice } from '../device/index.ts';
import { MOBILENET_SIZE, MOBILENET_TAPS, mobilenet, mobilenetWeights } from './mobilenet.ts';

const state = () => mobilenetWeights();

test('the weights that ship are whole: 52 convolutions, 2.2 million numbers, none wild', () => {
  const weights = mobilenetWeights();
  expect(Object.keys(weights).filter((name) => name.endsWith('/kernel'))).toHaveLength(52);
  const all = Object.values(weights);
  expect(all.reduce((n, w) => n + w.values.length, 0)).toBe(2_223_872 - 17_056); // the paper's network without its classifier; two numbers a channel are folded away
  expect(all.every((w) => w.values.every(Number.isFinite))).toBe(true);
});

test('compiled and eager agree, at every kind of place', async () => {
  const images = rng(1).fillUniform(new Float32Array(2 * 32 * 32 * 3));
  const taps = ['stem', 'block_1', 'block_6', 'pooled'];
  const run = async (device: Awaited<ReturnType<typeof openDevice>>) => {
    const weights = device.createState(state());
    const program = await device.compile('features', (given, all) => ({ outputs: mobilenet(all, given.images, taps) }), { inputs: { images: { shape: [2, 32, 32, 3], dtype: 'float32' } }, state: weights });
    const out = Object.fromEntries(Object.entries(await program.run({ images })).map(([name, v]) => [name, Float32Array.from(v)]));
    program.dispose();
    weights.dispose();
    return out;
  };
  const device = await openDevice('cpu');
  const compiled = await run(device);
  device.dispose();
  const eager = await run(await eagerDevice());
  expect(compiled.stem).toHaveLength(2 * 16 * 16 * 32);
  expect(compiled.block_6).toHaveLength(2 * 2 * 2 * 64);
  expect(compiled.pooled).toHaveLength(2 * MOBILENET_SIZE);
  for (const tap of taps) {
    const worst = compiled[tap].reduce((w, v, i) => Math.max(w, Math.abs(v - eager[tap][i])), 0);
    expect(worst).toBeLessThan(2e-3);
  }
}, 60_000);

test('a place that there is not is named', () => {
  expect(() => mobilenet({}, tf.zeros([1, 32, 32, 3]), ['block_99'])).toThrow(/block_99/);
  expect(MOBILENET_TAPS).toHaveLength(19);
});
