import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { normalAxes, product } from '../arrays.ts';
import { canonical, reshapeView } from '../layout.ts';
import type { View } from '../layout.ts';
import { elementType } from '../store.ts';
import type { Call, Lowering, Lowerings } from './types.ts';

type Context = Pick<Call, 'store' | 'g'>;
interface ReduceAttributes {
  axis?: number | number[] | null;
  reductionIndices?: number | number[] | null;
  keepDims?: boolean;
}

/** Reduces logical axes wherever they lie; over an axis whose broadcast is pending a sum is a product. */
function emitReduce({ store, g }: Context, op: 'Sum' | 'Mean' | 'Max' | 'Min' | 'Prod', x: TensorInfo, axes: number[], keep: boolean, dtype: DataType = x.dtype): TensorInfo {
  const v = store.view(x);
  const full = v.shape.filter((_, l) => !axes.includes(l));
  const places = v.order.map((l, p) => ({ l, p }));
  const real = places.filter(({ l, p }) => axes.includes(l) && v.dims[p] !== 1).map(({ p }) => p);
  const repeats = product(places.filter(({ l, p }) => axes.includes(l) && v.dims[p] !== v.shape[l]).map(({ l }) => v.shape[l]));
  const kept = places.filter(({ l }) => !axes.includes(l));
  const ranks = kept.map(({ l }) => l).sort((a, b) => a - b);
  const dims = kept.map(({ p }) => v.dims[p]);
  const dropsOnes = axes.length !== real.length;
  let value = v.value;
  if (real.length) value = g.emit(`Reduce${op}`, [value, g.ints(real)], { keepdims: dropsOnes ? 1 : 0 });
  if (dropsOnes) value = g.reshape(value, dims);
  if (repeats !== 1 && op === 'Sum') value = g.emit('Mul', [value, g.scalar(repeats, v.type)]);
  if (repeats !== 1 && op === 'Prod') value = g.emit('Pow', [value, g.scalar(repeats, v.type)]);
  let out: View = { value, type: v.type, shape: full, order: kept.map(({ l }) => ranks.indexOf(l)), dims };
  if (keep) out = reshapeView(g, out, x.shape.map((d, l) => (axes.includes(l) ? 1 : d)));
  return store.output(out, dtype);
}

const reduction = (op: 'Sum' | 'Mean' | 'Max' | 'Min' | 'Prod'): Lowering => (call: Call<ReduceAttributes, { x: TensorInfo }>) => {
  const { x } = call.inputs;
  const axes = normalAxes(call.attrs.axis ?? call.attrs.reductionIndices, x.shape.length);
  const uniform = call.store.uniform(x);
  if (uniform !== undefined && x.dtype === 'float32' && op !== 'Prod') {
    const shape = x.shape.flatMap((d, l) => (axes.includes(l) ? (call.attrs.keepDims ? [1] : []) : [d]));
    return call.store.filled(shape, 'float32', op === 'Sum' ? Math.fround(uniform * product(axes.map((l) => x.shape[l]))) : uniform);
  }
  return emitReduce(call, op, x, axes, call.attrs.keepDims === true);
};

/** all and any: a product, or a maximum, of zeros and ones. */
const logical = (op: 'Min' | 'Max'): Lowering => (call: Call<ReduceAttributes, { x: TensorInfo }>) => {
  const { store, g, inputs, attrs } = call;
  const v = store.view(inputs.x);
  const number = store.output({ ...v, value: g.cast(v.value, v.type, 'int32'), type: 'int32' }, 'int32');
  const out = emitReduce(call, op, number, normalAxes(attrs.axis, inputs.x.shape.length), attrs.keepDims === true);
  const r = store.view(out);
  return store.output({ ...r, value: g.cast(r.value, 'int32', 'bool'), type: 'bool' }, 'bool');
};

const argument = (op: 'ArgMax' | 'ArgMin'): Lowering => ({ store, g, inputs, attrs }: Call<{ axis: number | number[] }, { x: TensorInfo }>) => {
  const c = canonical(g, store.view(inputs.x));
  const [axis] = normalAxes(attrs.axis, c.shape.length);
  const shape = c.shape.filter((_, l) => l !== axis);
  const index = g.emit(op, [c.value], { axis, keepdims: 0 });
  return store.output({ value: g.cast(index, 'int64', 'int32'), type: 'int32', shape, order: shape.map((_, i) => i), dims: shape }, 'int32');
};

interface CumulativeAttributes {
  axis: number;
  exclusive: boolean;
  reverse: boolean;
}

function cumsum({ store, g, inputs, attrs }: Call<CumulativeAttributes, { x: TensorInfo }>): TensorInfo {
  const c = canonical(g, store.view(inputs.x));
  const [axis] = normalAxes(attrs.axis, c.shape.length);
  const value = g.emit('CumSum', [c.value, g.scalar(axis, 'int64')], { exclusive: attrs.exclusive ? 1 : 0, reverse: attrs.reverse ? 1 : 0 });
  return store.output({ ...c, value, type: elementType(inputs.x.dtype) }, inputs.x.dtype);
}

/** ONNX has no running product: one multiplication per position, in order. */
function cumprod({ store, g, inputs, attrs }: Call<CumulativeAttributes, { x: TensorInfo }>): TensorInfo {
  const c = canonical(g, store.view(inputs.x));
  const [axis] = normalAxes(attrs.axis, c.shape.length);
  const count = c.shape[axis];
  const at = (i: number) => g.slice(c.value, [axis], [attrs.reverse ? count - 1 - i : i], [attrs.reverse ? count - i : i + 1]);
  const one = g.emit('Expand', [g.scalar(1, c.type), g.ints(c.shape.map((d, l) => (l === axis ? 1 : d)))]);
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    const factor = attrs.exclusive ? (i === 0 ? one : at(i - 1)) : at(i);
    parts.push(i === 0 ? factor : g.emit('Mul', [parts[i - 1], factor]));
  }
  return store.output({ ...c, value: g.concat(attrs.reverse ? parts.reverse() : parts, axis) }, inputs.x.dtype);
}

export const reduceLowerings: Lowerings = {
  Sum: reduction('Sum'),
  Mean: reduction('Mean'),
  Max: reduction('Max'),
  Min: reduction('Min'),
  Prod: reduction('Prod'),
  All: logical('Min'),
  Any: logical('Max'),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Cumsum: cumsum,
  Cumprod: cumprod,
};
