import { describe, expect, test } from 'vitest';
import { eagerDevice, openDevice } from './index.ts';
import { difference, fiveSteps } from './workloads/five-steps.ts';
import { smallWorkloads } from './workloads/small.ts';

describe.each(smallWorkloads())('five Adam steps of a small $name', (w) => {
  test('agree with eager tfjs within 1e-4', async () => {
    const apart = difference(await fiveSteps(await eagerDevice(), w), await fiveSteps(await openDevice('cpu'), w));
    expect(apart.loss).toBeLessThan(1e-4);
    expect(apart.tensor, apart.worst).toBeLessThan(1e-4);
  });

  test('give the same numbers every time', async () => {
    const device = await openDevice('cpu');
    const [first, second] = [await fiveSteps(device, w), await fiveSteps(device, w)];
    expect(second).toEqual(first);
  });
});
