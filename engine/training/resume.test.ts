import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRun, openRun } from '../store/run-folder.ts';
import { rectangles } from './memory-set.fixture.ts';
import { planRun } from './plan.ts';

let folder: string;
let script: string;

beforeAll(async () => {
  // Beside node_modules, where the bundle finds what is left out of it.
  folder = await mkdtemp(join(tmpdir(), 'resume-'));
  script = join(process.cwd(), 'node_modules', '.cache', `resume-${process.pid}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, 'resume.fixture.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    external: ['onnxruntime-node', 'sharp', '@duckdb/node-api'],
    banner: { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" },
  });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(script, { force: true });
});

/** Trains in a child process; kills it when `until` says so. @returns its output */
function train(path: string, until?: (step: number) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    let killed = false;
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const step = Number(out.trim().split('\n').pop());
      if (until && Number.isFinite(step) && until(step)) {
        killed = true;
        child.kill('SIGKILL');
      }
    });
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('exit', (code) => (code === 0 || killed ? resolve(out) : reject(new Error(`exit ${code}: ${err}`))));
  });
}

async function newRun(name: string, family: string): Promise<string> {
  const path = join(folder, name);
  const config = family === 'vae' ? { latentSize: 4, width: 8, hidden: 16, binarise: 'stochastic' } : { hidden: 16, residualLayers: 1, residualHidden: 8, codes: 16, codeSize: 4, reviveEvery: 7 };
  const training = { steps: 90, batchSize: 8, checkpointEvery: 20, evaluateEvery: 15, learningRate: 3e-3, augmentFlip: true, weightEma: 0.95 };
  await createRun(path, planRun({ family, config, training, seed: 11, name }, rectangles(), 'cpu', path));
  return path;
}

const digest = async (path: string) => createHash('sha256').update(await readFile(join(path, 'checkpoints', 'step-00000090.safetensors'))).digest('hex');
const metricsOf = async (path: string) => (await (await openRun(path)).readMetrics()).filter((r) => r.split === 'validation').map(({ time: _time, ...rest }) => rest);

test.each(['vae', 'vq-vae'])('%s: killed at two random instants and resumed, a run ends bit for bit as an undisturbed one', async (family) => {
  const whole = await newRun(`${family}-whole`, family);
  expect(await train(whole)).toMatch(/finished/);

  const broken = await newRun(`${family}-broken`, family);
  const first = 5 + Math.floor(Math.random() * 40);
  const second = first + 5 + Math.floor(Math.random() * 30);
  await train(broken, (step) => step >= first);
  expect((await openRun(broken)).info.status).toBe('interrupted');
  await train(broken, (step) => step >= second);
  expect(await train(broken)).toMatch(/finished/);

  expect(await digest(broken), `killed at steps ${first} and ${second}`).toBe(await digest(whole));
  expect(await metricsOf(broken)).toEqual(await metricsOf(whole));
  expect((await openRun(broken)).info.status).toBe('finished');
}, 120_000);
