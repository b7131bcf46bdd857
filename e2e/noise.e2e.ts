/** The control that limits in wall-clock time rest on: it must neither hide the application's own faults nor blame it for others'. */
import { expect, test } from '@playwright/test';
import { allowance, watchNoise, type Moment } from './support/noise.ts';

const moments: Moment[] = [
  { at: 0, workMs: 10, others: 0 },
  { at: 2000, workMs: 30, others: 0 },
  { at: 4000, workMs: 40, others: 0.6 },
  { at: 6000, workMs: 10, others: 0 },
];

test('a task is given more time only when other programs were at work around it, as much as they slowed the control', () => {
  expect(allowance(moments, 3900, 4100)).toBe(4);
  // The control was slow, but by the application's own work.
  expect(allowance(moments, 1950, 2050)).toBe(1);
  expect(allowance(moments, 5990, 6010)).toBe(1);
});

test('the watch takes a moment twice a second, and ends', async () => {
  const end = watchNoise(process.pid);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const seen = await end();
  expect(seen.length).toBeGreaterThanOrEqual(3);
  for (const { workMs, others } of seen) {
    expect(workMs).toBeGreaterThan(0);
    expect(others).toBeLessThanOrEqual(1);
  }
});
