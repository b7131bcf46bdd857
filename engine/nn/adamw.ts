import * as tf from '@tensorflow/tfjs-core';
import type { Params, ParamSpec } from './layer.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Scalars that the optimizer reads; each a graph input, so that schedules need no new graph. */
export interface OptimizerHyper {
  /** Learning rate with Adam's bias corrections: lr * sqrt(1 - beta2^t) / (1 - beta1^t). */
  stepSize: number;
  /** epsilon * sqrt(1 - beta2^t) */
  epsilon: number;
  /** lr * weight decay */
  decay: number;
  clipNorm: number;
  /** Weight of the old average; see `weightEmaAt`. */
  emaDecay: number;
}

/** Adam's running averages of gradients (`m`) and their squares (`v`), one each per trained parameter. */
export interface OptimizerSlots {
  m: Params;
  v: Params;
}

/**
 * The scalars of one step.
 * @param step 0 at the first
 * @param settings.clipNorm null is off
 */
export function optimizerHyper(
  step: number,
  settings: { learningRate: number; weightDecay: number; clipNorm: number | null; weightEma: number },
): OptimizerHyper {
  const t = step + 1;
  const second = Math.sqrt(1 - BETA2 ** t);
  return {
    stepSize: (settings.learningRate * second) / (1 - BETA1 ** t),
    epsilon: EPSILON * second,
    decay: settings.learningRate * settings.weightDecay,
    clipNorm: settings.clipNorm ?? 1e30,
    emaDecay: weightEmaAt(step, settings.weightEma),
  };
}

/** Decay of the weight average: min(decay, (1 + t) / (10 + t)), so that the first steps are forgotten. */
export const weightEmaAt = (step: number, decay: number): number => Math.min(decay, (1 + step) / (10 + step));

/** Euclidean norm of each tensor, `[P]` in the order of `names`, and of all together, a scalar. */
export function gradientNorms(grads: Params, names: readonly string[]): { norms: tf.Tensor; global: tf.Tensor } {
  const squares = tf.stack(names.map((name) => tf.sum(tf.square(grads[name]))));
  return { norms: tf.sqrt(squares), global: tf.sqrt(tf.sum(squares)) };
}

/**
 * Decoupled weight decay Adam (Loshchilov and Hutter 2019, algorithm 2) with clipping by the global norm. Pure.
 * The step is lr' m / (sqrt(v) + eps') with the bias corrections in lr' and eps', which equals Kingma and Ba 2015, algorithm 1.
 * @param hyper each a scalar tensor
 * @returns also the norm of each gradient before clipping, `[P]` in the order of the trained specs
 */
export function adamw(
  specs: readonly ParamSpec[],
  params: Params,
  grads: Params,
  slots: OptimizerSlots,
  hyper: Readonly<Record<keyof OptimizerHyper, tf.Tensor>>,
): { params: Record<string, tf.Tensor>; slots: { m: Record<string, tf.Tensor>; v: Record<string, tf.Tensor> }; norms: tf.Tensor } {
  const { norms, global } = gradientNorms(grads, specs.filter((p) => p.trainable).map((p) => p.name));
  const clip = tf.minimum(1, tf.div(hyper.clipNorm, tf.add(global, 1e-12)));
  const out = { params: {} as Record<string, tf.Tensor>, slots: { m: {} as Record<string, tf.Tensor>, v: {} as Record<string, tf.Tensor> }, norms };
  for (const { name, trainable, decay } of specs) {
    if (!trainable) continue;
    const g = tf.mul(grads[name], clip);
    const m = tf.add(tf.mul(slots.m[name], BETA1), tf.mul(g, 1 - BETA1));
    const v = tf.add(tf.mul(slots.v[name], BETA2), tf.mul(tf.square(g), 1 - BETA2));
    let p: tf.Tensor = tf.sub(params[name], tf.mul(hyper.stepSize, tf.div(m, tf.add(tf.sqrt(v), hyper.epsilon))));
    if (decay) p = tf.sub(p, tf.mul(hyper.decay, params[name]));
    out.params[name] = p;
    out.slots.m[name] = m;
    out.slots.v[name] = v;
  }
  return out;
}

/** average * decay + value * (1 - decay), for every parameter. */
export function weightAverage(average: Params, params: Params, decay: tf.Tensor): Record<string, tf.Tensor> {
  const rest = tf.sub(1, decay);
  return Object.fromEntries(Object.entries(average).map(([name, old]) => [name, tf.add(tf.mul(old, decay), tf.mul(params[name], rest))]));
}
