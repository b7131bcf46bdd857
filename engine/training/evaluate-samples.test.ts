import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ImageSet } from '../core/image-set.ts';
import { rng } from '../core/rng.ts';
import { openDevice } from '../device/index.ts';
import type { Device } from '../device/types.ts';
import { scoreFactors, scoreSamples } from './index.ts';
import { rectangles } from './memory-set.fixture.ts';
import type { Trained } from './types.ts';

vi.setConfig({ testTimeout: 60_000 });
let device: Device;
let home: string;
const images = rectangles({ count: 240, channels: 1 });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'scores-'));
  vi.stubEnv('ATELIER_HOME', home);
  device = await openDevice('cpu');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  device.dispose();
  await rm(home, { recursive: true, force: true });
});

/** "Draws" training pictures: of the class asked for, or of the left half only. */
function drawing(how: 'by class' | 'upside down' | 'one class', set: ImageSet = images): Trained {
  const classes = 2;
  const of = [0, 1].map((c) => set.split.train.filter((i) => set.labels[i] === c));
  return {
    info: { name: 'Drawer', data: { classes: ['left', 'right'] } },
    model: { input: { height: 8, width: 8, channels: 1, classes }, usesLabels: how !== 'one class' },
    async sample(count: number, { seed = 0 } = {}) {
      const r = rng(seed);
      const items = Array.from({ length: count }, (_, i) => {
        const from = of[how === 'one class' ? 0 : how === 'by class' ? i % classes : 1 - (i % classes)];
        return from[r.int(from.length)];
      });
      return { images: Float32Array.from(await set.read(items)), note: '' };
    },
  } as unknown as Trained;
}

test('pictures of the data itself: recognised, near, and a classifier can learn from them', async () => {
  const { metrics, notes } = await scoreSamples(drawing('by class'), images, device, { split: 'train', count: 120, learnFrom: 200 });
  expect(metrics.recognised).toBeGreaterThan(0.9);
  expect(metrics.recognised).toBeGreaterThanOrEqual(metrics.recognisedLeast);
  expect(metrics.classificationAccuracyScore).toBeGreaterThan(0.75);
  expect(metrics.coverage).toBeGreaterThan(0.7);
  expect(notes.join(' ')).toMatch(/classifier trained on "rectangles".*Frechet distance.*120 drawn/s);
  const collapsed = await scoreSamples(drawing('one class'), images, device, { split: 'train', count: 120, extractor: 'classifier' });
  expect(collapsed.metrics.frechetDistance).toBeGreaterThan(3 * metrics.frechetDistance);
  expect(collapsed.metrics.coverage).toBeLessThan(0.75 * metrics.coverage);
  expect(collapsed.metrics.recognised).toBeUndefined();
});

test('against held-out pictures: pictures of the training set are all copies and as varied, those of one class are less so', async () => {
  const [own, narrow] = [await scoreSamples(drawing('by class'), images, device, { split: 'test', count: 30, extractor: 'classifier' }), await scoreSamples(drawing('one class'), images, device, { split: 'test', count: 30, extractor: 'classifier' })];
  expect(own.metrics.copied).toBe(1);
  expect(own.metrics.copiedHeldOut).toBeLessThan(0.9);
  expect(Math.abs(own.metrics.diversity - 1)).toBeLessThan(0.35);
  expect(narrow.metrics.diversity).toBeLessThan(0.8 * own.metrics.diversity);
  expect(own.notes.join(' ')).toMatch(/Copies: 100.0 % of drawn/);
});

test('the wrong class is not recognised; a class without training pictures is named and not counted', async () => {
  const labels = images.labels;
  const set = { ...images, labels, classes: ['left', 'right', 'above'] };
  const { metrics, notes } = await scoreSamples(drawing('upside down', set), set, device, { split: 'train', count: 60 });
  expect(metrics.recognised).toBeLessThan(0.1);
  expect(notes.join(' ')).toContain('No training picture is of above');
});

test('what cannot be measured is refused', async () => {
  await expect(scoreSamples(drawing('one class'), images, device, { count: 30, learnFrom: 100, split: 'train', extractor: 'classifier' })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('does not draw by class') });
  const few = { ...images, split: { ...images.split, test: images.split.test.slice(0, 3) } };
  await expect(scoreSamples(drawing('by class'), few, device, { count: 30 })).rejects.toMatchObject({ code: 'bad-input' });
  const unlabelled = { ...images, labels: new Int32Array(images.count).fill(-1) };
  await expect(scoreSamples(drawing('one class'), unlabelled, device, { count: 30, split: 'train', extractor: 'classifier' })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('no class') });
});

test('disentanglement: a code of the factors scores 1, one of noise about 0; sets and models without are refused', async () => {
  const sizes = [3, 4];
  const count = 1200;
  const r = rng(5);
  const values = Int32Array.from({ length: count * 2 }, (_, i) => r.int(sizes[i % 2]));
  const all = Int32Array.from({ length: count }, (_, i) => i);
  const set = { ...images, count, split: { train: all, validation: all.slice(0, 0), test: all }, factors: { names: ['a', 'b'], sizes, of: (i: number) => values.subarray(2 * i, 2 * i + 2) } };
  const model = (code: (i: number) => number[]): Trained =>
    ({ info: { name: 'Coder' }, model: { latent: { kind: 'vector', size: 2 } }, embed: async (_: ImageSet, items: Int32Array) => ({ latents: Float32Array.from(Array.from(items).flatMap(code)) }) }) as unknown as Trained;
  const perfect = await scoreFactors(model((i) => [values[2 * i + 1], -values[2 * i]]), set);
  expect(perfect.metrics).toMatchObject({ dciDisentanglement: expect.closeTo(1, 6), dciCompleteness: expect.closeTo(1, 6), dciInformativeness: 1, factorVaeScore: 1 });
  expect(perfect.metrics.mig).toBeGreaterThan(0.99);
  const noise = await scoreFactors(model(() => [r.normal(), r.normal()]), set);
  expect(noise.metrics.mig).toBeLessThan(0.03);
  expect(noise.metrics.dciDisentanglement).toBeLessThan(0.05);
  await expect(scoreFactors(model(() => [0, 0]), images)).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('not known') });
  await expect(scoreFactors({ ...model(() => []), model: { latent: { kind: 'codes' } } } as unknown as Trained, set)).rejects.toMatchObject({ code: 'bad-input' });
});
