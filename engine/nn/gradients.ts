import * as tf from '@tensorflow/tfjs-core';
import type { Params } from './layer.ts';

/**
 * A tensor with the same values that gradients do not pass. `customGrad` would not do: argMin and gather would still see
 * the input. So a new tensor is made on the same data.
 */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  const engine = tf.engine();
  engine.backend.incRef(x.dataId);
  return engine.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as T;
}

/**
 * Values of `quantized`, gradient of `continuous` (Bengio et al. 2013; VQ-VAE, section 3.2).
 * @param continuous any shape
 * @param quantized the same shape
 */
export function straightThrough(continuous: tf.Tensor, quantized: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((...args: unknown[]) => {
    const q = args[1] as tf.Tensor;
    return { value: tf.clone(q), gradFunc: (dy: tf.Tensor) => [dy, tf.zerosLike(dy)] };
  });
  return op(continuous, quantized);
}

/**
 * Loss, its gradient for the named parameters, and whatever tensors the loss wants to hand out besides.
 * @param fn pure; `value` is the scalar loss, `extra` tensors are returned as they are
 * @param params all parameters
 * @param names those to differentiate by
 */
export function valueAndGrads(
  fn: (params: Params) => { value: tf.Tensor; extra: Record<string, tf.Tensor> },
  params: Params,
  names: readonly string[],
): { value: tf.Tensor; grads: Record<string, tf.Tensor>; extra: Record<string, tf.Tensor> } {
  let extra: Record<string, tf.Tensor> = {};
  const compute = tf.valueAndGrads((...trained: tf.Tensor[]) => {
    const all: Record<string, tf.Tensor> = { ...params };
    names.forEach((name, i) => (all[name] = trained[i]));
    const result = fn(all);
    // The gradient's scope would dispose of what is not its result.
    extra = Object.fromEntries(Object.entries(result.extra).map(([name, t]) => [name, tf.keep(stopGradient(t))]));
    return result.value as tf.Scalar;
  });
  const { value, grads } = compute(names.map((name) => params[name]));
  for (const t of Object.values(extra)) {
    t.kept = false;
    (tf.engine() as unknown as { track(t: tf.Tensor): tf.Tensor }).track(t);
  }
  return { value, grads: Object.fromEntries(names.map((name, i) => [name, grads[i]])), extra };
}
