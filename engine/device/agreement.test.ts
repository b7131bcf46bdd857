import { describe, expect, test } from 'vitest';
import { eagerDevice, openDevice } from './index.ts';
import type { Device } from './index.ts';
import { adamInputs, adamState, trainingStep } from './workloads/adam.ts';
import type { Workload } from './workloads/adam.ts';
import { pixelCnn } from './workloads/pixelcnn.ts';
import { vae } from './workloads/vae.ts';
import { vqVae } from './workloads/vq-vae.ts';

async function fiveSteps(device: Device, w: Workload) {
  const state = device.createState(adamState(w.parameters));
  const step = trainingStep(w);
  const program = await device.compile('train', step.fn, { inputs: step.inputs, state });
  const losses: number[] = [];
  for (let t = 1; t <= 5; t++) losses.push((await program.run({ ...w.data, ...adamInputs(t) })).loss[0]);
  const values = await state.read();
  program.dispose();
  state.dispose();
  return { losses, values };
}

describe.each([
  vqVae({ batch: 2, size: 16, hidden: 16, residualHidden: 8, residualLayers: 2, dim: 8, codes: 16 }),
  vae({ batch: 3, size: 12, channels: 1, hidden: 6, dim: 4 }),
  pixelCnn({ batch: 2, size: 5, channels: 6, layers: 3, codes: 9, head: 8 }),
])('five Adam steps of a small $name', (w) => {
  test('agree with eager tfjs within 1e-4', async () => {
    const eager = await fiveSteps(await eagerDevice(), w);
    const compiled = await fiveSteps(await openDevice('cpu'), w);
    eager.losses.forEach((l, i) => expect(Math.abs(compiled.losses[i] - l)).toBeLessThan(1e-4 * Math.abs(l)));
    for (const [name, values] of Object.entries(eager.values)) {
      const scale = Math.max(...values.map(Math.abs));
      const worst = Math.max(...Array.from(values, (v, i) => Math.abs(v - compiled.values[name][i])));
      expect(worst, name).toBeLessThan(1e-4 * scale);
    }
  });

  test('give the same numbers every time', async () => {
    const device = await openDevice('cpu');
    const [first, second] = [await fiveSteps(device, w), await fiveSteps(device, w)];
    expect(second).toEqual(first);
  });
});
