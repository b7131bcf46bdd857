/**
 * q(z|x): a Gaussian with a diagonal covariance, through any number of inverse autoregressive flows (Kingma et al. 2016).
 * Each flow is z' = s * z + (1 - s) * m with s = sigmoid(.) and m from a masked network of z and x (eq. 13 and 14), so that
 * log q falls by sum(log s); the order of the entries turns round from one flow to the next.
 */
import * as tf from '@tensorflow/tfjs-core';
import { klToStandardNormal, reparameterise } from '../nn/divergences.ts';
import { dense } from '../nn/dense.ts';
import type { Params, ParamSpec } from '../nn/layer.ts';
import { made, type Made } from '../nn/made.ts';
import type { LatentPrior } from './latent-prior.ts';

export interface PosteriorOptions {
  /** D */
  size: number;
  /** Number of flows; 0 is the diagonal Gaussian. */
  flows: number;
  /** Hidden units of each flow. */
  width: number;
  /** Numbers that the encoder tells each flow about x. */
  context: number;
}

export interface PosteriorSample {
  /** `[B, D]` */
  z: tf.Tensor;
  /** log p(z) - log q(z|x) of this z, `[B, D]`; its sum is the item's. */
  logRatio: tf.Tensor;
  /** KL to the prior, `[B, D]`: exact for a Gaussian and N(0, I), of this one z with flows on either side. */
  kl: tf.Tensor;
}

export interface Posterior {
  readonly params: readonly ParamSpec[];
  /** @param features `[B, F]` @param noise N(0, I), `[B, D]` @param told what the prior is told of the items, `[B, E]` */
  sample(params: Params, features: tf.Tensor, noise: tf.Tensor, told?: tf.Tensor): PosteriorSample;
  /** Where the middle of the Gaussian goes: the mean without flows. `[B, D]` */
  centre(params: Params, features: tf.Tensor): tf.Tensor;
  /** Standard deviations of the Gaussian, `[B, D]`; flows have none of their own. */
  deviation?(params: Params, features: tf.Tensor): tf.Tensor;
}

/** Added before the sigmoid, so that a fresh flow changes little (Kingma et al. 2016, section 4). */
const KEEP = 2;

/** @param features F @param prior what q(z|x) is compared with */
export function posterior(features: number, options: PosteriorOptions, prior: LatentPrior): Posterior {
  const { size, flows, width, context } = options;
  const mean = dense('encoder/mean', features, size);
  const logVar = dense('encoder/log-var', features, size);
  const summary = flows > 0 ? dense('encoder/context', features, context, { before: 'relu' }) : undefined;
  const steps = Array.from({ length: flows }, (_, i) => made(`encoder/flow/${i}`, { size, context, width, outputs: 2, reversed: i % 2 === 1 }));
  const flow = (params: Params, h: tf.Tensor, z: tf.Tensor) => throughFlows(params, steps, z, tf.elu(summary!.apply(params, h)));
  return {
    params: [...mean.params, ...logVar.params, ...(summary?.params ?? []), ...steps.flatMap((step) => step.params)],
    sample(params, h, noise, told) {
      const m = mean.apply(params, h);
      const v = logVar.apply(params, h);
      const start = reparameterise(m, v, noise);
      const { z, logDet } = flows > 0 ? flow(params, h, start) : { z: start, logDet: undefined };
      // The constants of the two normals cancel.
      const gaussian = tf.add(prior.logDensity(params, z, told), tf.mul(0.5, tf.add(v, tf.square(noise))));
      const logRatio = logDet ? tf.add(gaussian, logDet) : gaussian;
      return { z, logRatio, kl: logDet || !prior.standard ? tf.neg(logRatio) : klToStandardNormal(m, v) };
    },
    centre(params, h) {
      const m = mean.apply(params, h);
      return flows > 0 ? flow(params, h, m).z : m;
    },
    deviation: flows > 0 ? undefined : (params, h) => tf.exp(tf.mul(0.5, logVar.apply(params, h))),
  };
}

/**
 * @param z `[B, D]` @param context `[B, X]`
 * @returns the z that comes out, and the log of each diagonal entry of the Jacobian, `[B, D]`, whose sum is log |det dz'/dz|
 */
export function throughFlows(params: Params, steps: readonly Made[], z: tf.Tensor, context: tf.Tensor): { z: tf.Tensor; logDet: tf.Tensor } {
  let logDet: tf.Tensor = tf.zerosLike(z);
  for (const step of steps) {
    const [m, s] = step.apply(params, z, context);
    const gate = tf.add(s, KEEP);
    const keep = tf.sigmoid(gate);
    z = tf.add(tf.mul(keep, z), tf.mul(tf.sub(1, keep), m));
    logDet = tf.sub(logDet, tf.softplus(tf.neg(gate)));
  }
  return { z, logDet };
}
