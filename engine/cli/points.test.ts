import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assetPath } from '../core/assets.ts';
import { builtWorker } from '../service/service.test-support.ts';

let folder: string;
let program: string;
const sample = assetPath('sample', 'runs', 'emoji');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-cli-points-'));
  program = fileURLToPath(new URL('./cli.mjs', await builtWorker('renderer')));
  const lines = Array.from({ length: 60 }, (_, i) => `${(i % 2) * 9 + Math.sin(i)},${Math.cos(i)},${i / 60},${['face', 'bird'][i % 2]},${i / 6},item ${i}`);
  await writeFile(join(folder, 'table.csv'), `x,y,z,label,kl,name\n${lines.join('\n')}\n`);
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, ATELIER_HOME: join(folder, 'home') });
function atelier(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: folder, env: environment() }, (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }));
  });
}

test('points are chosen by an expression and written with their coordinates', async () => {
  const done = await atelier('points', 'table.csv', '--where', "label = 'face' and kl > 3", '--layout', 'columns:x,y,z', '--out', 'faces.jsonl', '--json');
  expect(done.code).toBe(0);
  expect(JSON.parse(done.out)).toMatchObject({ count: 20, of: 60 });
  const rows = (await readFile(join(folder, 'faces.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { label: string; kl: number; row: number });
  expect(rows.every((r) => r.label === 'face' && r.kl > 3 && r.row % 2 === 0)).toBe(true);
  const near = await atelier('points', 'table.csv', '--near', '0', '--count', '5', '--out', 'near.csv');
  expect(near.code).toBe(0);
  expect((await readFile(join(folder, 'near.csv'), 'utf8')).trim().split('\n')).toHaveLength(6);
  const page = await atelier('points', 'table.csv', '--out', 'page.html', '--color-by', 'kl', '--light');
  expect(page).toMatchObject({ code: 0, out: expect.stringContaining('60 of 60 points') });
  expect(await readFile(join(folder, 'page.html'), 'utf8')).toContain('"ramp":{"low":0,');
});

test('what is wrong with an expression is told with its place; bad usage by the exit code', async () => {
  expect(await atelier('points', 'table.csv', '--where', 'lable = 1')).toMatchObject({ code: 1, err: expect.stringMatching(/Character 1 .*no column "lable"[\s\S]*label/) });
  expect(await atelier('points', 'table.csv', '--out', 'x.docx')).toMatchObject({ code: 2 });
  expect(await atelier('map', 'absent.csv', '--check')).toMatchObject({ code: 1, err: expect.stringContaining('absent.csv') });
  expect(await atelier('map', 'table.csv', '--check', '--sprite', 'x.png')).toMatchObject({ code: 2 });
  expect(await atelier('inverse', 'table.csv', '--evaluate')).toMatchObject({ code: 1, err: expect.stringContaining('no run') });
  expect(await atelier('inverse', sample)).toMatchObject({ code: 2 });
});

test('map tells what is in a table, and serves its view where there is no display', async () => {
  const told = await atelier('map', 'table.csv', '--check');
  expect(told.out).toContain('60 points of 3 dimensions');
  expect(told.out).toContain('label (category, 2 values)');
  const child = spawn(process.execPath, [program, 'map', 'table.csv', '--serve', '--json'], { cwd: folder, env: environment() });
  try {
    const text = await new Promise<string>((resolve, reject) => {
      let seen = '';
      child.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        if (seen.trimEnd().endsWith('}')) resolve(seen);
      });
      child.on('exit', () => reject(new Error(`It ended: ${seen}`)));
    });
    const { address } = JSON.parse(text) as { address: string };
    const { tables } = JSON.parse(await readFile(join(folder, 'home', 'sample', 'tables.json'), 'utf8')) as { tables: { id: string; path: string }[] };
    expect(tables).toEqual([expect.objectContaining({ path: join(folder, 'table.csv') })]);
    expect(address.split('#')[1]).toBe(`table=${tables[0].id}`);
    expect((await fetch(address)).status).toBe(200);
  } finally {
    child.kill('SIGINT');
    await new Promise((resolve) => child.on('exit', resolve));
  }
});

test('places of the sample run are decoded', async () => {
  await writeFile(join(folder, 'places.csv'), 'x,y,z\n0,0,0\n0.2,0.1,0\n');
  const done = await atelier('inverse', sample, '--positions', 'places.csv', '--out', 'places.png', '--json');
  expect(done.code).toBe(0);
  expect(JSON.parse(done.out)).toMatchObject({ count: 2, layout: expect.stringMatching(/^frame:/), nearest: [expect.any(Number), expect.any(Number)] });
  await writeFile(join(folder, 'places.csv'), 'x,y,z\n0,0,nan\n');
  expect(await atelier('inverse', sample, '--positions', 'places.csv', '--out', 'places.png')).toMatchObject({ code: 1 });
}, 120_000);
