import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, open, readFile, readdir, rename, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Sheet } from '../../electron/contract/index.ts';
import type { Logger } from '../core/log.ts';
import { createRun, listRuns, openRun, type RunRecord } from './run-folder.ts';

const record: RunRecord = {
  name: 'first', family: 'vae', config: { latent: 8 },
  data: { ref: 'builtin:emoji', name: 'Emoji', fingerprint: 'f', width: 32, height: 32, channels: 3, classes: [] },
  training: { batchSize: 32, learningRate: 1e-3, warmupSteps: 0, finalLearningRate: 0.1, weightDecay: 0, clipNorm: 1, weightEma: 0, checkpointEvery: 10, evaluateEvery: 10, augmentFlip: false },
  device: 'cpu', seed: 1, status: 'running', step: 0, parameters: 5, createdAt: '2025-01-01T00:00:00.000Z', updatedAt: '2025-01-01T00:00:00.000Z',
  trainedSec: 0, summary: {}, diagnoses: [], error: null,
};
const folder = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'atelier-')), 'run');
const weights = (v: number) => ({ 'p/w': { shape: [4], values: new Float32Array(4).fill(v) } });
const sheet = (text: string): Sheet => ({ mime: 'image/webp', width: 8, height: 4, cellWidth: 4, cellHeight: 4, columns: 2, count: 2, bytes: new Uint8Array(Buffer.from(text)) });

test('a run is made, changed, moved and opened again', async () => {
  const path = await folder();
  const run = await createRun(path, record);
  await Promise.all([run.update({ step: 5 }), run.update({ name: 'renamed' })]);
  await rename(path, `${path}-moved`);
  const again = await openRun(`${path}-moved`);
  expect(again.info).toMatchObject({ run: `${path}-moved`, name: 'renamed', step: 5, family: 'vae' });
  await expect(createRun(`${path}-moved`, record)).rejects.toMatchObject({ code: 'bad-input' });
});

test('a rename by another process survives the trainer, and the other way round', async () => {
  const path = await folder();
  const trainer = await createRun(path, record);
  const window = await openRun(path);
  await window.update({ name: 'better name' });
  await trainer.update({ step: 7 });
  expect((await openRun(path)).info).toMatchObject({ name: 'better name', step: 7 });
});

test('a run that says it trains while nobody holds it was interrupted', async () => {
  const run = await createRun(await folder(), record);
  expect((await openRun(run.folder)).info.status).toBe('interrupted');
  await run.lock();
  expect((await openRun(run.folder)).info.status).toBe('running');
  await run.unlock();
});

test('two jobs on one run: the second is told who has it', async () => {
  const path = await folder();
  const first = await createRun(path, record);
  const second = await openRun(path);
  await first.lock();
  await expect(second.lock()).rejects.toMatchObject({ code: 'busy', message: expect.stringContaining(path) });
  await first.unlock();
  await second.lock();
  expect(await first.isLocked()).toBe(true);
  await second.unlock();
  expect(await first.isLocked()).toBe(false);
  expect((await readdir(path)).filter((n) => n.startsWith('lock'))).toEqual([]);
});

test('of ten that want the run at once, one gets it', async () => {
  const path = await folder();
  await createRun(path, record);
  await writeFile(join(path, 'lock'), 'torn by a power cut');
  const runs = await Promise.all(Array.from({ length: 10 }, () => openRun(path)));
  const results = await Promise.allSettled(runs.map((r) => r.lock()));
  expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
  await Promise.all(runs.map((r) => r.unlock()));
});

test('the lock of a killed process is taken over', async () => {
  const path = await folder();
  const run = await createRun(path, record);
  const script = `import { openRun } from ${JSON.stringify(join(import.meta.dirname, 'run-folder.ts'))}; const r = await openRun(${JSON.stringify(path)}); await r.lock(); console.log('held'); setInterval(() => {}, 1000);`;
  const { build } = await import('esbuild');
  const bundle = `${path}-holder.mjs`;
  await build({ stdin: { contents: script, resolveDir: import.meta.dirname, loader: 'ts' }, bundle: true, platform: 'node', format: 'esm', outfile: bundle });
  const child = spawn(process.execPath, [bundle]);
  await new Promise<void>((done, fail) => {
    child.stdout.once('data', () => done());
    child.once('exit', () => fail(new Error('the holder ended early')));
  });
  await expect(run.lock()).rejects.toMatchObject({ code: 'busy', message: expect.stringContaining(String(child.pid)) });
  const gone = new Promise((done) => child.removeAllListeners('exit').once('exit', done));
  child.kill('SIGKILL');
  await gone;
  await run.lock();
  await run.unlock();
});

test('a pid given to another process does not keep the run locked', async () => {
  const path = await folder();
  const run = await createRun(path, record);
  await run.lock();
  const lock = JSON.parse(await readFile(join(path, 'lock'), 'utf8'));
  await run.unlock();
  await writeFile(join(path, 'lock'), JSON.stringify({ ...lock, born: 'an-earlier-boot/1' }));
  expect(await run.isLocked()).toBe(false);
  await run.lock();
  await run.unlock();
});

test('a run of a newer version is refused by name and left as it is', async () => {
  const run = await createRun(await folder(), record);
  const file = join(run.folder, 'run.json');
  const text = JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), fileVersion: 99 });
  await writeFile(file, text);
  await expect(openRun(run.folder)).rejects.toMatchObject({ code: 'newer-version', message: expect.stringContaining(file), remedy: expect.stringContaining('Update') });
  expect(await readFile(file, 'utf8')).toBe(text);
});

test.each([['', /not JSON/], ['[]', /not a record/], ['{"fileFormat":"zip"}', /"zip" instead of/], ['{"fileFormat":"latent-atelier-run","fileVersion":1}', /lacks the family/]])('a damaged run.json (%s) is named', async (text, says) => {
  const run = await createRun(await folder(), record);
  await writeFile(join(run.folder, 'run.json'), text);
  await expect(openRun(run.folder)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(says) });
});

test('a folder that is no run is told so; a list passes over what is damaged and names it', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'atelier-'));
  await expect(openRun(parent)).rejects.toMatchObject({ code: 'not-found' });
  await createRun(join(parent, 'a'), record);
  await createRun(join(parent, 'b'), { ...record, createdAt: '2025-02-01T00:00:00.000Z' });
  const broken = await createRun(join(parent, 'c'), record);
  await writeFile(join(broken.folder, 'run.json'), '{');
  const { runs, problems } = await listRuns(parent);
  expect(runs.map((r) => r.run)).toEqual([join(parent, 'b'), join(parent, 'a')]);
  expect(problems.map((p) => p.message)).toEqual([expect.stringContaining(join(parent, 'c'))]);
  expect(await listRuns(join(parent, 'missing'))).toEqual({ runs: [], problems: [] });
});

test('metrics are JSON lines; a torn line is ignored, and the next row starts afresh', async () => {
  const run = await createRun(await folder(), record);
  await run.appendMetrics([{ step: 1, split: 'train', time: 0.1, loss: 3 }, { step: 2, split: 'train', time: 0.2, loss: Number.NaN }]);
  await appendFile(join(run.folder, 'metrics.jsonl'), '{"step":3,"spl');
  const again = await openRun(run.folder);
  expect((await again.readMetrics()).map((r) => r.step)).toEqual([1, 2]);
  await again.appendMetrics([{ step: 4, split: 'validation', time: 0.4, loss: 1 }]);
  expect(await again.readMetrics()).toEqual([{ step: 1, split: 'train', time: 0.1, loss: 3 }, { step: 2, split: 'train', time: 0.2 }, { step: 4, split: 'validation', time: 0.4, loss: 1 }]);
  await again.truncateMetrics(2);
  await again.appendMetrics([{ step: 3, split: 'train', time: 0.3, loss: 2 }]);
  expect((await again.readMetrics(2)).map((r) => r.step)).toEqual([2, 3]);
});

test('checkpoints: newest first, the last few kept, exact values and metadata', async () => {
  const run = await createRun(await folder(), record);
  for (const step of [10, 20, 30, 40]) await run.saveCheckpoint(step, weights(step), { kind: 'vae' }, 3);
  expect(await run.listCheckpoints()).toEqual([20, 30, 40]);
  const { step, tensors, metadata } = await run.loadCheckpoint();
  expect([step, metadata]).toEqual([40, { kind: 'vae', step: '40' }]);
  expect(tensors).toEqual(weights(40));
  expect((await run.loadCheckpoint(20)).tensors).toEqual(weights(20));
  await expect(run.loadCheckpoint(15)).rejects.toMatchObject({ code: 'not-found' });
});

test('a checkpoint cut in half is named and the one before it is used', async () => {
  const warnings: string[] = [];
  const log: Logger = { debug() {}, info() {}, error() {}, warn: (m) => void warnings.push(m) };
  const run = await createRun(await folder(), record, { log });
  await run.saveCheckpoint(10, weights(10), {});
  const newest = await run.saveCheckpoint(20, weights(20), {});
  await truncate(newest, 60);
  expect((await run.loadCheckpoint()).step).toBe(10);
  expect(warnings).toEqual([expect.stringContaining(newest)]);
  await expect(run.loadCheckpoint(20)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining(newest) });
  await truncate(join(run.folder, 'checkpoints', 'step-00000010.safetensors'), 0);
  await expect(run.loadCheckpoint()).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('None of the 2') });
});

test('a run without a checkpoint says so', async () => {
  const run = await createRun(await folder(), record);
  await expect(run.loadCheckpoint()).rejects.toMatchObject({ code: 'not-found' });
});

test('previews come back whole, and a half-written one is not offered', async () => {
  const run = await createRun(await folder(), record);
  expect(await run.loadPreview()).toBeNull();
  await run.savePreview(10, { originals: sheet('o10'), reconstructions: sheet('r10'), samples: null, codeUsage: null, klPerDimension: Float32Array.of(0.5, 2) });
  const second = { originals: sheet('o20'), reconstructions: sheet('r20'), samples: sheet('s20'), codeUsage: Float32Array.of(0.25, 0.75), klPerDimension: null };
  await run.savePreview(20, second);
  await run.savePreview(30, second);
  await rename(join(run.folder, 'previews', '00000030', 'preview.json'), join(run.folder, 'previews', '00000030', 'x'));
  expect(await run.loadPreview()).toEqual({ step: 20, steps: [10, 20], ...second });
  expect((await run.loadPreview(10))?.klPerDimension).toEqual(Float32Array.of(0.5, 2));
  expect(await run.loadPreview(30)).toBeNull();
});

test('the map: items once, frames by step, the newest whole one by default', async () => {
  const run = await createRun(await folder(), record);
  expect(await run.loadMapItems()).toBeNull();
  const items = { classes: ['a', 'b'], labels: Int32Array.of(0, 1), names: ['x', 'y'], items: Int32Array.of(4, 9), thumbnails: [sheet('t')] };
  await run.saveMapItems(items);
  expect(await run.loadMapItems()).toEqual(items);
  const frame = (step: number) => ({
    step, positions: Float32Array.of(1, 0, 0, 0, 1, step), metrics: { reconstructionError: Float32Array.of(0.1, 0.2) }, explained: [0.5, 0.25, 0.125] as [number, number, number],
    projection: { mean: Float32Array.of(1, 2, 3, 4), components: new Float32Array(12).fill(0.5), scale: 0.3 },
  });
  await run.saveMapFrame(frame(10));
  await run.saveMapFrame(frame(20));
  expect(await run.listMapSteps()).toEqual([10, 20]);
  expect(await run.loadMapFrame()).toEqual(frame(20));
  await truncate(join(run.folder, 'map', 'frame-00000020.safetensors'), 40);
  expect((await run.loadMapFrame()).step).toBe(10);
  await run.truncateViews(5);
  await expect(run.loadMapFrame()).rejects.toMatchObject({ code: 'not-found' });
});

test.each([['ENOSPC', 'disk-full'], ['EROFS', 'no-permission']])('a disk that refuses (%s) leaves the old checkpoint and run.json whole', async (code, expected) => {
  const run = await createRun(await folder(), record);
  await run.saveCheckpoint(10, weights(10), {});
  const handle = await open(join(run.folder, 'run.json'));
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const write = vi.spyOn(prototype, 'write').mockRejectedValue(Object.assign(new Error(code), { code, path: run.folder }));
  try {
    await expect(run.saveCheckpoint(20, weights(20), {})).rejects.toMatchObject({ code: expected, remedy: expect.stringContaining('disk') });
    await expect(run.update({ step: 20 })).rejects.toMatchObject({ code: expected });
  } finally {
    write.mockRestore();
  }
  expect((await run.loadCheckpoint()).step).toBe(10);
  expect((await openRun(run.folder)).info.step).toBe(0);
  expect(await readdir(join(run.folder, 'checkpoints'))).toEqual(['step-00000010.safetensors']);
  expect((await run.update({ step: 20 })).step).toBe(20);
});
