import { expect, test } from 'vitest';
import { familyOf } from '../../models/index.ts';
import { priorOf } from '../../priors/index.ts';
import { choose, CODEC_SHARE, PRIOR_SHARE, recommendedMinutes, type DataFacts } from './choose.ts';
import { pixelVariance } from './facts.ts';

const facts = (change: Partial<DataFacts> = {}): DataFacts => ({ width: 64, height: 64, channels: 3, train: 3700, classes: 9, variance: 0.0613, ...change });

test.each([
  ['digits', facts({ width: 28, height: 28, channels: 1, train: 48_000, classes: 10, variance: 0.095 }), { stride: 4, codes: 512, batch: 64, preset: 'standard' }],
  ['tiny pictures', facts({ width: 8, height: 8, train: 40, classes: 2 }), { stride: 2, codes: 128, batch: 10, preset: 'standard' }],
  ['emoji', facts(), { stride: 4, codes: 256, batch: 32, preset: 'quick' }],
  ['photographs', facts({ width: 256, height: 256, train: 200, classes: 0 }), { family: 'vq-vae-2', stride: 8, codes: 128, batch: 4, preset: 'grids' }],
  ['large pictures that 16 does not divide', facts({ width: 200, height: 200 }), { stride: 8, codes: 256, batch: 8, preset: 'large' }],
  ['clips', facts({ width: 64, height: 64 * 16, frames: 16, train: 380, classes: 0 }), { family: 'video-vq-vae', stride: 4, codes: 128, batch: 2, preset: 'quick' }],
  ['clips of an odd number of frames', facts({ width: 32, height: 32 * 5, frames: 5 }), { family: 'video-vq-vae', stride: 4, codes: 256, batch: 2, preset: 'quick' }],
  ['sides that 4 does not divide', facts({ width: 62, height: 62 }), { stride: 2, codes: 256, batch: 32, preset: 'large' }],
])('%s', (_name, given, wanted) => {
  const { codec, prior, choices } = choose(given);
  expect({ family: codec.family, stride: codec.config.stride, codes: codec.config.codes, batch: codec.training.batchSize, preset: prior.preset }).toEqual({ family: 'vq-vae', ...wanted });
  // What is chosen can be built.
  const config = familyOf(codec.family).parse(codec.config);
  expect(familyOf(codec.family).build(config, { height: given.height, width: given.width, channels: given.channels, classes: given.classes, frames: given.frames }).latent.kind).toBe('codes');
  expect(priorOf(prior.family).presets.map((preset) => preset.id)).toContain(prior.preset);
  for (const { value, why } of choices) expect(`${value} ${why}`).toMatch(/\w.*\.$/);
});

test('minutes are dealt out, steps are for each training', () => {
  const timed = choose(facts(), { minutes: 10 });
  expect(timed.codec.training.minutes).toBeCloseTo(10 * CODEC_SHARE);
  expect(timed.prior.training.minutes).toBeCloseTo(10 * PRIOR_SHARE);
  expect(CODEC_SHARE + PRIOR_SHARE).toBeLessThan(1);
  const counted = choose(facts(), { steps: 40 });
  expect(counted.codec.training).toMatchObject({ steps: 40, checkpointEvery: 10 });
  expect(counted.codec.training.minutes).toBeUndefined();
});

test('few pictures: codes are hidden from the prior', () => {
  expect(choose(facts({ train: 300 })).prior.config).toEqual({ codeDropout: 0.2 });
  expect(choose(facts({ train: 3000 })).prior.config).toEqual({});
});

test('recommended minutes lie between three and an evening, in proportion to what a step takes', () => {
  expect(recommendedMinutes(0.001, 100, 16)).toBe(3);
  // 3700 pictures 20 times in batches of 32 are 2313 steps of 0.1 s: 3.9 min, which is 58 % of 6.6.
  expect(recommendedMinutes(0.1, 3700, 32)).toBe(7);
  expect(recommendedMinutes(10, 50_000, 8)).toBe(240);
});

test('variance is about the mean of each channel', () => {
  // Channel 0: 0, 1 (variance 1/4); channel 1: 0.5, 0.5 (none).
  expect(pixelVariance(Float32Array.of(0, 0.5, 1, 0.5), 2)).toBeCloseTo(0.125);
});
