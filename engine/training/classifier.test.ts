import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDevice } from '../device/index.ts';
import type { Device } from '../device/types.ts';
import { frechetDistance } from '../metrics/index.ts';
import { CLASSIFIER_FEATURES, trainClassifier } from './classifier.ts';
import { mobilenetExtractor } from './extractors.ts';
import { rectangles } from './memory-set.fixture.ts';

vi.setConfig({ testTimeout: 60_000 });
let device: Device;
let home: string;
const images = rectangles({ count: 256 });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'classifier-'));
  vi.stubEnv('ATELIER_HOME', home);
  device = await openDevice('cpu');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  device.dispose();
  await rm(home, { recursive: true, force: true });
});

test('it learns to tell the classes of held-out items, and is found again where it was kept', async () => {
  const classifier = await trainClassifier(images, device, { steps: 90 });
  expect(classifier.accuracy).toBeGreaterThan(0.8);
  expect(classifier.unseen).toEqual([]);
  expect(classifier.name).toContain('"rectangles"');
  const pictures = await images.read([1, 2, 3]);
  const { classes, features } = await classifier.look(pictures);
  expect(features).toHaveLength(3 * CLASSIFIER_FEATURES);
  expect(await readdir(join(home, 'cache', 'classifiers'))).toHaveLength(1);
  let steps = 0;
  const again = await trainClassifier(images, device, { steps: 90, onProgress: () => steps++ });
  expect(steps).toBe(0);
  expect((await again.look(pictures)).classes).toEqual(classes);
  again.dispose();
  classifier.dispose();
});

test('items without a label are left out; a class without items is named', async () => {
  const labels = images.labels.map((label, i) => (i % 3 === 0 ? -1 : label));
  const classifier = await trainClassifier({ ...images, labels, classes: ['left', 'right', 'above'] }, device, { steps: 80, keep: false });
  expect(classifier.unseen).toEqual(['above']);
  expect(classifier.accuracy).toBeGreaterThan(0.7);
  const { classes } = await classifier.look(await images.read(images.split.test));
  expect(classes.every((c) => c < 2)).toBe(true);
  classifier.dispose();
});

test('one class, or none, is refused', async () => {
  await expect(trainClassifier({ ...images, labels: new Int32Array(images.count).fill(-1) }, device)).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('no class') });
  await expect(trainClassifier({ ...images, labels: new Int32Array(images.count) }, device)).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('one class') });
});

test('features of MobileNetV2: a set against itself 0, against its negatives far more than against its other half', async () => {
  const extractor = mobilenetExtractor(device, images);
  const pictures = Float32Array.from(await images.read(Int32Array.from({ length: 64 }, (_, i) => i)));
  const all = await extractor.features(pictures);
  const half = all.length / 2;
  expect(extractor.name).toMatch(/MobileNetV2.*96 px/);
  expect(frechetDistance(all, all, extractor.size)).toBeLessThan(1e-3);
  const between = frechetDistance(all.subarray(0, half), all.subarray(half), extractor.size);
  const negative = await extractor.features(pictures.subarray(pictures.length / 2).map((v) => 1 - v));
  expect(frechetDistance(all.subarray(0, half), negative, extractor.size)).toBeGreaterThan(2 * between);
  extractor.dispose();
});
