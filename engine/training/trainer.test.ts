import { mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../electron/contract/index.ts';
import type { AtelierError } from '../core/errors.ts';
import { openDevice } from '../device/index.ts';
import type { Device } from '../device/types.ts';
import { createRun, openRun, type RunFolder } from '../store/run-folder.ts';
import { createControl, estimate, lengthen, openProbe, openTrained, planRun, startTraining, type RunRequest } from './index.ts';
import { rectangles } from './memory-set.fixture.ts';

let folder: string;
let device: Device;
const images = rectangles();
const VAE: RunRequest = { family: 'vae', config: { latentSize: 4, width: 8, hidden: 16 }, training: { batchSize: 8, learningRate: 3e-3, checkpointEvery: 20, evaluateEvery: 20 } };
const VQ: RunRequest = { family: 'vq-vae', config: { hidden: 16, residualLayers: 1, residualHidden: 8, codes: 16, codeSize: 4 }, training: VAE.training };
const steps = (request: RunRequest, n: number): RunRequest => ({ ...request, training: { ...request.training, steps: n } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trainer-'));
  device = await openDevice('cpu');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

vi.setConfig({ testTimeout: 60_000 });

let serial = 0;
async function newRun(request: RunRequest): Promise<RunFolder> {
  const path = join(folder, `run-${serial++}`);
  return createRun(path, planRun(request, images, 'cpu', path));
}
const failure = (promise: Promise<unknown>): Promise<AtelierError> => promise.then(() => expect.unreachable('it should have thrown'), (e: unknown) => e as AtelierError);

test('a VAE run leaves checkpoints, metrics, previews, a map and a summary', async () => {
  const run = await newRun(steps(VAE, 60));
  const events: RunEvent[] = [];
  const messages: string[] = [];
  const info = await startTraining({ run, images, device, onEvent: (e) => events.push(e), onProgress: (p) => messages.push(p.message) });
  expect(info).toMatchObject({ status: 'finished', step: 60, error: null });
  expect(info.summary.elboNats).toBeLessThan(0);
  expect(Object.keys(info.summary)).toEqual(expect.arrayContaining(['klNats', 'reconstructionNats', 'psnrDb', 'bitsPerDim', 'activeUnits']));
  expect(await run.listCheckpoints()).toEqual([20, 40, 60]);
  const rows = await run.readMetrics();
  expect(rows.filter((r) => r.split === 'validation').map((r) => r.step)).toEqual([20, 40, 60]);
  expect(rows.filter((r) => r.split === 'train').at(-1)).toMatchObject({ step: 60, loss: expect.any(Number), beta: 1, learningRate: expect.any(Number) });
  const preview = await run.loadPreview();
  expect(preview).toMatchObject({ step: 60, originals: { count: 12 }, reconstructions: { count: 12 }, samples: { count: 16 }, codeUsage: null });
  expect(preview!.klPerDimension).toHaveLength(4);
  const frame = await run.loadMapFrame();
  expect(frame.positions.length).toBe((await run.loadMapItems())!.names.length * 3);
  expect(Object.keys(frame.metrics)).toEqual(expect.arrayContaining(['psnrDb', 'klNats', 'elboNats', 'anomaly']));
  expect(new Set(events.map((e) => e.type))).toEqual(new Set(['info', 'metrics', 'map', 'preview']));
  expect(messages.at(-1)).toBe('Step 60 of 60');
});

test('an opened VAE encodes, decodes, samples, evaluates, and decodes a point of its map', async () => {
  const run = await newRun(steps(VAE, 40));
  await startTraining({ run, images, device });
  const trained = await openTrained(run, device);
  const pixels = await images.read(images.split.test);
  const latents = await trained.encode(pixels);
  expect(latents.length).toBe(images.split.test.length * 4);
  expect(await trained.decode(latents)).toEqual(await trained.reconstruct(pixels));
  const one = await trained.encode(pixels.slice(0, 192));
  one.forEach((v, i) => expect(v).toBeCloseTo(latents[i], 4));
  const { images: drawn, note } = await trained.sample(3, { seed: 1 });
  expect(drawn.length).toBe(3 * 192);
  expect(note).toMatch(/N\(0, I\)/);
  expect((await trained.sample(3, { seed: 1 })).images).toEqual(drawn);
  const evaluation = await trained.evaluate(images, { split: 'test' });
  expect(evaluation).toMatchObject({ split: 'test', items: 12, step: 40, codeUsage: null });
  expect(evaluation.klPerDimension!.reduce((a, b) => a + b, 0)).toBeCloseTo(evaluation.metrics.klNats, 2);
  const weighted = (await trained.evaluate(images, { split: 'test', importanceSamples: 30 })).metrics;
  expect(weighted.elboNats).toBe(evaluation.metrics.elboNats);
  expect(weighted.iwNats).toBeGreaterThan(weighted.elboNats);
  await expect(trained.encodeCodes(pixels)).rejects.toMatchObject({ code: 'bad-input' });

  const probe = await openProbe(run, trained, images);
  const { positions } = await run.loadMapFrame();
  const items = (await run.loadMapItems())!.items;
  const at = await probe.decode([positions[15], positions[16], positions[17]]);
  expect(at.nearest[0]).toBe(5);
  expect(at.confidence).toBe(1);
  const itself = await trained.reconstruct(await images.read([items[5]]));
  at.image.forEach((v, i) => expect(v).toBeCloseTo(itself[i], 4));
  expect(probe.neighbours(5, 3)).toHaveLength(3);
  expect((await probe.decode([30, 0, 0])).confidence).toBeLessThan(0.01);
  expect(trained.exportable(2).map((e) => e.name)).toEqual(['encoder', 'decoder']);
  trained.dispose();
});

test('a VQ-VAE run counts its codes and samples by their frequency', async () => {
  const run = await newRun(steps(VQ, 60));
  const info = await startTraining({ run, images, device });
  expect(Object.keys(info.summary)).toEqual(expect.arrayContaining(['mse', 'psnrDb', 'perplexity', 'codesUsed']));
  const preview = await run.loadPreview();
  expect(preview!.codeUsage!.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
  expect(preview!.samples).not.toBeNull();
  const trained = await openTrained(run, device);
  const pixels = await images.read(images.split.test);
  const codes = await trained.encodeCodes(pixels);
  expect(codes.length).toBe(12 * 4);
  expect(await trained.decodeCodes(codes)).toEqual(await trained.reconstruct(pixels));
  const { images: drawn, note } = await trained.sample(2);
  expect(drawn.length).toBe(2 * 192);
  expect(note).toMatch(/how often it stands in its place/);
  const embedding = await trained.embed(images, images.split.test);
  expect(embedding.codes).toEqual(codes);
  expect(Object.keys(embedding.metrics)).toEqual(['psnrDb', 'quantisationError', 'anomaly']);
  expect(trained.exportable(1).map((e) => e.name)).toEqual(['encoder', 'decoder', 'codes-encoder', 'codes-decoder']);
  trained.dispose();
});

test('pausing saves at once, going on finishes; a finished run can be lengthened', async () => {
  const run = await newRun(steps(VAE, 50));
  const control = createControl();
  const paused = await startTraining({ run, images, device, control, onEvent: (e) => void (e.type === 'metrics' && e.rows[0].step >= 12 && control.pause()) });
  expect(paused.status).toBe('paused');
  expect((await run.listCheckpoints()).at(-1)).toBe(paused.step);
  const first = (await run.readMetrics()).length;
  expect((await startTraining({ run, images, device })).status).toBe('finished');
  expect((await run.readMetrics()).length).toBeGreaterThan(first);
  expect((await failure(lengthen(run, { steps: 50 }))).code).toBe('bad-input');
  expect((await lengthen(run, { steps: 60 })).training.steps).toBe(60);
  expect(await startTraining({ run, images, device })).toMatchObject({ status: 'finished', step: 60 });
});

test('cancelling stops the run and keeps what it learned', async () => {
  const run = await newRun(steps(VAE, 500));
  const control = createControl();
  const info = await startTraining({ run, images, device, control, onProgress: (p) => void (p.step >= 5 && control.cancel()) });
  expect(info.status).toBe('cancelled');
  expect(info.step).toBeLessThan(500);
  expect((await run.listCheckpoints()).at(-1)).toBe(info.step);
});

test('a plan of minutes becomes a number of steps, written down before training', async () => {
  const run = await newRun({ ...VAE, training: { ...VAE.training, minutes: 0.05 } });
  const info = await startTraining({ run, images, device });
  expect(info.status).toBe('finished');
  expect(info.training).toMatchObject({ minutes: 0.05, steps: info.step });
  expect(info.trainedSec).toBeLessThan(15);
});

test('divergence stops the run, names the cause, keeps the last good checkpoint and the remedy', async () => {
  const run = await newRun({ ...VAE, config: { ...VAE.config, likelihood: 'gaussian' }, training: { steps: 400, batchSize: 8, learningRate: 1, clipNorm: null, checkpointEvery: 1, warmupSteps: 0 } });
  const error = await failure(startTraining({ run, images, device }));
  expect(error.code).toBe('diverged');
  expect(error.message).toMatch(/broke down at step \d+: the (metric|loss|gradient)/);
  expect(error.remedy).toMatch(/learning rate of 0\.33/);
  const { status, error: stored, diagnoses } = (await openRun(run.folder)).info;
  expect(status).toBe('failed');
  expect(stored?.code).toBe('diverged');
  expect(diagnoses.at(-1)).toMatchObject({ code: 'diverged', severity: 'danger' });
  const { tensors } = await run.loadCheckpoint();
  for (const [name, { values }] of Object.entries(tensors)) for (const v of values as Float32Array) if (!Number.isFinite(v)) expect.unreachable(`${name} holds ${v}`);
});

test('a checkpoint cut in half falls back to the one before', async () => {
  const run = await newRun(steps(VAE, 40));
  await startTraining({ run, images, device });
  const newest = join(run.folder, 'checkpoints', 'step-00000040.safetensors');
  await truncate(newest, (await readFile(newest)).length >> 1);
  const warnings: string[] = [];
  const again = await openRun(run.folder, { log: { debug() {}, info() {}, error() {}, warn: (m) => warnings.push(m) } });
  expect((await openTrained(again, device)).step).toBe(20);
  expect(warnings.join()).toMatch(/step-00000040/);
  expect(await startTraining({ run: again, images, device })).toMatchObject({ status: 'finished', step: 40 });
  expect((await openTrained(again, device)).step).toBe(40);
});

test('checkpoints of another configuration and changed data are refused by name', async () => {
  const run = await newRun(steps(VAE, 20));
  await startTraining({ run, images, device });
  await run.update({ config: { ...run.info.config, beta: 3 } });
  const error = await failure(startTraining({ run, images, device }));
  expect(error).toMatchObject({ code: 'bad-data', message: expect.stringMatching(/step-00000020.*its config is/) });
  expect((await failure(openTrained(run, device))).message).toMatch(/its config is/);
  const other = await newRun(steps(VAE, 20));
  expect((await failure(startTraining({ run: other, images: rectangles({ seed: 5 }), device }))).message).toMatch(/no longer what the run began with/);
});

test('two jobs on one run: the second is refused', async () => {
  const run = await newRun(steps(VAE, 60));
  const rival = await openRun(run.folder);
  await run.lock();
  const training = startTraining({ run, images, device });
  expect((await failure(startTraining({ run: rival, images, device }))).code).toBe('busy');
  expect((await training).status).toBe('finished');
});

test('an estimate is measured, and warns of a set smaller than a batch', async () => {
  const found = await estimate({ ...VAE, training: { steps: 1000, batchSize: 256 } }, images, device);
  expect(found).toMatchObject({ device: 'cpu', steps: 1000, basis: expect.stringMatching(/Measured over \d steps? of 72 pictures/) });
  expect(found.secondsPerStep).toBeGreaterThan(0);
  expect(found.totalSec).toBeGreaterThan(1000 * found.secondsPerStep);
  expect(found.memoryBytes).toBeGreaterThan(4 * found.parameters);
  expect(found.warnings.join()).toMatch(/only 72 pictures/);
});

test('requests that cannot be: family, preset, setting, plan, size', () => {
  const plan = (request: RunRequest, set = images) => () => planRun(request, set, 'cpu', '');
  expect(plan({ family: 'gan' })).toThrow(/no model family 'gan'/);
  expect(plan({ family: 'vae', preset: 'nice' })).toThrow(/no preset 'nice'/);
  expect(plan({ family: 'vae', config: { latentSize: 0 } })).toThrow(/setting 'latentSize'/);
  expect(plan({ family: 'vae', config: { colour: 1 } })).toThrow(/setting 'colour'/);
  expect(plan({ family: 'vae', training: { batchSize: -1 } })).toThrow(/'batchSize'/);
  expect(plan({ family: 'vq-vae' }, rectangles({ side: 10 }))).toThrow(/10x10 picture does not divide into cells of 4/);
  expect(plan({ family: 'vae', preset: 'digits', training: { batchSize: 5 } })().training).toMatchObject({ batchSize: 5, learningRate: 2e-3, steps: 5000 });
});

test('a conditional run samples by class or each class in turn, refuses one it has never seen, and takes items without a label', async () => {
  const few = rectangles({ count: 40 });
  const some = { ...few, labels: few.labels.map((label, i) => (i % 5 === 0 ? -1 : label)) };
  const path = join(folder, 'conditional');
  const run = await createRun(path, planRun({ family: 'cvae', config: { latentSize: 4, width: 8, hidden: 16, labelSize: 2 }, training: { ...VAE.training, steps: 20 } }, some, 'cpu', path));
  expect(await startTraining({ run, images: some, device })).toMatchObject({ status: 'finished' });
  expect((await run.loadPreview())!.samples).toMatchObject({ count: 16, columns: 8 });
  const trained = await openTrained(run, device);
  const left = await trained.sample(2, { label: 'left', seed: 4 });
  const right = await trained.sample(2, { label: 'right', seed: 4 });
  const both = await trained.sample(4, { seed: 4 });
  expect(both.columns).toBe(2);
  const close = (a: Float32Array, b: Float32Array) => a.forEach((v, i) => expect(v).toBeCloseTo(b[i], 5));
  close(both.images.slice(0, 192), left.images.slice(0, 192));
  close(both.images.slice(192, 384), right.images.slice(0, 192));
  expect(left.images).not.toEqual(right.images);
  expect(left.note).toMatch(/class left/);
  expect(await failure(trained.sample(1, { label: 'above' }))).toMatchObject({ code: 'bad-input', remedy: 'Its classes are left, right.' });
  const pixels = await some.read([0, 1]);
  expect(await trained.reconstruct(pixels, Int32Array.of(0, 1))).not.toEqual(await trained.reconstruct(pixels));
  expect((await failure(trained.encode(pixels, Int32Array.of(0)))).message).toMatch(/1 labels were given for 2 items/);
  expect(trained.exportable(1)[1].inputs).toMatchObject({ latents: { shape: [1, 4] }, labels: { shape: [1], dtype: 'int32' } });
  const probe = await openProbe(run, trained, some);
  expect((await probe.decode([0, 0, 0])).image).toHaveLength(192);
  trained.dispose();
  const plain = await newRun(steps(VAE, 1));
  await startTraining({ run: plain, images, device });
  expect((await failure((await openTrained(plain, device)).sample(1, { label: 'left' }))).message).toMatch(/does not draw by class/);
});

test('a denoising run says how much nearer to the clean pictures it comes, and keeps what it was shown', async () => {
  const run = await newRun({ ...VAE, config: { ...VAE.config, denoise: 0.3 }, training: { ...VAE.training, steps: 20 } });
  const { summary } = await startTraining({ run, images, device });
  expect(summary.psnrGainDb).toBeCloseTo(summary.psnrDb - summary.noisyPsnrDb, 6);
  expect(summary.noisyPsnrDb).toBeGreaterThan(8);
  expect(summary).not.toHaveProperty('noisyMse');
  expect((await run.loadPreview())!.shown).toMatchObject({ count: 12 });
  expect((await run.loadMapFrame()).metrics).toHaveProperty('psnrGainDb');
});

test('a discrete run draws from the uniform prior and reports the KL of each variable', async () => {
  const run = await newRun({ family: 'discrete-vae', config: { variables: 3, categories: 4, width: 8, hidden: 16 }, training: { ...VAE.training, steps: 20 } });
  const info = await startTraining({ run, images, device });
  expect(Object.keys(info.summary)).toEqual(expect.arrayContaining(['elboNats', 'klNats', 'perplexity']));
  expect((await run.loadPreview())!.klPerDimension).toHaveLength(3);
  expect((await run.loadPreview())!.samples).toMatchObject({ count: 16 });
  const trained = await openTrained(run, device);
  const drawn = await trained.sample(3);
  expect(drawn.note).toMatch(/trained towards/);
  expect(drawn.images).toHaveLength(3 * 192);
  expect((await trained.evaluate(images, { importanceSamples: 5 })).metrics.iwNats).toBeLessThan(0);
  trained.dispose();
});
