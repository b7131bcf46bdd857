import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { normalAxes, product, range } from '../arrays.ts';
import { canonical, rowMajor } from '../layout.ts';
import { elementType } from '../store.ts';
import type { Call, Lowerings } from './types.ts';

function gather({ store, g, inputs, attrs }: Call<{ axis: number; batchDims: number }, { x: TensorInfo; indices: TensorInfo }>): TensorInfo {
  const x = canonical(g, store.view(inputs.x));
  const i = canonical(g, store.view(inputs.indices));
  const [axis] = normalAxes(attrs.axis, x.shape.length);
  const batch = attrs.batchDims < 0 ? attrs.batchDims + i.shape.length : (attrs.batchDims ?? 0);
  const shape = [...x.shape.slice(0, axis), ...i.shape.slice(batch), ...x.shape.slice(axis + 1)];
  if (batch === 0) return store.output(rowMajor(g.emit('Gather', [x.value, i.value], { axis }), shape, x.type), inputs.x.dtype);
  // With batch dimensions: lay the batches end to end and shift each batch's indices to its own rows.
  const outer = product(x.shape.slice(0, batch));
  const between = product(x.shape.slice(batch, axis));
  const rows = x.shape[axis];
  const rest = product(x.shape.slice(axis + 1));
  const perBatch = product(i.shape.slice(batch));
  const blocks = outer * between;
  const flat = g.reshape(x.value, [blocks * rows, rest]);
  const shifts = g.initializer('int32', [outer, between, 1], Int32Array.from(range(blocks), (b) => b * rows));
  const index = g.emit('Add', [g.reshape(i.value, [outer, 1, perBatch]), shifts]);
  return store.output(rowMajor(g.reshape(g.emit('Gather', [flat, index], { axis: 0 }), shape), shape, x.type), inputs.x.dtype);
}

function gatherNd({ store, g, inputs }: Call<unknown, { params: TensorInfo; indices: TensorInfo }>): TensorInfo {
  const params = canonical(g, store.view(inputs.params));
  const indices = canonical(g, store.view(inputs.indices));
  const depth = indices.shape[indices.shape.length - 1];
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
  const value = g.emit('GatherND', [params.value, g.cast(indices.value, indices.type, 'int64')]);
  return store.output(rowMajor(value, shape, params.type), inputs.params.dtype);
}

/** Adds rows of `updates` into a base of zeros at `indices` [..., depth]. */
function scatterInto(call: Call, base: string, indices: string, updates: string, reduction: 'add' | 'none'): string {
  return call.g.emit('ScatterND', [base, call.g.cast(indices, 'int32', 'int64'), updates], reduction === 'add' ? { reduction } : {});
}

function zeros(call: Call, shape: readonly number[], dtype: DataType): string {
  const type = elementType(dtype);
  return call.g.emit('Expand', [call.g.scalar(0, type), call.g.ints(shape)]);
}

function unsortedSegmentSum(call: Call<{ numSegments: number }, { x: TensorInfo; segmentIds: TensorInfo }>): TensorInfo {
  const { store, g, inputs, attrs } = call;
  const x = canonical(g, store.view(inputs.x));
  const ids = canonical(g, store.view(inputs.segmentIds));
  const rows = product(ids.shape);
  const tail = x.shape.slice(ids.shape.length);
  const shape = [attrs.numSegments, ...tail];
  const updates = g.reshape(x.value, [rows, ...tail]);
  const value = scatterInto(call, zeros(call, shape, inputs.x.dtype), g.reshape(ids.value, [rows, 1]), updates, 'add');
  return store.output(rowMajor(value, shape, x.type), inputs.x.dtype);
}

function scatterNd(call: Call<{ shape: number[] }, { indices: TensorInfo; updates: TensorInfo }>): TensorInfo {
  const { store, g, inputs, attrs } = call;
  const indices = canonical(g, store.view(inputs.indices));
  const updates = canonical(g, store.view(inputs.updates));
  const value = scatterInto(call, zeros(call, attrs.shape, inputs.updates.dtype), indices.value, updates.value, 'add');
  return store.output(rowMajor(value, attrs.shape, updates.type), inputs.updates.dtype);
}

function tensorScatterUpdate(call: Call<unknown, { tensor: TensorInfo; indices: TensorInfo; updates: TensorInfo }>): TensorInfo {
  const { store, g, inputs } = call;
  const base = canonical(g, store.view(inputs.tensor));
  const indices = canonical(g, store.view(inputs.indices));
  const updates = canonical(g, store.view(inputs.updates));
  return store.output(rowMajor(scatterInto(call, base.value, indices.value, updates.value, 'none'), base.shape, base.type), inputs.tensor.dtype);
}

function oneHot({ store, g, inputs, attrs }: Call<{ depth: number; onValue: number; offValue: number; dtype: DataType }, { indices: TensorInfo }>): TensorInfo {
  const i = canonical(g, store.view(inputs.indices));
  const dtype = attrs.dtype ?? 'float32';
  const type = elementType(dtype);
  const shape = [...i.shape, attrs.depth];
  // Comparing with 0..depth-1 gives all "off" for an index out of range, as tfjs does; ONNX's OneHot would wrap negative ones.
  const codes = g.initializer('int32', [attrs.depth], Int32Array.from(range(attrs.depth)));
  const hit = g.emit('Equal', [g.reshape(i.value, [...i.shape, 1]), codes]);
  const plain = attrs.onValue === 1 && attrs.offValue === 0;
  const value = plain ? g.cast(hit, 'bool', type) : g.emit('Where', [hit, g.scalar(attrs.onValue, type), g.scalar(attrs.offValue, type)]);
  return store.output(rowMajor(value, shape, type), dtype);
}

function topK({ store, g, inputs, attrs }: Call<{ k: number; sorted: boolean }, { x: TensorInfo }>): TensorInfo[] {
  const c = canonical(g, store.view(inputs.x));
  const shape = [...c.shape.slice(0, -1), attrs.k];
  const [values, indices] = g.emitMany('TopK', [c.value, g.ints([attrs.k])], 2, { axis: -1, largest: 1, sorted: attrs.sorted === false ? 0 : 1 });
  return [store.output(rowMajor(values, shape, c.type), inputs.x.dtype), store.output(rowMajor(g.cast(indices, 'int64', 'int32'), shape, 'int32'), 'int32')];
}

export const gatherLowerings: Lowerings = {
  GatherV2: gather,
  GatherNd: gatherNd,
  UnsortedSegmentSum: unsortedSegmentSum,
  ScatterNd: scatterNd,
  TensorScatterUpdate: tensorScatterUpdate,
  OneHot: oneHot,
  TopK: topK,
};
