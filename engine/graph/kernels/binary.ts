import { backend_util } from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { equalLists } from '../arrays.ts';
import { align, broadcastLazily, raiseRank } from '../layout.ts';
import { elementType } from '../store.ts';
import type { Call, Lowering, Lowerings } from './types.ts';

type Operands = { a: TensorInfo; b: TensorInfo };
type Context = Pick<Call, 'store' | 'g'>;

const FOLD: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
};

/** `from` as it is, with the broadcast to `shape` pending. */
function passThrough({ store, g }: Context, from: TensorInfo, shape: readonly number[], dtype: DataType): TensorInfo {
  if (equalLists(from.shape, shape)) return store.copy(from, shape, dtype);
  return store.output(broadcastLazily(raiseRank(g, store.view(from), shape.length), shape), dtype);
}

/** An elementwise ONNX operator of two operands with numpy broadcasting. */
export function emitBinary(context: Context, op: string, { a, b }: Operands, dtype: DataType = a.dtype): TensorInfo {
  const { store, g } = context;
  const shape = backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
  const ua = store.uniform(a);
  const ub = store.uniform(b);
  if (ua !== undefined && ub !== undefined && FOLD[op] && dtype === 'float32') return store.filled(shape, dtype, Math.fround(FOLD[op](ua, ub)));
  if (op === 'Mul' && ua === 1) return passThrough(context, b, shape, dtype);
  if ((op === 'Mul' || op === 'Div') && ub === 1) return passThrough(context, a, shape, dtype);
  if ((op === 'Add' || op === 'Sub') && ub === 0) return passThrough(context, a, shape, dtype);
  if (op === 'Add' && ua === 0) return passThrough(context, b, shape, dtype);
  if (op === 'Mul' && dtype === 'float32' && (ua === 0 || ub === 0)) return store.filled(shape, dtype, 0);
  if (op === 'Div' && dtype === 'float32' && ub !== undefined && ub !== 0) {
    return emitBinary(context, 'Mul', { a, b: store.filled(b.shape, 'float32', Math.fround(1 / ub)) }, dtype);
  }
  const { values, order, dims } = align(g, [store.view(a), store.view(b)], shape);
  return store.output({ value: g.emit(op, values), type: elementType(dtype), shape, order, dims }, dtype);
}

const binary = (op: string): Lowering => (call: Call<unknown, Operands>) => emitBinary(call, op, call.inputs);

/** Floor of the quotient; integers go through float, exact below 2^24. */
function floorDiv(call: Call<unknown, Operands>): TensorInfo {
  const { store, g, inputs } = call;
  const { a } = inputs;
  const asFloat = (t: TensorInfo) => {
    const v = store.view(t);
    return store.output({ ...v, value: g.cast(v.value, v.type, 'float32'), type: 'float32' }, 'float32');
  };
  const quotient = store.view(emitBinary(call, 'Div', { a: asFloat(a), b: asFloat(inputs.b) }, 'float32'));
  const type = elementType(a.dtype);
  return store.output({ ...quotient, value: g.cast(g.emit('Floor', [quotient.value]), 'float32', type), type }, a.dtype);
}

function squaredDifference(call: Call<unknown, Operands>): TensorInfo {
  const d = emitBinary(call, 'Sub', call.inputs);
  return emitBinary(call, 'Mul', { a: d, b: d });
}

/** a / b, and 0 where b is 0. */
function divNoNan(call: Call<unknown, Operands>): TensorInfo {
  const { store, g, inputs } = call;
  const shape = backend_util.assertAndGetBroadcastShape([...inputs.a.shape], [...inputs.b.shape]);
  const { values, order, dims } = align(g, [store.view(inputs.a), store.view(inputs.b)], shape);
  const isZero = g.emit('Equal', [values[1], g.scalar(0)]);
  const safe = g.emit('Where', [isZero, g.scalar(1), values[1]]);
  const value = g.emit('Where', [isZero, g.scalar(0), g.emit('Div', [values[0], safe])]);
  return store.output({ value, type: 'float32', shape, order, dims }, 'float32');
}

/** The remainder with the divisor's sign, as in Python. */
function mod(call: Call<unknown, Operands>): TensorInfo {
  if (call.inputs.a.dtype === 'int32') return emitBinary(call, 'Mod', call.inputs);
  const whole = floorDiv(call);
  return emitBinary(call, 'Sub', { a: call.inputs.a, b: emitBinary(call, 'Mul', { a: whole, b: call.inputs.b }) });
}

export const binaryLowerings: Lowerings = {
  Add: binary('Add'),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: binary('Div'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Pow: binary('Pow'),
  FloorDiv: floorDiv,
  DivNoNan: divNoNan,
  Mod: mod,
  SquaredDifference: squaredDifference,
  AddN: (call: Call<unknown, TensorInfo[]>) => call.inputs.reduce((a, b) => emitBinary(call, 'Add', { a, b })),
  Prelu: ({ store, g, inputs }: Call<unknown, { x: TensorInfo; alpha: TensorInfo }>) => {
    const { values, order, dims } = align(g, [store.view(inputs.x), store.view(inputs.alpha)], inputs.x.shape);
    const negative = g.emit('Mul', [g.emit('Min', [values[0], g.scalar(0)]), values[1]]);
    const value = g.emit('Add', [g.emit('Max', [values[0], g.scalar(0)]), negative]);
    return store.output({ value, type: 'float32', shape: inputs.x.shape, order, dims }, 'float32');
  },
};
