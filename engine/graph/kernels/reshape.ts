import { util } from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { permuteArray, product, range } from '../arrays.ts';
import { arrayOf } from '../builder.ts';
import { broadcastLazily, canonical, reshapeView } from '../layout.ts';
import { elementType } from '../store.ts';
import type { Call, Lowerings } from './types.ts';

type Context = Pick<Call, 'store' | 'g'>;

export function emitReshape({ store, g }: Context, x: TensorInfo, shape: readonly number[]): TensorInfo {
  const entry = store.entry(x);
  if (entry.kind === 'constant') return store.copy(x, shape);
  return store.output(reshapeView(g, entry.view, shape), x.dtype);
}

/** Only the bookkeeping changes. */
function transpose({ store, inputs, attrs }: Call<{ perm: number[] }, { x: TensorInfo }>): TensorInfo {
  const { x } = inputs;
  const shape = attrs.perm.map((l) => x.shape[l]);
  const entry = store.entry(x);
  if (entry.kind === 'constant') {
    if (entry.uniform !== undefined || !entry.values) return store.filled(shape, x.dtype, entry.uniform ?? 0);
    const type = elementType(x.dtype);
    return store.constant(shape, x.dtype, permuteArray(arrayOf(type, entry.values as ArrayLike<number>) as Float32Array, x.shape, attrs.perm));
  }
  const { view } = entry;
  return store.output({ ...view, shape, order: view.order.map((l) => attrs.perm.indexOf(l)) }, x.dtype);
}

function cast({ store, g, inputs, attrs }: Call<{ dtype: DataType }, { x: TensorInfo }>): TensorInfo {
  const { x } = inputs;
  const { dtype } = attrs;
  if (x.dtype === dtype) return store.copy(x);
  const entry = store.entry(x);
  const convert = (v: number) => (dtype === 'bool' ? (v ? 1 : 0) : dtype === 'int32' ? Math.trunc(v) : v);
  if (entry.kind === 'constant') {
    if (entry.uniform !== undefined) return store.filled(x.shape, dtype, convert(entry.uniform));
    return store.constant(x.shape, dtype, arrayOf(elementType(dtype), Array.from((entry.values ?? []) as ArrayLike<number>, convert)) as Float32Array);
  }
  const to = elementType(dtype);
  return store.output({ ...entry.view, value: g.cast(entry.view.value, entry.view.type, to), type: to }, dtype);
}

/** Repetition of an axis of extent 1 is a pending broadcast; only other axes are copied. */
function tile({ store, g, inputs, attrs }: Call<{ reps: number[] }, { x: TensorInfo }>): TensorInfo {
  const { x } = inputs;
  const { reps } = attrs;
  const shape = x.shape.map((d, i) => d * reps[i]);
  const uniform = store.uniform(x);
  if (uniform !== undefined) return store.filled(shape, x.dtype, uniform);
  if (x.shape.every((d, i) => d === 1 || reps[i] === 1)) return store.output(broadcastLazily(store.view(x), shape), x.dtype);
  const c = canonical(g, store.view(x));
  return store.output({ ...c, value: g.emit('Tile', [c.value, g.ints(reps)]), shape, dims: shape }, x.dtype);
}

/** Blocks of channels become pixels, or back; `order` says how the six axes of the split lie. */
function depthToSpace({ store, g, inputs, attrs }: Call<{ blockSize: number; dataFormat: string }, { x: TensorInfo }>): TensorInfo {
  const [b, h, w, c] = inputs.x.shape;
  const k = attrs.blockSize;
  const split = store.view(emitReshape({ store, g }, inputs.x, [b, h, w, k, k, c / (k * k)]));
  const moved = { ...split, shape: [b, h, k, w, k, c / (k * k)], order: split.order.map((l) => [0, 1, 3, 2, 4, 5].indexOf(l)) };
  return store.output(reshapeView(g, moved, [b, h * k, w * k, c / (k * k)]), inputs.x.dtype);
}

export const reshapeLowerings: Lowerings = {
  Reshape: (call: Call<{ shape: number[] }, { x: TensorInfo }>) => {
    const { x } = call.inputs;
    return emitReshape(call, x, util.inferFromImplicitShape(call.attrs.shape, product(x.shape)));
  },
  ExpandDims: (call: Call<{ dim: number }, { input: TensorInfo }>) => {
    const { input } = call.inputs;
    const shape = [...input.shape];
    shape.splice(call.attrs.dim < 0 ? shape.length + 1 + call.attrs.dim : call.attrs.dim, 0, 1);
    return emitReshape(call, input, shape);
  },
  Transpose: transpose,
  Identity: ({ store, inputs }: Call<unknown, { x: TensorInfo }>) => store.copy(inputs.x),
  Cast: cast,
  Tile: tile,
  DepthToSpace: depthToSpace,
  Fill: ({ store, attrs }: Call<{ shape: number[]; value: number; dtype?: DataType }>) => store.filled(attrs.shape, attrs.dtype ?? 'float32', attrs.value),
  ZerosLike: ({ store, inputs }: Call<unknown, { x: TensorInfo }>) => store.filled(inputs.x.shape, inputs.x.dtype, 0),
  OnesLike: ({ store, inputs }: Call<unknown, { x: TensorInfo }>) => store.filled(inputs.x.shape, inputs.x.dtype, 1),
  LinSpace: ({ store, attrs }: Call<{ start: number; stop: number; num: number }>) => {
    const step = attrs.num > 1 ? (attrs.stop - attrs.start) / (attrs.num - 1) : 0;
    return store.constant([attrs.num], 'float32', Float32Array.from(range(attrs.num), (i) => attrs.start + i * step));
  },
  Range: ({ store, attrs }: Call<{ start: number; stop: number; step: number; dtype: DataType }>) => {
    const count = Math.max(0, Math.ceil((attrs.stop - attrs.start) / attrs.step));
    const values = arrayOf(elementType(attrs.dtype), range(count).map((i) => attrs.start + i * attrs.step));
    return store.constant([count], attrs.dtype, values as Float32Array);
  },
};
