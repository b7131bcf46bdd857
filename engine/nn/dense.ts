import * as tf from '@tensorflow/tfjs-core';
import { glorotUniform, heNormal, param, zeros, type Initializer, type Layer } from './layer.ts';

export interface DenseOptions {
  bias?: boolean;
  init?: Initializer;
  /** What comes behind it; chooses the first weights. */
  before?: 'relu' | 'linear';
}

/** x: `[..., inputs]` -> `[..., outputs]`. */
export function dense(name: string, inputs: number, outputs: number, options: DenseOptions = {}): Layer {
  const { bias = true, before = 'linear' } = options;
  const init = options.init ?? (before === 'relu' ? heNormal(inputs) : glorotUniform(inputs, outputs));
  const kernel = `${name}/kernel`;
  const offset = `${name}/bias`;
  return {
    params: [param(kernel, [inputs, outputs], init, { decay: true }), ...(bias ? [param(offset, [outputs], zeros)] : [])],
    apply(params, x) {
      const flat = x.rank === 2 ? (x as tf.Tensor2D) : tf.reshape(x, [-1, inputs]);
      const y = tf.matMul(flat as tf.Tensor2D, params[kernel] as tf.Tensor2D);
      const z = bias ? tf.add(y, params[offset]) : y;
      return x.rank === 2 ? z : tf.reshape(z, [...x.shape.slice(0, -1), outputs]);
    },
  };
}
