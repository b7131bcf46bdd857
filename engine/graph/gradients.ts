// The gradients that tfjs has; the Node build of tfjs-core alone registers none.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';

// Keeps tfjs from advertising another package on standard error.
tf.env().set('PROD', true);

/** Sums a gradient over the axes along which its input was broadcast. */
function sumTo(gradient: Tensor, shape: number[]): Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return tf.reshape(axes.length ? tf.sum(gradient, axes) : gradient, shape);
}

const masked = (dy: Tensor, mask: Tensor, shape: number[]) => sumTo(tf.mul(dy, tf.cast(mask, 'float32')), shape);
const run = (kernel: string, inputs: Record<string, Tensor>, attrs: object): Tensor => tf.engine().runKernel(kernel, inputs as NamedTensorMap, attrs as NamedAttrMap) as Tensor;

/**
 * tfjs's gradients of these do not sum over broadcast axes. Those of a comparison, and of positions, it lacks: they are zero, and
 * a graph that only chooses by them (`where`, a nearest neighbour) must still be differentiable.
 */
const corrected: GradConfig[] = [
  {
    kernelName: 'Maximum',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({ a: () => masked(dy as Tensor, tf.greaterEqual(a, b), a.shape), b: () => masked(dy as Tensor, tf.less(a, b), b.shape) }),
  },
  {
    kernelName: 'Minimum',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({ a: () => masked(dy as Tensor, tf.lessEqual(a, b), a.shape), b: () => masked(dy as Tensor, tf.greater(a, b), b.shape) }),
  },
  {
    kernelName: 'SquaredDifference',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => {
      const slope = () => tf.mul(tf.mul(dy as Tensor, 2), tf.sub(a, b));
      return { a: () => sumTo(slope(), a.shape), b: () => sumTo(tf.neg(slope()), b.shape) };
    },
  },
  {
    kernelName: 'BatchMatMul',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b], attrs) => {
      const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
      const d = dy as Tensor;
      return {
        a: () => sumTo(transposeA ? tf.matMul(b, d, transposeB, true) : tf.matMul(d, b, false, !transposeB), a.shape),
        b: () => sumTo(transposeB ? tf.matMul(d, a, true, transposeA) : tf.matMul(a, d, !transposeA, false), b.shape),
      };
    },
  },
  {
    // tfjs transposes the result once too often for an inner axis.
    kernelName: 'Cumsum',
    inputsToSave: ['x'],
    gradFunc: (dy, _, attrs) => {
      const { axis, exclusive, reverse } = attrs as unknown as { axis: number; exclusive: boolean; reverse: boolean };
      return { x: () => tf.cumsum(dy as Tensor, axis, exclusive, !reverse) };
    },
  },
  {
    // The transposed 3D convolution; it is the adjoint of the convolution, so its gradient is the convolution.
    kernelName: 'Conv3DBackpropInputV2',
    inputsToSave: ['dy', 'filter'],
    gradFunc: (ddx, [dy, filter], attrs) => {
      const { strides, pad } = attrs as unknown as { strides: [number, number, number]; pad: 'same' };
      return {
        dy: () => tf.conv3d(ddx as tf.Tensor5D, filter as tf.Tensor5D, strides, pad),
        filter: () => run('Conv3DBackpropFilterV2', { x: ddx as Tensor, dy }, { strides, pad, filterShape: filter.shape }),
      };
    },
  },
];

const flat: Record<string, string[]> = {
  ...Object.fromEntries(['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'LogicalAnd', 'LogicalOr'].map((k) => [k, ['a', 'b']])),
  ...Object.fromEntries(['LogicalNot', 'IsNan', 'IsInf', 'IsFinite', 'ArgMin', 'ArgMax', 'All', 'Any'].map((k) => [k, ['x']])),
};

for (const config of corrected) tf.registerGradient(config);
for (const [kernelName, names] of Object.entries(flat)) {
  tf.registerGradient({ kernelName, inputsToSave: names, gradFunc: (_, saved) => Object.fromEntries(names.map((n, i) => [n, () => tf.zeros(saved[i].shape)])) });
}
