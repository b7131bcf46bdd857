import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../builder.ts';
import { emitBinary } from './binary.ts';
import type { Call, Lowering, Lowerings } from './types.ts';

type Emit<A = unknown> = (g: GraphBuilder, x: string, attrs: A) => string;

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** Elementwise: any layout will do, and pending broadcasts stay pending. */
const unary = <A>(emit: Emit<A>): Lowering => ({ store, g, inputs, attrs }: Call<A, { x: TensorInfo }>) => {
  const v = store.view(inputs.x);
  return store.output({ ...v, value: emit(g, v.value, attrs) }, inputs.x.dtype);
};

const direct = (op: string): Lowering => unary((g, x) => g.emit(op, [x]));

/**
 * log(1 + x) without the loss of small x: with u = 1 + x rounded, log(u) * x / (u - 1)
 * (W. Kahan; in Higham, Accuracy and Stability of Numerical Algorithms, 1.14.1).
 */
function log1p(g: GraphBuilder, x: string): string {
  const u = g.emit('Add', [g.scalar(1), x]);
  const rounded = g.emit('Sub', [u, g.scalar(1)]);
  const lost = g.emit('Equal', [rounded, g.scalar(0)]);
  const safe = g.emit('Where', [lost, g.scalar(1), rounded]);
  const factor = g.emit('Div', [x, safe]);
  const big = g.emit('Greater', [x, g.scalar(1e30)]);
  const scaled = g.emit('Mul', [g.emit('Log', [u]), g.emit('Where', [big, g.scalar(1), factor])]);
  return g.emit('Where', [lost, x, scaled]);
}

/** exp(x) - 1 as tanh(x/2) * (exp(x) + 1), which keeps small x. */
const expm1: Emit = (g, x) => {
  const half = g.emit('Tanh', [g.emit('Mul', [x, g.scalar(0.5)])]);
  const small = g.emit('Mul', [half, g.emit('Add', [g.emit('Exp', [x]), g.scalar(1)])]);
  const large = g.emit('Sub', [g.emit('Exp', [x]), g.scalar(1)]);
  return g.emit('Where', [g.emit('Less', [g.emit('Abs', [x]), g.scalar(0.5)]), small, large]);
};

/** 1 above 0, `alpha` elsewhere. After a ReLU its output serves as well as its input, so the input need not be kept. */
const step: Emit<{ alpha: number }> = (g, x, { alpha = 0 }) => {
  const relu = g.emit('Relu', [x]);
  const positive = g.emit('Cast', [g.emit('Greater', [relu, g.scalar(0)])], { to: 1 });
  return alpha === 0 ? positive : g.emit('Add', [g.emit('Mul', [positive, g.scalar(1 - alpha)]), g.scalar(alpha)]);
};

const clip: Emit<{ clipValueMin: number; clipValueMax: number }> = (g, x, { clipValueMin, clipValueMax }) =>
  g.emit('Clip', [x, g.scalar(clipValueMin), g.scalar(clipValueMax)]);

export const unaryLowerings: Lowerings = {
  ...Object.fromEntries(
    ['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Erf', 'Exp', 'Floor', 'Log', 'Neg', 'Reciprocal', 'Relu', 'Round', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Sqrt', 'Tan', 'Tanh'].map(
      (name) => [name, direct(name)],
    ),
  ),
  Square: unary((g, x) => g.emit('Mul', [x, x])),
  Rsqrt: unary((g, x) => g.emit('Reciprocal', [g.emit('Sqrt', [x])])),
  Relu6: unary((g, x) => g.emit('Clip', [x, g.scalar(0), g.scalar(6)])),
  LeakyRelu: unary<{ alpha: number }>((g, x, { alpha }) => g.emit('LeakyRelu', [x], { alpha: { float: alpha } })),
  Elu: unary((g, x) => g.emit('Elu', [x])),
  Selu: unary((g, x) => g.emit('Selu', [x], { alpha: { float: SELU_ALPHA }, gamma: { float: SELU_SCALE } })),
  Log1p: unary(log1p),
  Expm1: unary(expm1),
  Step: unary(step),
  ClipByValue: unary(clip),
  EluGrad: ({ store, g, inputs }: Call<unknown, { dy: TensorInfo; y: TensorInfo }>) => {
    // y is elu's output: the slope is 1 where y >= 0 and y + 1 below.
    const y = store.view(inputs.y);
    const slope = g.emit('Add', [g.emit('Min', [y.value, g.scalar(0)]), g.scalar(1)]);
    return emitBinary({ store, g }, 'Mul', { a: inputs.dy, b: store.output({ ...y, value: slope }, 'float32') });
  },
};
