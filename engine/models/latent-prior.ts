import * as tf from '@tensorflow/tfjs-core';
import { AtelierError } from '../core/errors.ts';
import { couplingFlow } from '../nn/coupling.ts';
import type { Params, ParamSpec } from '../nn/layer.ts';

/** p(z), or p(z|y) where the class is told: N(0, I), or what a normalizing flow makes of it. */
export interface LatentPrior {
  readonly params: readonly ParamSpec[];
  /** Whether it is N(0, I) itself. */
  readonly standard: boolean;
  /** log p(z) by entry, without -log(2 pi) / 2 of each. @param z `[B, D]` @param told `[B, E]` @returns `[B, D]`, whose sum is the item's */
  logDensity(params: Params, z: tf.Tensor, told?: tf.Tensor): tf.Tensor;
  /** What a draw of N(0, I) becomes. @param noise `[B, D]` @param told `[B, E]` */
  draw(params: Params, noise: tf.Tensor, told?: tf.Tensor): tf.Tensor;
}

/**
 * @param size D @param flows number of coupling layers; 0 is N(0, I) @param extra E, numbers that the flow is told about an item
 * @throws AtelierError 'bad-input' for flows of a single number
 */
export function latentPrior(size: number, flows: number, width: number, extra = 0): LatentPrior {
  const standardDensity = (u: tf.Tensor) => tf.mul(-0.5, tf.square(u));
  if (flows === 0) return { params: [], standard: true, logDensity: (_, z) => standardDensity(z), draw: (_, noise) => noise };
  if (size < 2) throw new AtelierError('bad-input', 'A flow prior needs at least two latents, for each half follows from the other.', 'Raise the latent size, or set the prior flows to 0.');
  const flow = couplingFlow('prior/flow', size, flows, width, extra);
  return {
    params: flow.params,
    standard: false,
    logDensity(params, z, told) {
      const { u, logDet } = flow.forward(params, z, told);
      return tf.add(standardDensity(u), logDet);
    },
    draw: flow.inverse,
  };
}
