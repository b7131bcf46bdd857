import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AtelierError } from '../core/errors.ts';
import { openDevice } from '../device/index.ts';
import type { Device } from '../device/types.ts';
import { createRun, openRun, type RunFolder } from '../store/run-folder.ts';
import { checkCodec, createControl, createPriorRun, lengthen, openTrained, planRun, startTraining, trainPrior, type RunRequest } from './index.ts';
import { rectangles } from './memory-set.fixture.ts';

vi.setConfig({ testTimeout: 120_000 });

const images = rectangles();
const CODEC: RunRequest = { family: 'vq-vae', config: { hidden: 8, residualLayers: 0, codes: 8, codeSize: 4, levels: 2 }, training: { steps: 30, batchSize: 8, learningRate: 3e-3, evaluateEvery: 30, checkpointEvery: 30 } };
const PRIOR = { config: { width: 8, layers: 3, head: 16 }, training: { steps: 40, batchSize: 8, learningRate: 5e-3, evaluateEvery: 20, checkpointEvery: 20 } };
let folder: string;
let device: Device;
let codec: RunFolder;
const failure = (promise: Promise<unknown>): Promise<AtelierError> => promise.then(() => expect.unreachable('it should have thrown'), (e: unknown) => e as AtelierError);

async function newCodec(name: string, seed: number, request = CODEC): Promise<RunFolder> {
  const path = join(folder, name);
  const run = await createRun(path, planRun({ ...request, seed }, images, 'cpu', path));
  await startTraining({ run, images, device });
  return run;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prior-'));
  device = await openDevice('cpu');
  codec = await newCodec('codec', 1);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a prior learns the codes of a run, samples by class, fills in regions, is evaluated, and goes on after a pause', async () => {
  const run = await createPriorRun(codec, PRIOR, 'cpu', join(folder, 'prior'));
  expect(run.info).toMatchObject({ family: 'pixelcnn', codec: { run: codec.folder, step: 30, height: 2, width: 4, codes: 16, alphabets: 2 }, data: codec.info.data });
  expect(run.info.parameters).toBeGreaterThan(1000);
  const control = createControl();
  const messages: string[] = [];
  const events: string[] = [];
  const paused = await trainPrior({ run, images, device, control, onEvent: (e) => events.push(e.type), onProgress: ({ step, message }) => {
    messages.push(message);
    if (step >= 12) control.pause();
  } });
  expect(paused.status).toBe('paused');
  expect(messages).toContain('Writing pictures as codes: 96 of 96');
  const again = await openRun(run.folder);
  messages.length = 0;
  expect(await trainPrior({ run: again, images, device, onProgress: ({ message }) => messages.push(message) })).toMatchObject({ status: 'finished', step: 40 });
  expect(messages.join()).not.toContain('as codes');
  expect(events).not.toContain('map');
  const rows = await again.readMetrics();
  const validation = rows.filter((r) => r.split === 'validation').map((r) => r.bitsPerCode as number);
  expect(validation.at(-1)).toBeLessThan(3); // log2 of 8 codes: less than by chance
  const preview = await again.loadPreview();
  expect(preview).toMatchObject({ originals: { count: 12 }, reconstructions: { count: 12 }, samples: { count: 16 }, codeUsage: null });

  const trained = await openTrained(again, device);
  const { images: drawn, note } = await trained.sample(3, { label: 'left', seed: 2, topK: 4 });
  expect(drawn).toHaveLength(3 * 192);
  expect(note).toMatch(/prior "Prior of .*class left/);
  expect((await trained.sample(4)).columns).toBe(2);
  const left = await trained.prior!.sample(2, { label: 'left', seed: 3 });
  const both = await trained.prior!.sample(2, { seed: 3 });
  expect(both.slice(0, 8)).toEqual(left.slice(0, 8));
  const pixels = await images.read([images.split.test[0]]);
  const codes = await trained.encodeCodes(pixels);
  const mask = [0, 0, 0, 0, 1, 1, 1, 1];
  const filled = await trained.prior!.sample(5, { given: { codes, mask }, labels: Int32Array.of(0, 0, 0, 0, 0) });
  filled.forEach((code, i) => expect(mask[i % 8] === 1 || code === codes[i % 8]).toBe(true));
  const evaluation = await trained.evaluate(images, { split: 'test' });
  expect(evaluation).toMatchObject({ items: 12, step: 40 });
  expect(evaluation.metrics.codesNats).toBeCloseTo(evaluation.metrics.bitsPerCode * 8 * Math.LN2, 4);
  expect(trained.exportable(1).map((e) => e.name)).toContain('codes-decoder');
  expect(await failure(trained.sample(1, { label: 'above' }))).toMatchObject({ code: 'bad-input', remedy: 'Its classes are left, right.' });
  expect((await failure(trained.sample(1, { temperature: 0 }))).message).toMatch(/temperature 0/);
  expect((await lengthen(again, { steps: 41 })).training.steps).toBe(41);

  const original = await openTrained(codec, device);
  expect(() => checkCodec(again.info, original)).not.toThrow();
  const other = await openTrained(await newCodec('other', 2), device);
  expect(() => checkCodec(again.info, other)).toThrow(/mean something else/);
  for (const each of [trained, original, other]) each.dispose();
});

test('it needs a run with codes, keeps to settings that make sense, and refuses a copy that was changed', async () => {
  const path = (name: string) => join(folder, name);
  const vector = await newCodec('vector', 1, { family: 'vae', config: { latentSize: 2, width: 4, hidden: 8 }, training: { ...CODEC.training, steps: 2 } });
  expect((await failure(createPriorRun(vector, PRIOR, 'cpu', path('a')))).message).toMatch(/continuous latent, no codes/);
  expect((await failure(createPriorRun(codec, { ...PRIOR, training: { augmentFlip: true } }, 'cpu', path('b')))).message).toMatch(/cannot be mirrored/);
  expect((await failure(createPriorRun(codec, { ...PRIOR, config: { depth: 3 } }, 'cpu', path('c')))).message).toMatch(/setting 'depth'/);
  expect((await failure(createPriorRun(codec, { ...PRIOR, preset: 'nice' }, 'cpu', path('d')))).message).toMatch(/no preset 'nice'/);
  expect((await failure(createPriorRun(codec, { ...PRIOR, family: 'transformer' }, 'cpu', path('e')))).code).toBe('not-found');
  expect((await failure(createPriorRun(codec, PRIOR, 'cpu', path('f'), 7))).code).toBe('not-found');
  const run = await createPriorRun(codec, { ...PRIOR, training: { ...PRIOR.training, steps: 1 } }, 'cpu', path('g'));
  expect((await failure(createPriorRun(run, PRIOR, 'cpu', path('h')))).message).toMatch(/is a prior itself/);
  await run.update({ codec: { ...run.info.codec!, fingerprint: '0' } });
  expect(await failure(trainPrior({ run, images, device }))).toMatchObject({ code: 'bad-data', message: expect.stringMatching(/mean something else/) });
});
