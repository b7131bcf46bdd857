import { backend_util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { convolve, convolveBack, convolveFilterGradient } from '../convolution.ts';
import type { Geometry } from '../convolution.ts';
import { fitsGemm, gemmConvolve, gemmConvolveBack, gemmFilterGradient } from '../convolution-gemm.ts';
import { canonical, channelsFirst, filterFirst, inOrder, rowMajor } from '../layout.ts';
import { AtelierError } from '../../core/errors.ts';
import type { Call, Lowerings } from './types.ts';

type Shape = [number, number, number, number];
type Shape3 = [number, number, number, number, number];
interface Attributes {
  strides: number | number[];
  pad: 'valid' | 'same' | number | [number, number][];
  dataFormat?: string;
  dilations?: number | number[];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  inputShape?: number[];
  filterShape?: number[];
}

/** Geometry of a 2D convolution of `x` [B, H, W, C] with a filter [kh, kw, in, out]. */
function planar(x: readonly number[], filter: readonly number[], a: Attributes): Geometry {
  if (a.dataFormat === 'NCHW') throw new AtelierError('bad-input', 'A convolution in the NCHW format cannot be compiled.', 'Use NHWC, the default; the compiled graph runs channels-first anyway.');
  const i = backend_util.computeConv2DInfo([...x] as Shape, [...filter] as Shape, a.strides as number, (a.dilations ?? 1) as number, a.pad as 'same', a.dimRoundingMode, false);
  return {
    batch: i.batchSize,
    inChannels: i.inChannels,
    outChannels: i.outChannels,
    input: [i.inHeight, i.inWidth],
    output: [i.outHeight, i.outWidth],
    kernel: [i.filterHeight, i.filterWidth],
    strides: [i.strideHeight, i.strideWidth],
    dilations: [i.dilationHeight, i.dilationWidth],
    before: [i.padInfo.top, i.padInfo.left],
    after: [i.padInfo.bottom, i.padInfo.right],
  };
}

/** Geometry of a 3D convolution of `x` [B, T, H, W, C] with a filter [kt, kh, kw, in, out]. */
function volumetric(x: readonly number[], filter: readonly number[], a: Attributes): Geometry {
  const i = backend_util.computeConv3DInfo([...x] as Shape3, [...filter] as Shape3, a.strides as number, (a.dilations ?? 1) as number, a.pad as 'same');
  return {
    batch: i.batchSize,
    inChannels: i.inChannels,
    outChannels: i.outChannels,
    input: [i.inDepth, i.inHeight, i.inWidth],
    output: [i.outDepth, i.outHeight, i.outWidth],
    kernel: [i.filterDepth, i.filterHeight, i.filterWidth],
    strides: [i.strideDepth, i.strideHeight, i.strideWidth],
    dilations: [i.dilationDepth, i.dilationHeight, i.dilationWidth],
    before: [i.padInfo.front, i.padInfo.top, i.padInfo.left],
    after: [i.padInfo.back, i.padInfo.bottom, i.padInfo.right],
  };
}

const geometry = (x: readonly number[], filter: readonly number[], a: Attributes): Geometry => (filter.length === 5 ? volumetric : planar)(x, filter, a);

function activation({ store, g }: Pick<Call, 'store' | 'g'>, t: TensorInfo): string {
  return inOrder(g, store.view(t), channelsFirst(t.shape.length)).value;
}

function result({ store }: Pick<Call, 'store'>, value: string, channels: number, c: Geometry, space: readonly number[]): TensorInfo {
  const shape = [c.batch, ...space, channels];
  return store.output({ value, type: 'float32', shape, order: channelsFirst(shape.length), dims: [c.batch, channels, ...space] }, 'float32');
}

const rowMajorValue = ({ store, g }: Pick<Call, 'store' | 'g'>, t: TensorInfo): string => canonical(g, store.view(t)).value;
const plain = ({ store }: Pick<Call, 'store'>, value: string, shape: readonly number[]): TensorInfo => store.output(rowMajor(value, [...shape]), 'float32');
const asProduct = ({ store }: Pick<Call, 'store'>, c: Geometry): boolean => store.target === 'cpu' && fitsGemm(c);

function forward(call: Call<Attributes, { x: TensorInfo; filter: TensorInfo }>): TensorInfo {
  const { store, g, inputs, attrs } = call;
  const { x, filter } = inputs;
  const c = geometry(x.shape, filter.shape, attrs);
  if (asProduct(call, c)) return plain(call, gemmConvolve(g, rowMajorValue(call, x), rowMajorValue(call, filter), c), [c.batch, ...c.output, c.outChannels]);
  const w = inOrder(g, store.view(filter), filterFirst(filter.shape.length)).value;
  return result(call, convolve(g, activation(call, x), w, c), c.outChannels, c, c.output);
}

function inputGradient(call: Call<Attributes, { dy: TensorInfo; filter: TensorInfo }>): TensorInfo {
  const { store, g, inputs, attrs } = call;
  const { dy, filter } = inputs;
  const c = geometry(attrs.inputShape!, filter.shape, attrs);
  const value = asProduct(call, c) ? gemmConvolveBack(g, rowMajorValue(call, dy), rowMajorValue(call, filter), c) : undefined;
  if (value) return plain(call, value, [c.batch, ...c.input, c.inChannels]);
  const w = inOrder(g, store.view(filter), filterFirst(filter.shape.length)).value;
  return result(call, convolveBack(g, activation(call, dy), w, c), c.inChannels, c, c.input);
}

function filterGradient(call: Call<Attributes, { x: TensorInfo; dy: TensorInfo }>): TensorInfo {
  const { store, g, inputs, attrs } = call;
  const { x, dy } = inputs;
  const shape = attrs.filterShape!;
  const c = geometry(x.shape, shape, attrs);
  if (asProduct(call, c)) return plain(call, gemmFilterGradient(g, rowMajorValue(call, x), rowMajorValue(call, dy), c), shape);
  const value = convolveFilterGradient(g, activation(call, x), activation(call, dy), c);
  return store.output({ value, type: 'float32', shape, order: filterFirst(shape.length), dims: [c.outChannels, c.inChannels, ...c.kernel] }, 'float32');
}

export const convLowerings: Lowerings = {
  Conv2D: forward,
  Conv2DBackpropInput: inputGradient,
  Conv2DBackpropFilter: filterGradient,
  Conv3D: forward,
  Conv3DBackpropInputV2: inputGradient,
  Conv3DBackpropFilterV2: filterGradient,
};
