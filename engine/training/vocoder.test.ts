import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test, vi } from 'vitest';
import { logMel } from '../audio/features.ts';
import { HOP_SAMPLES, MEL_BINS, SAMPLE_RATE_HZ } from '../core/analysis.ts';
import type { ImageSet } from '../core/image-set.ts';
import { rng } from '../core/rng.ts';
import { openDevice } from '../device/index.ts';
import { vocoder } from '../models/vocoder.ts';
import { logMelOf, VOCODER_MARGIN } from '../models/vocoder-windows.ts';
import { countParameters } from '../nn/layer.ts';
import { newRecord } from './plan.ts';
import { openSession } from './session.ts';

vi.setConfig({ testTimeout: 120_000 });

const FRAMES = 8 + VOCODER_MARGIN;

/** Windows of tones with harmonics. */
function tones(count = 8): ImageSet {
  const size = FRAMES * HOP_SAMPLES;
  const samples = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const hz = 100 + 40 * i;
    for (let n = 0; n < size; n++) for (let h = 1; h < 6; h++) samples[i * size + n] += (0.2 / h) * Math.sin((2 * Math.PI * hz * h * n) / SAMPLE_RATE_HZ);
  }
  return {
    ref: 'memory', name: 'tones', fingerprint: 'tones', height: FRAMES, width: HOP_SAMPLES, channels: 1, count, classes: ['one'], labels: new Int32Array(count),
    itemName: (i) => `tone ${i}`,
    split: { train: Int32Array.from({ length: count - 1 }, (_, i) => i), validation: Int32Array.of(count - 1), test: new Int32Array(0) },
    async read(indices, out = new Float32Array(indices.length * size)) {
      for (let i = 0; i < indices.length; i++) out.set(samples.subarray(indices[i] * size, (indices[i] + 1) * size), i * size);
      return out;
    },
    close: async () => {},
  };
}

test('spectra in the graph are those of the analysis', async () => {
  await tf.setBackend('cpu');
  const draw = rng(4, 'sound');
  const samples = Float32Array.from({ length: 12 * HOP_SAMPLES }, (_, i) => 0.3 * Math.sin(i * 0.05) + 0.05 * draw.normal());
  const outside = logMel(samples);
  const inside = tf.tidy(() => logMelOf(tf.tensor2d(samples, [1, samples.length]).slice([0, 128], [1, samples.length - 128]), 128).dataSync());
  expect(inside.length).toBe(8 * MEL_BINS);
  // Frame 2 of the analysis is the first that lies inside.
  for (let i = 0; i < inside.length; i++) expect(inside[i]).toBeCloseTo(outside[2 * MEL_BINS + i], 2);
});

test('both stages learn, and a step is the same for the same seed', async () => {
  const images = tones();
  const device = await openDevice('cpu');
  const config = vocoder.parse({ ...vocoder.tiny, criticFrom: 0.5 });
  const model = vocoder.build(config, { height: FRAMES, width: HOP_SAMPLES, channels: 1, classes: 1 });
  const data = { ref: 'memory', name: 'tones', fingerprint: 'tones', width: HOP_SAMPLES, height: FRAMES, channels: 1 as const, classes: ['one'] };
  const info = newRecord({ folder: '', family: vocoder, config, data, name: 'test', training: { steps: 24, batchSize: 4, learningRate: 5e-3, warmupSteps: 2 }, device: 'cpu', parameters: countParameters(model.params) });
  const run = async (steps: number) => {
    const session = await openSession(info, model, images, device);
    const results = [];
    for (let step = 0; step < steps; step++) results.push(await session.step({ step, steps: 24 }));
    const names = model.params.filter(({ name }) => name.startsWith('critic')).map(({ name }) => `p/${name}`);
    const critics = Object.values(await session.state.read(names)).map((values) => Float32Array.from(values));
    session.dispose();
    return { results, critics };
  };
  const { results, critics } = await run(24);
  expect(results[11].metrics.melL1).toBeLessThan(results[0].metrics.melL1 * 0.9);
  expect(results[11].metrics.judgement).toBeUndefined();
  expect(results[12].metrics.judgement).toBeGreaterThan(0);
  expect(results[23].metrics.judgement).toBeLessThan(results[12].metrics.judgement);
  const early = await run(3);
  expect(early.results.map((r) => r.loss)).toEqual(results.slice(0, 3).map((r) => r.loss));
  // The critics do not move before their stage.
  const first = model.params.filter(({ name }) => name.startsWith('critic')).map((p) => p.init(rng(0, 'init', p.name)));
  expect(early.critics).toEqual(first);
  expect(critics).not.toEqual(first);
  device.dispose();
});
