import { mkdir, mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { moveToBin, restoreFromBin } from './bin.ts';
import { readTable, writePoints } from './points.ts';
import { createProject, datasetFolders, forgetProject, openProject, openSampleProject, recentProjects, runsFolderOf } from './projects.ts';
import { acquireLock } from './run-lock.ts';

let scratch = '';
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'atelier-'));
  process.env.ATELIER_HOME = join(scratch, 'home');
});

test('projects are made, opened, remembered newest first, and forgotten without loss', async () => {
  const a = join(scratch, 'a'), b = join(scratch, 'b');
  expect(await recentProjects()).toEqual([]);
  await createProject(a, 'Faces');
  await createProject(b, 'Voices');
  expect((await openProject(a)).name).toBe('Faces');
  expect((await recentProjects()).map((p) => p.name)).toEqual(['Faces', 'Voices']);
  await rename(b, join(scratch, 'elsewhere'));
  expect((await recentProjects()).map((p) => p.path)).toEqual([a]);
  expect(await forgetProject(a)).toEqual([]);
  expect(await readdir(a)).toEqual(['data', 'project.json', 'runs']);
  await expect(createProject(a, 'again')).rejects.toMatchObject({ code: 'bad-input' });
  await expect(openProject(scratch)).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining(scratch) });
});

test('the sample project is made once and marked', async () => {
  const first = await openSampleProject();
  expect(first.sample).toBe(true);
  await writeFile(join(first.path, 'runs', 'note'), 'kept');
  expect((await openSampleProject()).path).toBe(first.path);
  expect(await readFile(join(first.path, 'runs', 'note'), 'utf8')).toBe('kept');
});

test('a damaged list of recents costs nothing but the list; a newer project is refused', async () => {
  await mkdir(process.env.ATELIER_HOME!, { recursive: true });
  await writeFile(join(process.env.ATELIER_HOME!, 'recent.json'), '{"projects": [null, {"path": 3}');
  expect(await recentProjects()).toEqual([]);
  const p = await createProject(join(scratch, 'p'), 'P');
  const file = join(p.path, 'project.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"fileVersion": 1', '"fileVersion": 2'));
  await expect(openProject(p.path)).rejects.toMatchObject({ code: 'newer-version' });
});

test('what is removed goes to the bin and comes back', async () => {
  const project = (await createProject(join(scratch, 'p'), 'P')).path;
  const run = join(runsFolderOf(project), 'r1');
  await mkdir(run);
  await writeFile(join(run, 'run.json'), 'first');
  await moveToBin(project, run);
  expect(await readdir(runsFolderOf(project))).toEqual([]);
  await expect(moveToBin(project, run)).rejects.toMatchObject({ code: 'not-found' });
  await mkdir(run);
  await writeFile(join(run, 'run.json'), 'second');
  await expect(restoreFromBin(project, run)).rejects.toMatchObject({ code: 'busy' });
  await new Promise((done) => setTimeout(done, 5));
  await moveToBin(project, run);
  expect(await restoreFromBin(project, run)).toBe(run);
  expect(await readFile(join(run, 'run.json'), 'utf8')).toBe('second');
  expect(await readdir(run)).toEqual(['run.json']);
  await expect(restoreFromBin(project, join(project, 'runs', 'never'))).rejects.toMatchObject({ code: 'not-found' });
});

test('a run that trains, and a folder that is none of ours, are not moved', async () => {
  const project = (await createProject(join(scratch, 'p'), 'P')).path;
  const run = join(runsFolderOf(project), 'r1');
  await mkdir(run);
  await expect(moveToBin(project, run)).rejects.toMatchObject({ code: 'bad-input' });
  await writeFile(join(run, 'run.json'), '');
  const lock = await acquireLock(join(run, 'lock'), 'it');
  await expect(moveToBin(project, run)).rejects.toMatchObject({ code: 'busy' });
  await lock.release();
});

test('datasets are listed when they are whole', async () => {
  const project = (await createProject(join(scratch, 'p'), 'P')).path;
  for (const name of ['b', 'a', '.x.partial', 'half']) await mkdir(join(project, 'data', name));
  for (const name of ['b', 'a', '.x.partial']) await writeFile(join(project, 'data', name, 'dataset.json'), '{}');
  expect(await datasetFolders(project)).toEqual([join(project, 'data', 'a'), join(project, 'data', 'b')]);
});

test('points written as Parquet are read back, quotes and missing labels included', async () => {
  const path = join(scratch, "it's", 'points.parquet');
  const result = await writePoints(path, {
    names: ['a "b"', 'ü/c'], labels: ['x', null], splits: ['train', 'test'], step: 40, dimensions: 2, latents: Float32Array.of(0.5, 1, -2, 4),
    positions: Float32Array.of(1, 2, 3, 4, 5, 6), metrics: { klNats: Float32Array.of(0.25, Number.NaN) },
  });
  expect(result).toEqual({ rows: 2, columns: ['item', 'label', 'split', 'step', 'x', 'y', 'z', 'klNats', 'z0', 'z1'] });
  expect(await readTable(path)).toEqual({
    item: ['a "b"', 'ü/c'], label: ['x', null], split: ['train', 'test'], step: [40, 40], x: [1, 4], y: [2, 5], z: [3, 6], klNats: [0.25, Number.NaN], z0: [0.5, -2], z1: [1, 4],
  });
  expect(await readTable(path, ['z1'])).toEqual({ z1: [1, 4] });
  expect(await readdir(join(scratch, "it's"))).toEqual(['points.parquet']);
});

test('many dimensions stand in lists; thousands of rows come back in order', async () => {
  const n = 5000, d = 600;
  const path = join(scratch, 'wide.parquet');
  const latents = Float32Array.from({ length: n * d }, (_, i) => i % 1000);
  await writePoints(path, { names: Array.from({ length: n }, (_, i) => String(i)), labels: new Array(n).fill(null), splits: new Array(n).fill('train'), step: 1, dimensions: d, latents });
  const { item, latent } = await readTable(path, ['item', 'latent']);
  expect(item.every((v, i) => v === String(i))).toBe(true);
  const row = latent[4321] as unknown as { items: number[] };
  expect(row.items).toEqual(Array.from(latents.subarray(4321 * d, 4322 * d)));
}, 30_000);

test('tables that cannot be are named', async () => {
  const table = { names: ['a'], labels: [null], splits: ['train'], step: 1, dimensions: 2, latents: Float32Array.of(1) };
  await expect(writePoints(join(scratch, 'x.parquet'), table)).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('1 latent values') });
  await expect(writePoints(join(scratch, 'x.parquet'), { ...table, latents: Float32Array.of(1, 2), metrics: { Item: Float32Array.of(1) } })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(readTable(join(scratch, 'none.parquet'))).rejects.toMatchObject({ code: 'not-found' });
  await writeFile(join(scratch, 'text.parquet'), 'no parquet');
  await expect(readTable(join(scratch, 'text.parquet'))).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('text.parquet') });
  await expect(writePoints('/dev/null/x.parquet', { ...table, latents: Float32Array.of(1, 2) })).rejects.toMatchObject({ code: 'bad-input' });
});
