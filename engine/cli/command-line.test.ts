import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from './run-command-line.ts';
import { builtWorker, makePictures } from '../service/service.test-support.ts';

let folder: string;
let program: string;
const small = ['--hidden', '8', '--residual-layers', '1', '--residual-hidden', '4', '--codes', '8', '--code-size', '4', '--batch-size', '4', '--device', 'cpu', '--evaluate-every', '10', '--checkpoint-every', '10'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-cli-'));
  program = fileURLToPath(new URL('./cli.mjs', await builtWorker()));
  await makePictures(join(folder, 'pictures'));
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const environment = () => ({ ...process.env, ATELIER_HOME: join(folder, 'home') });

/** Runs the program as a user would, in the test's folder. */
function atelier(...args: string[]): Promise<{ code: number; out: string; err: string; json: () => unknown }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: folder, env: environment() }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err, json: () => JSON.parse(out) as unknown });
    });
  });
}

/** Runs a command line in this process. */
async function inProcess(args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const code = await runCommandLine(args, { out: (text) => (written.out += text), err: (text) => (written.err += text), interactive: false }, folder);
  return { code, ...written };
}

test.each(['', 'nonsense', 'train', 'train gan', 'train vq-vae', 'train vq-vae --data x --codes many', 'eval', 'sample r --out x.png --count 0', 'runs list --no-such'])(
  'bad usage "%s" gives 2 and says why on standard error',
  async (line) => {
    const { code, out, err } = await inProcess(line.split(' ').filter(Boolean));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: ./);
  },
);

test.each(['--help', 'devices --help', 'data import --help', 'train --help', 'train vae --help', 'eval --help', 'doctor --help', 'reconstruct --help', 'sample --help', 'resample --help', 'vary --help', 'interpolate --help', 'gallery --help', 'gallery fill --help', 'mix --help', 'compress --help', 'decompress --help', 'train prior --help', 'embed --help', 'export --help', 'runs --help', 'resume --help', 'serve --help', 'bench --help'])(
  '"%s" prints help and gives 0',
  async (line) => {
    const { code, out, err } = await inProcess(line.split(' '));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Usage: atelier/);
  },
);

test('a failure gives 1, and with --json the error as a value on standard output', async () => {
  const plain = await atelier('eval', 'no-run');
  expect(plain).toMatchObject({ code: 1, out: '', err: expect.stringContaining(join(folder, 'no-run')) });
  const asked = await atelier('eval', 'no-run', '--json');
  expect(asked.code).toBe(1);
  expect(asked.json()).toMatchObject({ error: { code: 'not-found', message: expect.any(String), remedy: expect.any(String) } });
  const usage = await atelier('eval', '--json');
  expect(usage.code).toBe(2);
  expect(usage.json()).toMatchObject({ error: { code: 'bad-input' } });
});

test('data: import, list, info, with names or paths relative to the current folder', async () => {
  const imported = await atelier('data', 'import', 'pictures', '--name', 'Shapes', '--size', '8', '--json');
  expect(imported.code).toBe(0);
  expect(imported.json()).toMatchObject({ name: 'Shapes', count: 48, classes: [{ name: 'disc', count: 24 }, { name: 'square', count: 24 }] });
  expect((await atelier('data', 'list', '--json')).json()).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'Shapes' }), expect.objectContaining({ ref: 'builtin:emoji', count: 4683 })]));
  expect((await atelier('data', 'info', 'Shapes')).out).toMatch(/^Shapes: 48 items of 8x8 px/);
  expect((await atelier('data', 'info', 'Nothing', '--json')).json()).toMatchObject({ error: { code: 'not-found', remedy: expect.stringContaining('builtin:emoji') } });
});

test('the whole way: train, look, sample, embed, export, lengthen', async () => {
  const trained = await atelier('train', 'vq-vae', '--data', 'Shapes', '--steps', '20', '--out', 'runs/first', ...small, '--json');
  expect(trained).toMatchObject({ code: 0, err: expect.stringContaining('step 20') });
  expect(trained.json()).toMatchObject({ status: 'finished', step: 20, run: join(folder, 'runs/first'), config: { codes: 8, hidden: 8 }, training: { batchSize: 4 } });

  expect((await atelier('reconstruct', 'runs/first', 'pictures/disc/0.png', 'pictures/square/1.png', '--out', 'x.png')).code).toBe(0);
  expect(await sharp(join(folder, 'x.png')).metadata()).toMatchObject({ format: 'png', width: 16, height: 16 });
  expect((await atelier('sample', 'runs/first', '--count', '4', '--out', 's.webp', '--json')).json()).toMatchObject({ count: 4, width: 16, height: 16 });
  expect((await atelier('embed', 'runs/first', '--out', 'points.parquet', '--json')).json()).toMatchObject({ rows: 48 });
  expect((await readFile(join(folder, 'points.parquet'))).subarray(0, 4).toString()).toBe('PAR1');
  expect((await atelier('embed', 'runs/first', '--out', 'points.xls')).code).toBe(1);
  const exported = (await atelier('export', 'runs/first', '--out', 'onnx', '--json')).json() as { maxDifference: number; files: string[] };
  expect(exported.files).toEqual(['encoder.onnx', 'decoder.onnx', 'codes-encoder.onnx', 'codes-decoder.onnx', 'manifest.json']);
  expect(exported.maxDifference).toBeLessThan(1e-4);
  expect((await atelier('eval', 'runs/first', '--json')).json()).toMatchObject({ split: 'test', step: 20 });
  expect((await atelier('runs', '--folder', 'runs', '--json')).json()).toMatchObject([{ status: 'finished' }]);

  expect(await atelier('train', 'vq-vae', '--data', 'Shapes', '--steps', '5', '--out', 'runs/first', ...small)).toMatchObject({ code: 1, err: expect.stringContaining('already a run') });
  expect((await atelier('resume', 'runs/first', '--steps', '30', '--json')).json()).toMatchObject({ status: 'finished', step: 30 });
  expect((await atelier('resume', 'runs/first')).code).toBe(1);
});

test('the doctor says what is not well, and starts a run with its remedy', async () => {
  const ill = ['--codes', '64', '--codebook', 'gradient', '--no-kmeans-start', '--revive-every', '0'];
  const trained = await atelier('train', 'vq-vae', '--data', 'Shapes', '--steps', '20', '--out', 'runs/ill', ...small, ...ill);
  expect(trained.code).toBe(0);
  const found = (await atelier('doctor', 'runs/ill', '--json')).json() as { status: string; checks: { title: string; finding: { code: string; message: string } | null }[] };
  expect(found.status).toBe('finished');
  expect(found.checks.find(({ finding }) => finding?.code === 'dead-codes')!.finding!.message).toMatch(/of 64 codes are never used/);
  expect(await atelier('doctor', 'runs/ill', '--repair', 'over-fitting')).toMatchObject({ code: 1, err: expect.stringMatching(/did not find 'over-fitting'.*dead-codes/s) });
  const repaired = await atelier('doctor', 'runs/ill', '--repair', 'dead-codes', '--steps', '10', '--out', 'runs/repaired', '--json');
  expect(repaired.json()).toMatchObject({ status: 'finished', step: 10, name: expect.stringMatching(/, repaired$/), config: { codebook: 'ema', kmeansStart: true, reviveEvery: 20, codes: 64 }, training: { batchSize: 4 } });
}, 120_000);

test('a conditional model draws a class that is named, and refuses one it has never seen by naming those it has', async () => {
  const tiny = ['--latent-size', '2', '--width', '4', '--hidden', '8', '--residual-layers', '0', '--batch-size', '4', '--device', 'cpu'];
  expect(await atelier('train', 'cvae', '--data', 'Shapes', '--steps', '5', '--out', 'runs/classes', ...tiny)).toMatchObject({ code: 0 });
  const drawn = (await atelier('sample', 'runs/classes', '--class', 'disc', '--count', '3', '--out', 'disc.png', '--json')).json();
  expect(drawn).toMatchObject({ count: 3, label: 'disc', note: expect.stringContaining('class disc') });
  const all = (await atelier('sample', 'runs/classes', '--count', '6', '--out', 'all.png', '--json')).json();
  expect(all).toMatchObject({ width: 16, height: 24 });
  const unseen = (await atelier('sample', 'runs/classes', '--class', 'star', '--out', 'star.png', '--json')).json();
  expect(unseen).toMatchObject({ error: { code: 'bad-input', message: expect.stringContaining("'star'"), remedy: 'Its classes are disc, square.' } });
  expect((await atelier('sample', 'runs/first', '--class', 'disc', '--out', 'x.png', '--json')).json()).toMatchObject({ error: { code: 'bad-input' } });
});

test('a prior over the codes of a run samples by itself, or for that run; another run, a wrong region and temperature 0 are refused', async () => {
  const tiny = ['--width', '8', '--layers', '2', '--head', '8', '--batch-size', '4', '--device', 'cpu'];
  const trained = await atelier('train', 'prior', '--codes-of', 'runs/first', '--steps', '10', '--out', 'runs/prior', ...tiny, '--json');
  expect(trained).toMatchObject({ code: 0, err: expect.stringContaining('step 10') });
  expect(trained.json()).toMatchObject({ family: 'pixelcnn', status: 'finished', codec: { step: 30, height: 2, width: 2, codes: 8 } });
  const drawn = (await atelier('sample', 'runs/prior', '--class', 'disc', '--top-k', '3', '--count', '4', '--out', 'p.png', '--json')).json();
  expect(drawn).toMatchObject({ count: 4, note: expect.stringContaining('class disc') });
  const through = await atelier('sample', 'runs/first', '--prior', 'runs/prior', '--class', 'disc', '--top-k', '3', '--count', '4', '--out', 'q.png');
  expect(through.code).toBe(0);
  expect(await readFile(join(folder, 'q.png'))).toEqual(await readFile(join(folder, 'p.png')));
  const again = (await atelier('resample', 'runs/prior', '--item', '3', '--region', '0,1,2,1', '--count', '2', '--out', 'r.png', '--json')).json();
  expect(again).toMatchObject({ count: 2, grid: { height: 2, width: 2 } });
  expect((await atelier('eval', 'runs/prior', '--json')).json()).toMatchObject({ step: 10, metrics: { bitsPerCode: expect.any(Number) } });

  const varied = (await atelier('vary', 'runs/first', '--item', '3', '--prior', 'runs/prior', '--amount', '0.5', '--count', '3', '--out', 'v.webp', '--json')).json();
  expect(varied).toMatchObject({ count: 3, note: expect.stringContaining('Drawn by the prior') });
  const film = (await atelier('interpolate', 'runs/first', '1', '30', '--between', '4', '--out', 'film.gif', '--json')).json();
  expect(film).toMatchObject({ frames: 6, through: 'latents' });
  const filled = (await atelier('gallery', 'fill', 'runs/first', '--prior', 'runs/prior', '--mix', 'disc=1,square=1', '--count', '2', '--json')).json() as { files: string[] };
  expect(filled.files).toHaveLength(2);
  expect((await atelier('gallery', 'list', '--json')).json()).toMatchObject({ items: [{ recipe: { label: 'square' } }, { recipe: { label: 'disc' } }] });

  const refused = async (...args: string[]) => (await atelier(...args, '--json')).json();
  expect(await refused('sample', 'runs/prior', '--temperature', '0', '--out', 'x.png')).toMatchObject({ error: { code: 'bad-input', message: expect.stringContaining('temperature 0') } });
  expect(await refused('resample', 'runs/prior', '--item', '3', '--region', '1,1,2,1', '--out', 'x.png')).toMatchObject({ error: { code: 'bad-input', message: expect.stringContaining('beyond the grid') } });
  expect(await refused('sample', 'runs/first', '--top-k', '3', '--out', 'x.png')).toMatchObject({ error: { code: 'bad-input' } });
  expect(await refused('train', 'prior', '--codes-of', 'runs/classes', '--steps', '1')).toMatchObject({ error: { code: 'bad-input', message: expect.stringContaining('no codes') } });
  expect((await atelier('resume', 'runs/first', '--steps', '35')).code).toBe(0);
  expect(await refused('sample', 'runs/first', '--prior', 'runs/prior', '--out', 'x.png')).toMatchObject({ error: { code: 'bad-input', message: expect.stringContaining('mean something else') } });
  expect((await atelier('sample', 'runs/prior', '--count', '2', '--out', 'x.png')).code).toBe(0);
});

test('Ctrl+C pauses with a checkpoint, says how to go on, and resume does', async () => {
  const child = spawn(process.execPath, [program, 'train', 'vq-vae', '--data', 'Shapes', '--steps', '100000', '--out', 'runs/long', ...small], { cwd: folder, env: environment() });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  while (!/Step \d+ of/.test(err)) {
    if (child.exitCode !== null) throw new Error(err);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGINT');
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect(code).toBe(130);
  expect(out).toContain('Go on with: atelier resume runs/long');
  const info = (await atelier('runs', 'info', 'runs/long', '--json')).json() as { step: number; status: string };
  expect(info.status).toBe('paused');
  expect((await atelier('resume', 'runs/long', '--steps', String(info.step + 5), '--json')).json()).toMatchObject({ status: 'finished', step: info.step + 5 });
});

test('serve answers on the address that it prints and stops on Ctrl+C', async () => {
  const child = spawn(process.execPath, [program, 'serve', '--json'], { cwd: folder, env: environment() });
  let out = '';
  const announced = new Promise<{ address: string; port: number }>((resolve) => {
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
      if (out.trimEnd().endsWith('}')) resolve(JSON.parse(out) as { address: string; port: number });
    });
  });
  const { address, port } = await announced;
  expect(new URL(address).searchParams.get('token')).toMatch(/^[\w-]{43}$/);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(401);
  child.kill('SIGINT');
  expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
});
