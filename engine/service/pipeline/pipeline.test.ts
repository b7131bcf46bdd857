import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtWorker, makePictures, testClient, testFolders, type TestClient } from '../service.test-support.ts';

let folders: Awaited<ReturnType<typeof testFolders>>;
let worker: URL;
let data: string;
let project: string;
let client: TestClient;

beforeAll(async () => {
  worker = await builtWorker();
  folders = await testFolders();
  await makePictures(join(folders.root, 'pictures'));
  project = join(folders.root, 'project');
  client = await testClient(undefined, worker);
  await client.call('projects.create', { path: project, name: 'Paths' });
  const { job } = await client.call('data.import', { path: join(folders.root, 'pictures') });
  data = (await client.until(job, 'done')).result!;
}, 240_000);
afterAll(async () => {
  await client.service.close();
  await folders.free();
});

const steps = 20;

/** Starts the command line on a path, and kills it outright when `when` says so. @returns whether it ended by itself */
async function walk(out: string, when: () => boolean): Promise<boolean> {
  const cli = fileURLToPath(new URL('./cli.mjs', worker));
  const child = spawn(process.execPath, [cli, 'pipeline', data, '--project', project, '--steps', String(steps), '--samples', '4', '--device', 'cpu', '--out', out], { stdio: 'ignore' });
  const closed = new Promise<true>((resolve) => child.on('close', () => resolve(true)));
  const soon = () => new Promise<false>((resolve) => setTimeout(() => resolve(false), 5));
  while (!when()) if (await Promise.race([closed, soon()])) return true;
  child.kill('SIGKILL');
  await closed;
  return false;
}

test('killed in every stage it goes on to the same samples as undisturbed', async () => {
  const calm = join(folders.root, 'calm');
  expect(await walk(calm, () => false)).toBe(true);
  const shaken = join(folders.root, 'shaken');
  const checkpoints = (run: string): string[] => (existsSync(join(shaken, run, 'checkpoints')) ? readdirSync(join(shaken, run, 'checkpoints')).filter((name) => name.endsWith('.safetensors')) : []);
  const state = (stage: number): string => JSON.parse(readFileSync(join(shaken, 'pipeline.json'), 'utf8')).stages[stage].state;
  const moments = [
    () => existsSync(join(shaken, 'codec', 'run.json')),
    () => checkpoints('codec').some((name) => !name.includes('00000000')),
    () => existsSync(join(shaken, 'prior', 'run.json')),
    () => checkpoints('prior').some((name) => !name.includes('00000000')),
    () => existsSync(join(shaken, 'pipeline.json')) && state(3) === 'running',
  ];
  const killed: boolean[] = [];
  for (const moment of moments) killed.push(!(await walk(shaken, moment)));
  expect(killed).toEqual(moments.map(() => true));
  // What was saved when it was killed is where it went on from.
  expect(checkpoints('codec').length).toBeGreaterThan(0);
  expect(await walk(shaken, () => false)).toBe(true);
  const info = await client.call('pipeline.get', { pipeline: shaken });
  expect(info.status).toBe('finished');
  expect(info.stages.map((stage) => stage.state)).toEqual(['done', 'done', 'done', 'done', 'done']);
  const sheet = (folder: string): string => readFileSync(join(folder, 'samples', 'sheet.png')).toString('base64');
  expect(sheet(shaken)).toBe(sheet(calm));
  expect(readdirSync(join(shaken, 'samples')).sort()).toEqual(['001.png', '002.png', '003.png', '004.png', 'sheet.png']);
  const report = (folder: string) => JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
  expect(report(shaken).codec).toEqual(report(calm).codec);
  expect(report(shaken).prior.codesNats).toBe(report(calm).prior.codesNats);
}, 240_000);

test('in the application: planned, paused, resumed, finished, its runs among the others', async () => {
  const plan = await client.call('pipeline.plan', { data, steps });
  expect(plan.stages.map((stage) => stage.kind)).toEqual(['codec', 'codes', 'prior', 'samples', 'evaluation']);
  expect(plan.totalSec).toBeGreaterThan(0);
  const { job, pipeline } = await client.call('pipeline.start', { data, steps: 50, samples: 4, device: 'cpu', name: 'Walk' });
  while (!(await client.call('jobs.list', {})).find((j) => j.id === job)?.canPause) await new Promise((resolve) => setTimeout(resolve, 10));
  await client.call('jobs.pause', { job });
  await client.until(job, 'paused');
  expect((await client.call('pipeline.get', { pipeline })).status).toBe('paused');
  await client.call('jobs.resume', { job });
  await client.until(job, 'done');
  const info = await client.call('pipeline.get', { pipeline });
  expect(info).toMatchObject({ status: 'finished', name: 'Walk', evaluation: { split: 'test' } });
  expect(info.evaluation!.codec.psnrDb).toBeGreaterThan(5);
  expect((await client.call('pipeline.samples', { pipeline }))?.count).toBe(4);
  const runs = await client.call('runs.list', {});
  expect(runs.map((run) => run.name).sort()).toEqual(['Walk: codec', 'Walk: prior']);
  expect((await client.call('pipeline.list', {})).map((path) => path.pipeline)).toEqual([pipeline]);
  await expect(client.call('pipeline.continue', { pipeline })).rejects.toMatchObject({ code: 'bad-input' });
  await client.call('pipeline.remove', { pipeline });
  expect(await client.call('pipeline.list', {})).toEqual([]);
  expect((await client.call('pipeline.restore', { pipeline })).pipeline).toBe(pipeline);
}, 240_000);

test('bad requests are refused before anything starts', async () => {
  await expect(client.call('pipeline.start', { data, minutes: 1, steps: 5 })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(client.call('pipeline.start', { data: join(folders.root, 'nowhere'), steps: 5 })).rejects.toMatchObject({ code: 'not-found' });
  await expect(client.call('pipeline.get', { pipeline: project })).rejects.toMatchObject({ code: 'not-found' });
  await expect(client.call('pipeline.start', { data, steps: 5, out: join(folders.root, 'calm') })).rejects.toThrow(/already/);
});

test('clips go through a video VQ-VAE, and samples of them are films', async () => {
  const clips = join(folders.root, 'clips');
  for (let clip = 0; clip < 10; clip++) {
    await mkdir(join(clips, `c${clip}`), { recursive: true });
    for (let t = 0; t < 4; t++) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="white"/><rect x="${t}" y="${clip % 5}" width="3" height="3" fill="hsl(${clip * 36}, 80%, 40%)"/></svg>`;
      await sharp(Buffer.from(svg)).png().toFile(join(clips, `c${clip}`, `${t}.png`));
    }
  }
  const { job } = await client.call('data.import', { path: clips, frames: 4, size: 8 });
  const ref = (await client.until(job, 'done')).result!;
  const started = await client.call('pipeline.start', { data: ref, steps: 3, samples: 2, device: 'cpu' });
  await client.until(started.job, 'done');
  const info = await client.call('pipeline.get', { pipeline: started.pipeline });
  expect(info).toMatchObject({ status: 'finished', data: { clip: { frames: 4 } }, choices: expect.arrayContaining([expect.objectContaining({ value: 'Video VQ-VAE' })]) });
  expect((await client.call('runs.get', { run: info.stages[0].run! })).family).toBe('video-vq-vae');
  const samples = readdirSync(join(info.pipeline, 'samples')).filter((name) => /^\d+\./.test(name));
  expect(samples).toEqual(['001.webp', '002.webp']);
  expect(await sharp(join(info.pipeline, 'samples', '001.webp'), { pages: -1 }).metadata()).toMatchObject({ pages: 4, width: 8, pageHeight: 8 });
}, 240_000);
