import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { calls, type RunEvent } from '../../electron/contract/index.ts';
import { callNames } from './answer.ts';
import { builtWorker, makePictures, testClient, testFolders, type TestClient } from './service.test-support.ts';

let folders: Awaited<ReturnType<typeof testFolders>>;
let worker: URL;
let client: TestClient;
let project: string;
let data: string;
let run: string;

const tiny = { hidden: 8, residualLayers: 1, residualHidden: 4, codes: 8, codeSize: 4, stride: 4 };
const plan = { steps: 30, batchSize: 4, warmupSteps: 0, checkpointEvery: 10, evaluateEvery: 10 };

beforeAll(async () => {
  folders = await testFolders();
  worker = await builtWorker();
  project = join(folders.root, 'project');
  const first = await testClient(undefined, worker);
  await first.call('projects.create', { path: project, name: 'Test' });
  await first.service.close();
  client = await testClient(project, worker);
}, 180_000);
afterAll(async () => {
  await client?.service.close();
  await folders.free();
});

test('every call of the contract is answered or gives an error value', async () => {
  expect(Object.keys(client.service.handlers).sort()).toEqual([...callNames].sort());
  const quick = callNames.filter((name) => !['devices.list', 'data.list', 'projects.create', 'projects.open'].includes(name));
  const refused: unknown[] = [];
  for (const name of quick) {
    const input = { path: '/none', run: '/none', ref: '/none', job: 'none', name: 'x', out: join(folders.root, 'none.csv'), index: 0, position: [0, 0, 0], family: 'none', data: '/none', device: 'cpu' };
    const known = Object.keys((calls[name].input as unknown as { shape?: object }).shape ?? {});
    const given = Object.fromEntries(Object.entries(input).filter(([key]) => known.includes(key)));
    await client.call(name, given as never).catch((error: unknown) => refused.push(error));
  }
  expect(refused.length).toBeGreaterThan(20);
  const value = { code: expect.stringMatching(/^(not-found|bad-input|bad-data)$/), message: expect.stringMatching(/./), remedy: expect.stringMatching(/./) };
  expect(refused).toEqual(refused.map(() => expect.objectContaining(value)));
});

test('an import is a job; its dataset can be paged, removed and restored', async () => {
  const pictures = await makePictures(join(folders.root, 'pictures'));
  await writeFile(join(pictures, 'disc', 'broken.png'), Buffer.from('89504e470d0a1a0a0000', 'hex'));
  const { job } = await client.call('data.import', { path: pictures, name: 'Shapes', size: 8 });
  data = (await client.until(job, 'done')).result!;
  const info = await client.call('data.info', { ref: data });
  expect(info).toMatchObject({ name: 'Shapes', count: 48, width: 8, skipped: { total: 1 } });
  expect(info.skipped.files[0].path).toContain('broken.png');
  const page = await client.call('data.page', { ref: data, label: 'square', limit: 5 });
  expect(page).toMatchObject({ total: 24, thumbnails: { count: 5 } });
  await client.call('data.remove', { ref: data });
  await expect(client.call('data.info', { ref: data })).rejects.toMatchObject({ code: 'not-found' });
  expect((await client.call('data.restore', { ref: data })).ref).toBe(data);
  expect((await client.call('data.list', {})).map((d) => d.ref)).toContain(data);
});

test('a bad import is a failed job with its reason', async () => {
  const path = join(folders.root, 'text.idx');
  await writeFile(path, 'this is no idx file');
  const { job } = await client.call('data.import', { path });
  expect(await client.until(job, 'failed')).toMatchObject({ error: { code: 'bad-data', message: expect.stringContaining('text.idx') } });
  await client.call('jobs.dismiss', { job });
  expect((await client.call('jobs.list', {})).some((j) => j.id === job)).toBe(false);
});

test('an estimate is measured', async () => {
  const found = await client.call('train.estimate', { family: 'vq-vae', config: tiny, data, training: { ...plan, steps: 1000 }, device: 'cpu' });
  expect(found).toMatchObject({ steps: 1000, device: 'cpu' });
  expect(found.secondsPerStep).toBeGreaterThan(0);
});

test('a training runs as a job, tells what happens, and can be looked at while it runs', async () => {
  const jobs = client.follow('jobs.events', {});
  const started = await client.call('train.start', { family: 'vq-vae', config: tiny, data, training: { ...plan, steps: 5000 }, device: 'cpu', name: 'First' });
  run = started.run;
  const events = client.follow('run.events', { run });
  await expect(client.call('train.continue', { run })).rejects.toMatchObject({ code: 'busy' });
  while (!events.events.some((e: RunEvent) => e.type === 'preview')) await new Promise((resolve) => setTimeout(resolve, 50));

  const sampled = await client.call('runs.sample', { run, count: 4 });
  expect(sampled.sheet).toMatchObject({ count: 4, cellWidth: 8, cellHeight: 8 });
  expect((await client.call('jobs.list', {})).find((j) => j.id === started.job)).toMatchObject({ state: 'running', canPause: true, run });

  await client.call('jobs.pause', { job: started.job });
  await client.until(started.job, 'paused');
  const paused = await client.call('runs.get', { run });
  expect(paused).toMatchObject({ status: 'paused', name: 'First' });
  expect(paused.step).toBeGreaterThan(0);

  await client.call('jobs.resume', { job: started.job });
  await client.until(started.job, 'running');
  while ((await client.call('runs.get', { run })).step <= paused.step) await new Promise((resolve) => setTimeout(resolve, 50));
  await client.call('jobs.cancel', { job: started.job });
  await client.until(started.job, 'cancelled');
  expect((await client.call('runs.get', { run })).status).toBe('cancelled');
  events.stop();
  jobs.stop();
  expect(new Set(events.events.map((e: RunEvent) => e.type))).toEqual(new Set(['info', 'metrics', 'preview', 'map']));
  expect(jobs.events.length).toBeGreaterThan(2);
});

test('a cancelled run goes on with a new total, and a finished one needs more to do', async () => {
  const { step } = await client.call('runs.get', { run });
  const { job } = await client.call('train.continue', { run, steps: step + 20 });
  await client.until(job, 'done');
  expect(await client.call('runs.get', { run })).toMatchObject({ status: 'finished', step: step + 20 });
  await expect(client.call('train.continue', { run })).rejects.toMatchObject({ code: 'bad-input' });
  const rows = await client.call('runs.metrics', { run });
  const steps = rows.filter((row) => row.split === 'train').map((row) => row.step);
  expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
});

test('map, reconstructions, evaluation, table and export of the finished run', async () => {
  const map = await client.call('map.open', { run });
  expect(map!.count).toBeGreaterThan(0);
  const frame = await client.call('map.frame', { run });
  expect(frame.positions).toHaveLength(3 * map!.count);
  expect(frame).not.toHaveProperty('projection');
  const item = await client.call('map.item', { run, index: 0 });
  expect(item).toMatchObject({ index: 0, original: { width: 8 }, codes: { cells: 4, grids: [{ name: 'codes', height: 2, width: 2, at: 0, first: 0 }] } });
  const [x, y, z] = frame.positions;
  const decoded = await client.call('map.decode', { run, position: [x, y, z] });
  expect(decoded.nearest[0]).toBe(0);
  expect(decoded.confidence).toBeCloseTo(1, 3);
  await expect(client.call('map.item', { run, index: 10_000 })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(client.call('map.decode', { run, step: 1, position: [0, 0, 0] })).rejects.toMatchObject({ code: 'not-found' });

  const pictures = await client.call('runs.reconstruct', { run, paths: [join(folders.root, 'pictures/disc/1.png')] });
  expect(pictures).toMatchObject({ originals: { count: 1 }, reconstructions: { count: 1 } });
  expect((await client.call('runs.reconstruct', { run, items: [3, 5] })).psnrDb).toHaveLength(2);
  await expect(client.call('runs.reconstruct', { run, items: [99] })).rejects.toMatchObject({ code: 'bad-input' });

  expect(await client.call('runs.evaluate', { run, split: 'train' })).toMatchObject({ split: 'train', metrics: { psnrDb: expect.any(Number) } });
  const table = await client.call('runs.embed', { run, out: join(folders.root, 'points.parquet') });
  expect(table).toMatchObject({ rows: 48, columns: expect.arrayContaining(['item', 'label', 'z0', 'z3', 'codes']) });
  const exported = await client.call('runs.export', { run, out: join(folders.root, 'exported') });
  expect(exported.maxDifference).toBeLessThan(1e-4);
  expect((await readdir(exported.folder)).sort()).toEqual([...exported.files].sort());
  expect(JSON.parse(await readFile(join(exported.folder, 'manifest.json'), 'utf8'))).toMatchObject({ family: 'vq-vae', parts: [{ file: 'encoder.onnx' }, { file: 'decoder.onnx' }, {}, {}] });
});

test('a run whose thread dies is interrupted, and goes on with a healthy one', async () => {
  const killer = join(folders.root, 'dying-worker.mjs');
  await writeFile(
    killer,
    `import { workerData, threadId } from 'node:worker_threads'; import { writeFileSync } from 'node:fs'; import { hostname } from 'node:os';
     writeFileSync(workerData.input.run + '/lock', JSON.stringify({ pid: process.pid, born: null, host: hostname(), thread: threadId, token: 'x', since: '' }));
     const record = ${'`${workerData.input.run}/run.json`'}; const { readFileSync } = await import('node:fs');
     writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, 'utf8')), status: 'running' })); process.exit(3);`,
  );
  const dying = await testClient(project, new URL(`file://${killer}`));
  const more = (await client.call('runs.get', { run })).step + 10;
  const { job } = await dying.call('train.continue', { run, steps: more });
  expect(await dying.until(job, 'failed')).toMatchObject({ error: { code: 'internal', message: expect.stringMatching(/without a word/) } });
  expect((await dying.call('runs.get', { run })).status).toBe('interrupted');
  await dying.service.close();
  const again = await client.call('train.continue', { run });
  await client.until(again.job, 'done');
  expect(await client.call('runs.get', { run })).toMatchObject({ status: 'finished', step: more });
});

test('runs can be listed, renamed, put into the bin and taken out again', async () => {
  expect((await client.call('runs.list', {})).map((r) => r.run)).toEqual([run]);
  expect((await client.call('runs.rename', { run, name: 'Second' })).name).toBe('Second');
  await client.call('runs.remove', { run });
  expect(await client.call('runs.list', {})).toEqual([]);
  expect((await client.call('runs.restore', { run })).name).toBe('Second');
  expect((await client.call('runs.list', {})).map((r) => r.run)).toEqual([run]);
});

test('closing the service pauses a training with a checkpoint, and a new service goes on', async () => {
  const other = await testClient(project, worker);
  const started = await other.call('train.start', { family: 'vq-vae', config: tiny, data, training: { ...plan, steps: 5000 }, device: 'cpu' });
  await other.until(started.job, 'running');
  while (!(await other.call('jobs.list', {}))[0].canPause) await new Promise((resolve) => setTimeout(resolve, 50));
  await other.service.close();
  expect((await client.call('runs.get', { run: started.run })).status).toBe('paused');
  const { job } = await client.call('train.continue', { run: started.run });
  // A wish that comes before the thread has loaded its code is not lost.
  await client.call('jobs.cancel', { job });
  await client.until(job, 'cancelled');
  expect((await client.call('runs.get', { run: started.run })).status).toBe('cancelled');
});
