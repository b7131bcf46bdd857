import * as ort from 'onnxruntime-node';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { rng } from '../core/rng.ts';
import { trace, withBackend } from './trace.ts';
import type { Spec, Target } from './trace.ts';

type Body = (...x: Tensor[]) => Tensor | Tensor[];
type Values = Float32Array | Int32Array;

export interface Given {
  shape: number[];
  dtype?: 'float32' | 'int32';
  values?: Values | number[];
  /** Range of random values; integers are below `high`. Default: -2 to 2. */
  low?: number;
  high?: number;
}

export interface Agreement {
  /** Check the gradients of the float inputs too; default true. */
  gradients?: boolean;
  tolerance?: number;
}

function material(given: Given, index: number): { spec: Spec; values: Values } {
  const dtype = given.dtype ?? 'float32';
  const size = given.shape.reduce((a, b) => a * b, 1);
  const low = given.low ?? (dtype === 'int32' ? 0 : -2);
  const high = given.high ?? (dtype === 'int32' ? 4 : 2);
  const random = rng('agreement', index);
  const uniform = random.fillUniform(new Float32Array(size)).map((u) => low + u * (high - low));
  const values = given.values ? (dtype === 'int32' ? Int32Array.from(given.values) : Float32Array.from(given.values)) : dtype === 'int32' ? Int32Array.from(uniform, Math.floor) : uniform;
  return { spec: { shape: given.shape, dtype }, values };
}

/** Outputs of `body`, and the gradients of a weighted sum of its float outputs. */
function withGradients(body: Body, specs: readonly Spec[], gradients: boolean) {
  return (inputs: Record<string, Tensor>): Record<string, Tensor> => {
    const x = specs.map((_, i) => inputs[`x${i}`]);
    const list = (y: Tensor | Tensor[]) => (Array.isArray(y) ? y : [y]);
    const outputs = Object.fromEntries(list(body(...x)).map((t, i) => [`y${i}`, t]));
    if (!gradients) return outputs;
    const floats = specs.flatMap((s, i) => (s.dtype === 'float32' ? [i] : []));
    const scalar = (...parts: Tensor[]) => {
      const all = [...x];
      floats.forEach((i, k) => (all[i] = parts[k]));
      const sums = list(body(...all)).filter((t) => t.dtype === 'float32').map((t, k) => {
        // Uneven weights, so that errors cannot cancel; known to both backends alike.
        const weights = tf.tensor(rng('weights', k).fillUniform(new Float32Array(t.size)).map((u) => u + 0.5), t.shape);
        return tf.sum(tf.mul(t, weights));
      });
      return sums.reduce((a, b) => tf.add(a, b)) as tf.Scalar;
    };
    tf.grads(scalar)(floats.map((i) => x[i])).forEach((g, k) => (outputs[`d${floats[k]}`] = g));
    return outputs;
  };
}

/**
 * Checks that `body`, compiled for each target and run on the CPU, agrees with eager tfjs, forward and in its gradients, and that neither leaves tensors behind.
 */
export async function expectAgreement(body: Body, given: readonly Given[], { gradients = true, tolerance = 2e-5 }: Agreement = {}): Promise<void> {
  const inputs = given.map(material);
  const specs = inputs.map((i) => i.spec);
  const fn = withGradients(body, specs, gradients);
  const before = tf.memory().numTensors;
  const expected = withBackend('cpu', () =>
    tf.tidy(() => {
      const outputs = fn(Object.fromEntries(inputs.map(({ spec, values }, i) => [`x${i}`, tf.tensor(values, [...spec.shape], spec.dtype)])));
      return Object.entries(outputs).map(([name, t]) => ({ name, shape: t.shape, values: Array.from(t.dataSync(), Number) })) as never;
    }),
  ) as { name: string; shape: number[]; values: number[] }[];
  for (const target of ['cpu', 'gpu'] as const) await checkTarget(target);

  async function checkTarget(target: Target): Promise<void> {
    const traced = trace('agreement', (x) => ({ outputs: fn(x) }), Object.fromEntries(specs.map((s, i) => [`x${i}`, s])), {}, { target });
    expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
    const session = await ort.InferenceSession.create(traced.bytes, { logSeverityLevel: 3 });
    const feeds = Object.fromEntries(inputs.flatMap(({ spec, values }, i) => {
      const name = traced.inputs.get(`x${i}`);
      return name ? [[name, new ort.Tensor(spec.dtype, values as Float32Array, [...spec.shape])]] : [];
    }));
    const results = await session.run(feeds);
    for (const { name, shape, values } of expected) {
      const got = results[traced.outputs.get(name)!.value];
      expect([...got.dims], `shape of ${name} for ${target}`).toEqual(shape);
      const scale = values.reduce((a, v) => (Number.isFinite(v) ? Math.max(a, Math.abs(v)) : a), 1e-3);
      values.forEach((v, i) => {
        const w = Number((got.data as Float32Array)[i]);
        const same = Object.is(v, w) || Math.abs(v - w) <= tolerance * scale;
        if (!same) expect.fail(`${name}[${i}] of [${shape.join(', ')}] for ${target}: compiled ${w}, eager ${v}`);
      });
    }
    await session.release();
  }
}

/** Runs a compiled function of one float tensor on the CPU. */
async function runCompiled(fn: (x: Tensor) => Tensor, shape: number[], values: Float32Array, target: Target = 'cpu'): Promise<Float32Array> {
  const traced = trace('run', ({ x }) => ({ outputs: { y: fn(x) } }), { x: { shape, dtype: 'float32' } }, {}, { target });
  const session = await ort.InferenceSession.create(traced.bytes, { logSeverityLevel: 3 });
  const results = await session.run({ 'in/x': new ort.Tensor('float32', values, shape) });
  await session.release();
  return results['out/y'].data as Float32Array;
}

/**
 * Checks the gradient of a linear function without an oracle: the gradient g of sum(f(x)) gives sum(g * x) = sum(f(x)), for any x
 * that is not special. For where tfjs's own gradient is wrong.
 */
export async function expectAdjoint(f: (x: Tensor) => Tensor, shape: number[]): Promise<void> {
  const values = rng('adjoint').fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const whole = (x: Tensor) => tf.sum(tf.mul(f(x), tf.reshape(tf.cos(tf.range(0, f(x).size)), f(x).shape)));
  const [forward] = await runCompiled((x) => whole(x), shape, values);
  const [backward] = await runCompiled((x) => tf.sum(tf.mul(tf.grad((v) => whole(v))(x), x)), shape, values);
  expect(Math.abs(backward - forward)).toBeLessThan(1e-4 * Math.max(1, Math.abs(forward)));
}
