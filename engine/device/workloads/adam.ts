import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { rng } from '../../core/rng.ts';
import type { GraphFunction, HostArray, TensorSpec, Tensors } from '../types.ts';

export type Parameters = Record<string, { shape: number[]; values: Float32Array }>;

/** A training problem of fixed shapes in plain tensor operations, for tests and for the benchmark. */
export interface Workload {
  name: string;
  parameters: Parameters;
  inputs: Record<string, TensorSpec>;
  data: Record<string, HostArray>;
  /** Multiplications of a training step that the mathematics asks for: products of matrices and convolutions, forward and backward. */
  multiplications: number;
  /** A scalar. Pure. */
  loss(parameters: Tensors, inputs: Tensors): Tensor;
}

/** Uniform in +-1/sqrt(fan), as PyTorch initialises its layers. */
export function uniformValues(name: string, shape: readonly number[], fan: number): Float32Array {
  const bound = 1 / Math.sqrt(fan);
  return rng('parameters', name).fillUniform(new Float32Array(shape.reduce((a, b) => a * b, 1))).map((u) => (2 * u - 1) * bound);
}

/** Parameters and Adam's moments under `p/`, `m/` and `v/`. */
export function adamState(parameters: Parameters): Parameters {
  const out: Parameters = {};
  for (const [name, t] of Object.entries(parameters)) {
    out[`p/${name}`] = t;
    out[`m/${name}`] = { shape: t.shape, values: new Float32Array(t.values.length) };
    out[`v/${name}`] = { shape: t.shape, values: new Float32Array(t.values.length) };
  }
  return out;
}

/** Learning rate with the first moment's correction, and the second moment's correction, of step t = 1, 2, ... */
export const adamInputs = (t: number, learningRate = 3e-4) => ({
  rate: Float32Array.of(learningRate / (1 - 0.9 ** t)),
  correction: Float32Array.of(1 / (1 - 0.999 ** t)),
});

/** Adam (Kingma and Ba 2015, algorithm 1), decay 0.9 and 0.999; `rate` and `correction` come in as scalars. */
function adamStep(loss: (p: Tensors) => Tensor, state: Tensors, rate: Tensor, correction: Tensor): { loss: Tensor; state: Tensors } {
  const names = Object.keys(state).filter((n) => n.startsWith('p/')).map((n) => n.slice(2));
  const { value, grads } = tf.valueAndGrads((...p: Tensor[]) => loss(Object.fromEntries(names.map((n, i) => [n, p[i]]))) as tf.Scalar)(names.map((n) => state[`p/${n}`]));
  const next: Tensors = {};
  names.forEach((n, i) => {
    const m = tf.add(tf.mul(state[`m/${n}`], 0.9), tf.mul(grads[i], 0.1));
    const v = tf.add(tf.mul(state[`v/${n}`], 0.999), tf.mul(tf.square(grads[i]), 0.001));
    next[`m/${n}`] = m;
    next[`v/${n}`] = v;
    next[`p/${n}`] = tf.sub(state[`p/${n}`], tf.mul(rate, tf.div(m, tf.add(tf.sqrt(tf.mul(v, correction)), 1e-8))));
  });
  return { loss: value, state: next };
}

/** A whole training step: inputs of the workload, `rate` and `correction`; output `loss`; a state made by `adamState`. */
export function trainingStep(w: Workload): { fn: GraphFunction; inputs: Record<string, TensorSpec> } {
  const scalar: TensorSpec = { shape: [], dtype: 'float32' };
  return {
    inputs: { ...w.inputs, rate: scalar, correction: scalar },
    fn: (inputs, state) => {
      const r = adamStep((p) => w.loss(p, inputs), state, inputs.rate, inputs.correction);
      return { outputs: { loss: r.loss }, state: r.state };
    },
  };
}
