import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Diagnosis } from '../../electron/contract/index.ts';
import { openDevice } from '../device/index.ts';
import type { Device } from '../device/types.ts';
import { createRun } from '../store/run-folder.ts';
import { planRun, startTraining, type RunRequest } from './index.ts';
import { rectangles } from './memory-set.fixture.ts';

vi.setConfig({ testTimeout: 120_000 });
const images = rectangles({ count: 640 });
let folder: string;
let device: Device;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
  device = await openDevice('cpu');
});
afterAll(async () => {
  device.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Trains, and gives what the doctor said at any time, with the run that its advice would make. */
async function found(code: string, request: RunRequest): Promise<{ diagnosis: Diagnosis | undefined; all: string[]; repaired: () => ReturnType<typeof planRun> }> {
  const path = join(folder, code);
  const run = await createRun(path, planRun(request, images, 'cpu', path));
  const seen = new Map<string, Diagnosis>();
  await startTraining({ run, images, device, onEvent: (e) => e.type === 'info' && e.run.diagnoses.forEach((d) => seen.set(d.code, d)) });
  const diagnosis = seen.get(code);
  return {
    diagnosis,
    all: [...seen.keys()],
    repaired: () => planRun({ family: request.family, config: diagnosis!.config!, training: { ...run.info.training, ...diagnosis!.training } }, images, 'cpu', path),
  };
}
const tiny = { latentSize: 4, width: 4, residualLayers: 0, hidden: 16, klWarmup: 0, likelihood: 'gaussian' };
const plan = { steps: 60, batchSize: 16, learningRate: 5e-3, warmupSteps: 0, evaluateEvery: 10, checkpointEvery: 60, weightEma: 0 };

test('posterior collapse: a KL weight that leaves nothing worth writing down', async () => {
  const { diagnosis, repaired } = await found('posterior-collapse', { family: 'vae', config: { ...tiny, beta: 500 }, training: plan });
  expect(diagnosis).toMatchObject({ severity: 'danger', message: expect.stringContaining('not used') });
  expect(repaired().config.beta).toBe(1);
});

test('KL outweighed, and mode collapse: without a KL pictures are written down where no sample is drawn from', async () => {
  const { diagnosis, repaired, all } = await found('reconstruction-outweighs-kl', { family: 'vae', config: { ...tiny, network: 'dense', hidden: 64, latentSize: 16, beta: 0 }, training: { ...plan, steps: 300, learningRate: 0.01, evaluateEvery: 100 } });
  expect(diagnosis).toBeDefined();
  expect(repaired().config.beta).toBe(1);
  expect(all).toContain('mode-collapse');
});

test('dead codes: a gradient codebook that starts anywhere', async () => {
  const { diagnosis, repaired } = await found('dead-codes', { family: 'vq-vae', config: { hidden: 8, residualLayers: 0, codes: 64, codeSize: 4, codebook: 'gradient', kmeansStart: false, reviveEvery: 0 }, training: plan });
  expect(diagnosis).toMatchObject({ message: expect.stringMatching(/\d+ of 64 codes are never used/) });
  expect(repaired().config).toMatchObject({ codebook: 'ema', kmeansStart: true, reviveEvery: 20 });
});

test('over-smoothing: one number for a picture', async () => {
  const { diagnosis, repaired } = await found('over-smoothing', { family: 'vae', config: { ...tiny, latentSize: 1 }, training: { ...plan, steps: 120 } });
  expect(diagnosis).toMatchObject({ message: expect.stringContaining('finest detail') });
  expect(repaired()).toMatchObject({ config: { latentSize: 2 }, training: { steps: 240 } });
});

test('instability: a learning rate far too high for batches of one', async () => {
  const { diagnosis, repaired } = await found('unstable', { family: 'vae', config: tiny, training: { ...plan, steps: 160, batchSize: 1, learningRate: 0.05, clipNorm: null, finalLearningRate: 1 } });
  expect(diagnosis).toMatchObject({ severity: 'warning' });
  expect(repaired().training).toMatchObject({ learningRate: 0.017, clipNorm: 1 });
});
