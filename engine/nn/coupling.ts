/** Affine coupling layers (Dinh, Sohl-Dickstein and Bengio 2017, RealNVP): a density that can be drawn from, both in one pass. */
import * as tf from '@tensorflow/tfjs-core';
import { dense } from './dense.ts';
import { normal, type Params, type ParamSpec } from './layer.ts';

export interface CouplingFlow {
  readonly params: readonly ParamSpec[];
  /** @param z `[B, D]` @param told `[B, E]` @returns u, and what each entry adds to log |det du/dz|, `[B, D]` */
  forward(params: Params, z: tf.Tensor, told?: tf.Tensor): { u: tf.Tensor; logDet: tf.Tensor };
  /** The z of which `forward` makes u. @param u `[B, D]` @param told `[B, E]` */
  inverse(params: Params, u: tf.Tensor, told?: tf.Tensor): tf.Tensor;
}

/** Bound of the log of a scale: one layer stretches by at most e^2. */
const MOST = 2;

/**
 * Each layer holds half of the entries, scales and shifts the others by what a network makes of the held ones (eq. 7 and 8). Four ways
 * to halve take turns: even and odd places, first and second half, and their opposites.
 * @param size D, at least 2 @param layers number of layers @param width hidden units of each network
 * @param extra E, numbers that every network is told besides, so that the density is a conditional one
 */
export function couplingFlow(name: string, size: number, layers: number, width: number, extra = 0): CouplingFlow {
  const halves = [(i: number) => i % 2 === 0, (i: number) => i < size / 2, (i: number) => i % 2 === 1, (i: number) => i >= size / 2];
  const steps = Array.from({ length: layers }, (_, n) => {
    // Two rounds of the same halves would leave entries that no layer moves, so each half is followed by its opposite.
    const holds = halves[[0, 2, 1, 3][n % 4]];
    const held = Float32Array.from({ length: size }, (_, i) => (holds(i) ? 1 : 0));
    const first = dense(`${name}/${n}/0`, size + extra, width, { before: 'relu' });
    const second = dense(`${name}/${n}/1`, width, width, { before: 'relu' });
    const scale = dense(`${name}/${n}/scale`, width, size, { init: normal(0.1 / Math.sqrt(width)) });
    const shift = dense(`${name}/${n}/shift`, width, size, { init: normal(0.1 / Math.sqrt(width)) });
    return {
      params: [first, second, scale, shift].flatMap((layer) => layer.params),
      /** Log-scales and shifts of the entries that are not held, 0 for the held ones. */
      of(params: Params, x: tf.Tensor, told?: tf.Tensor) {
        const kept = tf.tensor2d(held, [1, size]);
        const moved = tf.sub(1, kept);
        const seen = tf.mul(x, kept);
        const h = tf.elu(second.apply(params, tf.elu(first.apply(params, told ? tf.concat([seen, told], 1) : seen))));
        return { s: tf.mul(moved, tf.mul(MOST, tf.tanh(tf.div(scale.apply(params, h), MOST)))), t: tf.mul(moved, shift.apply(params, h)) };
      },
    };
  });
  return {
    params: steps.flatMap((step) => step.params),
    forward(params, z, told) {
      let u = z;
      let logDet: tf.Tensor = tf.zerosLike(z);
      for (const step of steps) {
        const { s, t } = step.of(params, u, told);
        u = tf.add(tf.mul(u, tf.exp(s)), t);
        logDet = tf.add(logDet, s);
      }
      return { u, logDet };
    },
    inverse(params, u, told) {
      let z = u;
      for (const step of [...steps].reverse()) {
        const { s, t } = step.of(params, z, told);
        z = tf.mul(tf.sub(z, t), tf.exp(tf.neg(s)));
      }
      return z;
    },
  };
}
