import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { Rng } from '../core/rng.ts';
import { valueAndGrads } from './gradients.ts';
import type { Params } from './layer.ts';

/**
 * Compares gradients with finite differences, for tests. Looks at a few entries of each parameter; of the central and the two
 * one-sided differences the closest counts, since a ReLU that changes sides within reach leaves only one of them right.
 * @param loss scalar
 * @returns worst |analytic - numeric| / (|analytic| + |numeric| + floor) over the entries looked at, by parameter
 */
export function gradientErrors(
  loss: (params: Params) => Tensor,
  params: Readonly<Record<string, Tensor>>,
  rng: Rng,
  options: { names?: readonly string[]; entries?: number; epsilon?: number; floor?: number } = {},
): Record<string, number> {
  const { names = Object.keys(params), entries = 4, epsilon = 1e-2, floor = 1e-2 } = options;
  const { grads } = valueAndGrads((p) => ({ value: loss(p), extra: {} }), params, names);
  const errors: Record<string, number> = {};
  for (const name of names) {
    const analytic = grads[name].dataSync();
    const values = params[name].dataSync() as Float32Array;
    let worst = 0;
    for (let i = 0; i < Math.min(entries, values.length); i++) {
      const at = rng.int(values.length);
      const shifted = (by: number): number => {
        const copy = Float32Array.from(values);
        copy[at] += by;
        return loss({ ...params, [name]: tensor(copy, params[name].shape) }).dataSync()[0];
      };
      const [below, here, above] = [shifted(-epsilon), shifted(0), shifted(epsilon)];
      const slopes = [(above - below) / 2, above - here, here - below].map((rise) => rise / epsilon);
      const off = slopes.map((slope) => Math.abs(analytic[at] - slope) / (Math.abs(analytic[at]) + Math.abs(slope) + floor));
      worst = Math.max(worst, Math.min(...off));
    }
    errors[name] = worst;
  }
  return errors;
}
