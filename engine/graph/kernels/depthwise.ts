import { backend_util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { convolve, convolveBack } from '../convolution.ts';
import type { Geometry } from '../convolution.ts';
import { channelsFirst, inOrder } from '../layout.ts';
import type { Call, Lowerings } from './types.ts';

interface Attributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number;
  dilations?: number | [number, number];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  inputShape?: number[];
  filterShape?: number[];
}

type Shape = [number, number, number, number];

function geometry(x: readonly number[], filter: readonly number[], a: Attributes): Geometry {
  const i = backend_util.computeConv2DInfo([...x] as Shape, [...filter] as Shape, a.strides, a.dilations ?? 1, a.pad, a.dimRoundingMode, true);
  return {
    batch: i.batchSize,
    inChannels: i.inChannels,
    outChannels: i.inChannels * filter[3],
    input: [i.inHeight, i.inWidth],
    output: [i.outHeight, i.outWidth],
    kernel: [i.filterHeight, i.filterWidth],
    strides: [i.strideHeight, i.strideWidth],
    dilations: [i.dilationHeight, i.dilationWidth],
    before: [i.padInfo.top, i.padInfo.left],
    after: [i.padInfo.bottom, i.padInfo.right],
    groups: i.inChannels,
  };
}

const first = ({ store, g }: Pick<Call, 'store' | 'g'>, t: TensorInfo): string => inOrder(g, store.view(t), channelsFirst(4)).value;

/** [kh, kw, C, multiplier] as [C * multiplier, 1, kh, kw]. */
function filters({ store, g }: Pick<Call, 'store' | 'g'>, t: TensorInfo, c: Geometry): string {
  return g.reshape(inOrder(g, store.view(t), [2, 3, 0, 1]).value, [c.outChannels, 1, ...c.kernel]);
}

function result({ store }: Pick<Call, 'store'>, value: string, channels: number, c: Geometry, space: readonly number[]): TensorInfo {
  const shape = [c.batch, ...space, channels];
  return store.output({ value, type: 'float32', shape, order: channelsFirst(4), dims: [c.batch, channels, ...space] }, 'float32');
}

/** One tap at a time: the input it reads times the gradient, summed over batch and positions. */
function filterGradient(call: Call<Attributes, { x: TensorInfo; dy: TensorInfo }>): TensorInfo {
  const { store, g, inputs, attrs } = call;
  const shape = attrs.filterShape!;
  const c = geometry(inputs.x.shape, shape, attrs);
  const multiplier = shape[3];
  const padded = g.emit('Pad', [first(call, inputs.x), g.ints([0, 0, ...c.before, 0, 0, ...c.after])]);
  const dy = g.reshape(first(call, inputs.dy), [c.batch, c.inChannels, multiplier, ...c.output]);
  const taps: string[] = [];
  for (let i = 0; i < c.kernel[0]; i++) {
    for (let j = 0; j < c.kernel[1]; j++) {
      const at = [i * c.dilations[0], j * c.dilations[1]];
      const seen = g.slice(padded, [2, 3], at, at.map((a, d) => a + (c.output[d] - 1) * c.strides[d] + 1), [...c.strides]);
      const product = g.emit('Mul', [g.reshape(seen, [c.batch, c.inChannels, 1, ...c.output]), dy]);
      taps.push(g.emit('ReduceSum', [product, g.ints([0, 3, 4])], { keepdims: 0 }));
    }
  }
  const stacked = g.concat(taps.map((t) => g.reshape(t, [1, c.inChannels, multiplier])), 0);
  return store.output({ value: g.reshape(stacked, shape), type: 'float32', shape, order: [0, 1, 2, 3], dims: shape }, 'float32');
}

export const depthwiseLowerings: Lowerings = {
  DepthwiseConv2dNative: (call: Call<Attributes, { x: TensorInfo; filter: TensorInfo }>) => {
    const c = geometry(call.inputs.x.shape, call.inputs.filter.shape, call.attrs);
    return result(call, convolve(call.g, first(call, call.inputs.x), filters(call, call.inputs.filter, c), c), c.outChannels, c, c.output);
  },
  DepthwiseConv2dNativeBackpropInput: (call: Call<Attributes, { dy: TensorInfo; filter: TensorInfo }>) => {
    const c = geometry(call.attrs.inputShape!, call.inputs.filter.shape, call.attrs);
    return result(call, convolveBack(call.g, first(call, call.inputs.dy), filters(call, call.inputs.filter, c), c), c.inChannels, c, c.input);
  },
  DepthwiseConv2dNativeBackpropFilter: filterGradient,
};
