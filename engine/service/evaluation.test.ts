import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { builtWorker, makePictures, testClient, testFolders, type TestClient } from './service.test-support.ts';

vi.setConfig({ testTimeout: 240_000 });

let folders: Awaited<ReturnType<typeof testFolders>>;
let client: TestClient;
let run: string;
let data: string;

beforeAll(async () => {
  folders = await testFolders();
  const worker = await builtWorker();
  const project = join(folders.root, 'project');
  const first = await testClient(undefined, worker);
  await first.call('projects.create', { path: project, name: 'Test' });
  await first.service.close();
  client = await testClient(project, worker);
  const { job } = await client.call('data.import', { path: await makePictures(join(folders.root, 'pictures'), 60), size: 8 });
  data = (await client.until(job, 'done')).result!;
  const started = await client.call('train.start', {
    family: 'cvae', data, device: 'cpu',
    config: { latentSize: 3, width: 4, residualLayers: 0, klWarmup: 0, labelSize: 3, denoise: 0.2, likelihood: 'gaussian' },
    training: { steps: 150, batchSize: 16, learningRate: 5e-3, warmupSteps: 0, evaluateEvery: 50, checkpointEvery: 150, weightEma: 0.9 },
  });
  run = started.run;
  await client.until(started.job, 'done');
}, 240_000);
afterAll(async () => {
  await client?.service.close();
  await folders.free();
});

test('evaluation on request: importance-weighted bound above the bound, distances with a named extractor, recognition', async () => {
  const found = await client.call('runs.evaluate', { run, split: 'train', importance: 20, samples: 60 });
  expect(found.metrics.iwNats).toBeGreaterThan(found.metrics.elboNats);
  expect(found.metrics.ssim).toBeGreaterThan(-1);
  expect(found.metrics.frechetDistance).toBeGreaterThan(0);
  expect(found.metrics.recognised).toBeGreaterThanOrEqual(found.metrics.recognisedLeast);
  expect(found.notes.join(' ')).toMatch(/20 samples an item.*MobileNetV2/s);
  await expect(client.call('runs.evaluate', { run, factors: true })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('not known') });
});

test('anomalies: a second set against the run\'s own, with pictures of the strangest', async () => {
  const found = await client.call('runs.anomalies', { run, data: 'builtin:dsprites-30', falsePositives: 0.1 });
  expect(found.auroc).toBeGreaterThan(0.9);
  expect(found.items[0]).toMatchObject({ stranger: true, flagged: true });
  expect(found.strangest).toMatchObject({ cellWidth: 8, count: Math.min(64, found.items.length) });
  await expect(client.call('runs.anomalies', { run, anomalousClasses: ['triangle'] })).rejects.toMatchObject({ code: 'bad-input' });
});

test('denoising items shows the gain; files are taken as noisy, and nothing is claimed', async () => {
  const items = await client.call('runs.denoise', { run, items: [0, 1, 2] });
  expect(items).toMatchObject({ noise: 0.2, originals: { count: 3 }, noisy: { count: 3 }, cleaned: { count: 3 } });
  const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
  expect(items.gainDb).toBeCloseTo(mean(items.cleanedPsnrDb!) - mean(items.noisyPsnrDb!), 9);
  expect(await client.call('runs.denoise', { run, items: [0, 1, 2] })).toEqual(items);
  expect((await client.call('runs.denoise', { run, items: [0, 1, 2], noise: 0.6 })).gainDb).toBeGreaterThan(1);
  const file = await client.call('runs.denoise', { run, paths: [join(folders.root, 'pictures/disc/1.png')] });
  expect(file).toMatchObject({ noise: 0, originals: null, gainDb: null, cleaned: { count: 1 } });
  await expect(client.call('runs.denoise', { run, items: [9999] })).rejects.toMatchObject({ code: 'bad-input' });
});

test('traversals and planes of a run', async () => {
  const rows = await client.call('runs.traverse', { run, item: 0, steps: 5 });
  expect(rows.sheet).toMatchObject({ count: 15, columns: 5, cellWidth: 8 });
  expect(rows.rows.map((r) => r.dimension).sort()).toEqual([0, 1, 2]);
  expect(rows.rows[0].klNats).toBeGreaterThanOrEqual(rows.rows[2].klNats!);
  const plane = await client.call('runs.manifold', { run, side: 4, label: 'square' });
  expect(plane.sheet).toMatchObject({ count: 16, columns: 4 });
  await expect(client.call('runs.manifold', { run, label: 'triangle' })).rejects.toMatchObject({ code: 'bad-input' });
});

test('an evaluation is a job of the list while it goes on, with its progress, and can be stopped there', async () => {
  const list = () => client.call('jobs.list', {});
  const { events, stop } = client.follow('jobs.events', {});
  const first = client.call('runs.evaluate', { run, importance: 2 });
  await first;
  const seen = events.flat().filter((job) => job.kind === 'evaluate');
  expect(seen[0]).toMatchObject({ looksAt: run, run: null, title: expect.stringMatching(/^Evaluation: /), canPause: false });
  const long = client.call('runs.evaluate', { run, split: 'train', importance: 5000 });
  const ended = long.then(() => expect.unreachable('it should have been stopped'), (error: unknown) => error);
  let job = (await list()).find((listed) => listed.kind === 'evaluate' && listed.state === 'running');
  while (!job || job.progress === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    job = (await list()).find((listed) => listed.kind === 'evaluate');
  }
  expect(job.progress).toBeLessThan(1);
  await client.call('jobs.cancel', { job: job.id });
  expect(await ended).toMatchObject({ code: 'cancelled' });
  while ((await list()).some((listed) => listed.kind === 'evaluate')) await new Promise((resolve) => setTimeout(resolve, 20));
  stop();
});

test('the health of a run names what was looked at', async () => {
  const { step, checks } = await client.call('runs.health', { run });
  expect(step).toBe(150);
  expect(checks.map(({ title }) => title)).toEqual(expect.arrayContaining(['The latent is used', 'Balance of reconstruction and KL', 'Steady training']));
});
