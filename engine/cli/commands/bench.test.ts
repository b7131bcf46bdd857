import { expect, test } from 'vitest';
import { openDevice } from '../../device/index.ts';
import { smallWorkloads } from '../../device/workloads/small.ts';
import { compare } from '../bench/measure.ts';
import { bench, benchTable } from './bench.ts';

test('a comparison has our times, and PyTorch\'s or the reason why not', async () => {
  const [, vae] = smallWorkloads();
  const c = await compare(await openDevice('cpu', { threads: 1 }), vae, 3, 1, 1);
  expect(c.ours.minimumMs).toBeGreaterThan(0);
  expect(c.ours.medianMs).toBeGreaterThanOrEqual(c.ours.minimumMs);
  expect(c.gflops).toBeCloseTo((2 * vae.multiplications) / c.ours.minimumMs / 1e6);
  if (c.torch) expect(c.ratio!.minimum).toBeCloseTo(c.ours.minimumMs / c.torch.minimumMs);
  else expect(c.note).toMatch(/python3-torch|build\/bench/);
});

test('the table shows ratios, and how to get them where there are none', () => {
  const times = { minimumMs: 50, medianMs: 60, cpuMinimumMs: 90 };
  const step = { workload: 'vq-vae', batch: 32, nodes: 800, createMs: 100, ours: times, torch: { minimumMs: 100, medianMs: 150, cpuMinimumMs: 180 }, torchVersion: '1.13', ratio: { minimum: 0.5, median: 0.4, cpuMinimum: 0.5 }, note: '', gflops: 80, fractionOfSgemm: 0.5 };
  const text = benchTable({ device: 'CPU', threads: 2, sgemmGflops: 160, steps: [step, { ...step, workload: 'vae', torch: null, ratio: null, torchVersion: null, note: 'PyTorch is not installed. Install it.' }] });
  expect(text).toContain('0.50x');
  expect(text).toContain('50%');
  expect(text).toContain('No comparison: PyTorch is not installed');
});

test('an unknown name is refused', async () => {
  await expect(bench({ device: 'cpu', threads: 1, rounds: 1, only: ['gan'] })).rejects.toMatchObject({ code: 'bad-input', remedy: expect.stringContaining('vq-vae:32') });
});
