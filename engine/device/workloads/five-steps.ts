import type { Device, HostArray } from '../types.ts';
import { adamInputs, adamState, trainingStep } from './adam.ts';
import type { Workload } from './adam.ts';

export interface FiveSteps {
  losses: number[];
  values: Record<string, HostArray>;
}

/** Losses of five Adam steps, and the parameters and moments after them. */
export async function fiveSteps(device: Device, w: Workload): Promise<FiveSteps> {
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

/** The largest differences of two runs, relative: to each loss, and to the largest number of each tensor. */
export function difference(a: FiveSteps, b: FiveSteps): { loss: number; tensor: number; worst: string } {
  let tensor = 0;
  let worst = '';
  for (const [name, values] of Object.entries(a.values)) {
    let scale = 0;
    let apart = 0;
    values.forEach((v, i) => {
      scale = Math.max(scale, Math.abs(v));
      apart = Math.max(apart, Math.abs(v - b.values[name][i]));
    });
    if (!(apart / scale <= tensor)) {
      tensor = apart / scale;
      worst = name;
    }
  }
  return { loss: Math.max(...a.losses.map((l, i) => Math.abs(l - b.losses[i]) / Math.abs(l))), tensor, worst };
}
