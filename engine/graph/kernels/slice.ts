import { backend_util, slice_util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { normalAxes, product, range } from '../arrays.ts';
import { canonical, expand, reorder, reshapeView } from '../layout.ts';
import type { View } from '../layout.ts';
import { emitReshape } from './reshape.ts';
import type { Call, Lowerings } from './types.ts';

type Context = Pick<Call, 'store' | 'g'>;

/** Cuts along logical axes in whatever order they lie; an axis whose broadcast is pending needs no cut. */
function cut(g: Call['g'], v: View, begin: readonly number[], size: readonly number[]): View {
  const axes = range(v.shape.length).filter((l) => size[l] !== v.shape[l]);
  const real = axes.filter((l) => v.dims[v.order.indexOf(l)] !== 1);
  const dims = v.order.map((l, p) => (v.dims[p] === 1 ? Math.min(1, size[l]) : size[l]));
  if (!real.length) return { ...v, shape: size, dims };
  const value = g.slice(v.value, real.map((l) => v.order.indexOf(l)), real.map((l) => begin[l]), real.map((l) => begin[l] + size[l]));
  return { ...v, value, shape: size, dims };
}

function slice({ store, g, inputs, attrs }: Call<{ begin: number | number[]; size: number | number[] }, { x: TensorInfo }>): TensorInfo {
  const { x } = inputs;
  const [begin, size] = slice_util.parseSliceParams({ shape: [...x.shape] } as never, attrs.begin, attrs.size);
  const uniform = store.uniform(x);
  if (uniform !== undefined) return store.filled(size, x.dtype, uniform);
  return store.output(cut(g, store.view(x), begin, size), x.dtype);
}

interface StridedAttributes {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

function stridedSlice(call: Call<StridedAttributes, { x: TensorInfo }>): TensorInfo {
  const { store, g, inputs, attrs } = call;
  const info = slice_util.sliceInfo([...inputs.x.shape], attrs.begin, attrs.end, attrs.strides, attrs.beginMask, attrs.endMask, attrs.ellipsisMask, attrs.newAxisMask, attrs.shrinkAxisMask);
  const c = canonical(g, store.view(inputs.x));
  const ends = info.end.map((e, i) => (info.strides[i] < 0 && e < 0 ? -inputs.x.shape[i] - 1 : e));
  // Steps below -1 in two cuts: the WebGPU provider of ONNX Runtime 1.30 gets them wrong.
  const axes = range(c.shape.length);
  const turned = g.slice(c.value, axes, info.begin, ends, info.strides.map((s) => (s < -1 ? -1 : s)));
  const long = axes.filter((i) => info.strides[i] < -1);
  const value = long.length ? g.slice(turned, long, long.map(() => 0), long.map((i) => c.shape[i]), long.map((i) => -info.strides[i])) : turned;
  const shape = info.begin.map((b, i) => Math.max(0, Math.ceil((info.end[i] - b) / info.strides[i])));
  return emitReshape(call, store.output({ ...c, value, shape, dims: shape }, inputs.x.dtype), info.finalShape);
}

/** Joins views along a logical axis; the first full operand's order serves for all. */
function emitConcat({ store, g }: Context, tensors: readonly TensorInfo[], axis: number): TensorInfo {
  const parts = tensors.filter((t) => product(t.shape) > 0);
  if (parts.length === 0) return store.copy(tensors[0]);
  if (parts.length === 1) return store.copy(parts[0]);
  const views = parts.map((t) => store.view(t));
  const largest = views.reduce((a, b) => (product(b.dims) > product(a.dims) ? b : a));
  const shape = [...parts[0].shape];
  shape[axis] = parts.reduce((n, t) => n + t.shape[axis], 0);
  const values = views.map((v) => expand(g, reorder(g, v, largest.order)).value);
  const value = g.concat(values, largest.order.indexOf(axis));
  return store.output({ value, type: largest.type, shape, order: largest.order, dims: largest.order.map((l) => shape[l]) }, parts[0].dtype);
}

function split({ store, g, inputs, attrs }: Call<{ numOrSizeSplits: number | number[]; axis: number }, { x: TensorInfo }>): TensorInfo[] {
  const { x } = inputs;
  const [axis] = normalAxes(attrs.axis, x.shape.length);
  const sizes = backend_util.prepareSplitSize({ shape: [...x.shape] } as never, attrs.numOrSizeSplits, axis);
  const v = expand(g, store.view(x));
  const values = g.emitMany('Split', [v.value, g.ints(sizes)], sizes.length, { axis: v.order.indexOf(axis) });
  return sizes.map((size, i) => {
    const shape = x.shape.map((d, l) => (l === axis ? size : d));
    return store.output({ ...v, value: values[i], shape, dims: v.order.map((l) => shape[l]) }, x.dtype);
  });
}

function pack(call: Call<{ axis: number }, TensorInfo[]>): TensorInfo {
  const rank = call.inputs[0].shape.length + 1;
  const axis = call.attrs.axis < 0 ? call.attrs.axis + rank : call.attrs.axis;
  const lifted = call.inputs.map((t) => emitReshape(call, t, [...t.shape.slice(0, axis), 1, ...t.shape.slice(axis)]));
  return emitConcat(call, lifted, axis);
}

function unpack({ store, g, inputs, attrs }: Call<{ axis: number }, { value: TensorInfo }>): TensorInfo[] {
  const { value } = inputs;
  const [axis] = normalAxes(attrs.axis, value.shape.length);
  const v = store.view(value);
  const dropped = value.shape.filter((_, l) => l !== axis);
  return range(value.shape[axis]).map((i) => {
    const begin = value.shape.map((_, l) => (l === axis ? i : 0));
    const size = value.shape.map((d, l) => (l === axis ? 1 : d));
    return store.output(reshapeView(g, cut(g, v, begin, size), dropped), value.dtype);
  });
}

function pad({ store, g, inputs, attrs }: Call<{ paddings: [number, number][]; constantValue: number }, { x: TensorInfo }>): TensorInfo {
  const { x } = inputs;
  const { paddings } = attrs;
  const shape = x.shape.map((d, l) => d + paddings[l][0] + paddings[l][1]);
  const constantValue = attrs.constantValue ?? 0;
  if (store.uniform(x) === constantValue) return store.filled(shape, x.dtype, constantValue);
  const v = expand(g, store.view(x));
  const amounts = g.ints([...v.order.map((l) => paddings[l][0]), ...v.order.map((l) => paddings[l][1])]);
  const value = g.emit('Pad', [v.value, amounts, g.scalar(constantValue, v.type)]);
  return store.output({ ...v, value, shape, dims: v.order.map((l) => shape[l]) }, x.dtype);
}

/** 'reflect' leaves the border itself out; 'symmetric' repeats it and is put together from slices. */
function mirrorPad(call: Call<{ paddings: [number, number][]; mode: 'reflect' | 'symmetric' }, { x: TensorInfo }>): TensorInfo {
  const { store, g, inputs, attrs } = call;
  const c = canonical(g, store.view(inputs.x));
  const shape = c.shape.map((d, l) => d + attrs.paddings[l][0] + attrs.paddings[l][1]);
  if (attrs.mode === 'reflect') {
    const amounts = g.ints([...attrs.paddings.map((p) => p[0]), ...attrs.paddings.map((p) => p[1])]);
    return store.output({ ...c, value: g.emit('Pad', [c.value, amounts], { mode: 'reflect' }), shape, dims: shape }, inputs.x.dtype);
  }
  let value = c.value;
  attrs.paddings.forEach(([before, after], axis) => {
    const extent = c.shape[axis];
    const parts = [value];
    if (before) parts.unshift(g.slice(value, [axis], [before - 1], [-extent - 1], [-1]));
    if (after) parts.push(g.slice(value, [axis], [extent - 1], [extent - 1 - after < 0 ? -extent - 1 : extent - 1 - after], [-1]));
    value = g.concat(parts, axis);
  });
  return store.output({ ...c, value, shape, dims: shape }, inputs.x.dtype);
}

function reverse({ store, g, inputs, attrs }: Call<{ dims: number | number[] }, { x: TensorInfo }>): TensorInfo {
  const v = store.view(inputs.x);
  const axes = normalAxes(attrs.dims, inputs.x.shape.length).map((l) => v.order.indexOf(l)).filter((p) => v.dims[p] > 1);
  if (!axes.length || !inputs.x.shape.length) return store.copy(inputs.x);
  const value = g.slice(v.value, axes, axes.map(() => -1), axes.map((p) => -v.dims[p] - 1), axes.map(() => -1));
  return store.output({ ...v, value }, inputs.x.dtype);
}

export const sliceLowerings: Lowerings = {
  Slice: slice,
  StridedSlice: stridedSlice,
  Concat: (call: Call<{ axis: number }, TensorInfo[]>) => emitConcat(call, call.inputs, normalAxes(call.attrs.axis, call.inputs[0].shape.length)[0]),
  SplitV: split,
  Pack: pack,
  Unpack: unpack,
  PadV2: pad,
  MirrorPad: mirrorPad,
  Reverse: reverse,
};
