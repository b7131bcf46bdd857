import { z } from 'zod';
import { call } from './define.ts';

/** The way of mu under one estimate of the gradient. */
export interface ToyPath {
  /** Before the first step and after each, `[steps + 1, 2]`. */
  mu: Float32Array;
  /** The estimated gradient of each step, `[steps, 2]`. */
  gradient: Float32Array;
  /** Sum over both axes of the variance of that estimate, `[steps]`. */
  variance: Float32Array;
}

export const toy = {
  /** Learns mu in the plane so that E ||x - [5, 5]||^2 is least for x ~ N(mu, I), from [0, 0], by two estimates of the same gradient. */
  'toy.pathwise': call<{ pathwise: ToyPath; score: ToyPath }>()(
    z.object({
      /** Draws per step. */
      samples: z.number().int().min(1).max(1024).default(8),
      learningRate: z.number().positive().max(1).default(0.02),
      steps: z.number().int().min(1).max(2000).default(200),
      seed: z.number().int().default(0),
    }),
  ),
};
