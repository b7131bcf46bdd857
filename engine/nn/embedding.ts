import * as tf from '@tensorflow/tfjs-core';
import { normal, param, type Layer } from './layer.ts';

/** Indices int32 `[...]` in [0, count) -> `[..., size]`. */
export function embedding(name: string, count: number, size: number, deviation = 0.02): Layer {
  const table = `${name}/table`;
  return {
    params: [param(table, [count, size], normal(deviation))],
    apply: (params, indices) => tf.gather(params[table], indices as tf.Tensor1D),
  };
}
