import { backend_util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { convolve, convolveBack } from '../convolution.ts';
import type { Geometry } from '../convolution.ts';
import { channelsFirst, inOrder } from '../layout.ts';
import type { Call, Lowering, Lowerings } from './types.ts';

interface Attributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: 'valid' | 'same' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function geometry(x: readonly number[], a: Attributes): Geometry {
  const i = backend_util.computePool2DInfo([...x] as [number, number, number, number], a.filterSize, a.strides, 1, a.pad, a.dimRoundingMode);
  return {
    batch: i.batchSize,
    inChannels: i.inChannels,
    outChannels: i.outChannels,
    input: [i.inHeight, i.inWidth],
    output: [i.outHeight, i.outWidth],
    kernel: [i.filterHeight, i.filterWidth],
    strides: [i.strideHeight, i.strideWidth],
    dilations: [1, 1],
    before: [i.padInfo.top, i.padInfo.left],
    after: [i.padInfo.bottom, i.padInfo.right],
    groups: i.inChannels,
  };
}

const first = ({ store, g }: Pick<Call, 'store' | 'g'>, t: TensorInfo): string => inOrder(g, store.view(t), channelsFirst(4)).value;

function result({ store }: Pick<Call, 'store'>, value: string, c: Geometry, space: readonly number[]): TensorInfo {
  const shape = [c.batch, ...space, c.inChannels];
  return store.output({ value, type: 'float32', shape, order: channelsFirst(4), dims: [c.batch, c.inChannels, ...space] }, 'float32');
}

const pool = (op: 'MaxPool' | 'AveragePool'): Lowering => (call: Call<Attributes, { x: TensorInfo }>) => {
  const c = geometry(call.inputs.x.shape, call.attrs);
  const attributes: Record<string, number | number[]> = { kernel_shape: [...c.kernel], strides: [...c.strides], pads: [...c.before, ...c.after] };
  return result(call, call.g.emit(op, [first(call, call.inputs.x)], attributes), c, c.output);
};

/** A depthwise filter of ones, [C, 1, kh, kw]. */
function ones(g: Call['g'], c: Geometry): string {
  return g.emit('Expand', [g.scalar(1), g.ints([c.inChannels, 1, ...c.kernel])]);
}

/** Each output's share spread over the positions it averaged, padding not counted. */
function averageGradient(call: Call<Attributes, { dy: TensorInfo; input: TensorInfo }>): TensorInfo {
  const { g } = call;
  const c = geometry(call.inputs.input.shape, call.attrs);
  const counts = convolve(g, g.emit('Expand', [g.scalar(1), g.ints([1, c.inChannels, ...c.input])]), ones(g, c), c);
  const share = g.emit('Div', [first(call, call.inputs.dy), counts]);
  return result(call, convolveBack(g, share, ones(g, c), c), c, c.input);
}

/**
 * Each output's gradient to the positions that hold its maximum. One term per tap: where the tap's input equals the output, the
 * gradient is placed at that input by a transposed convolution with a filter that is one at the tap.
 */
function maxGradient(call: Call<Attributes, { dy: TensorInfo; input: TensorInfo; output: TensorInfo }>): TensorInfo {
  const { g, inputs } = call;
  const c = geometry(inputs.input.shape, call.attrs);
  const x = first(call, inputs.input);
  const y = first(call, inputs.output);
  const dy = first(call, inputs.dy);
  const low = g.emit('Pad', [x, g.ints([0, 0, ...c.before, 0, 0, ...c.after]), g.scalar(-3e38)]);
  const padded = c.input.map((n, i) => n + c.before[i] + c.after[i]);
  const terms: string[] = [];
  let free: string | undefined;
  for (let i = 0; i < c.kernel[0]; i++) {
    for (let j = 0; j < c.kernel[1]; j++) {
      const tap = g.slice(low, [2, 3], [i, j], [i + (c.output[0] - 1) * c.strides[0] + 1, j + (c.output[1] - 1) * c.strides[1] + 1], [...c.strides]);
      const equal = g.cast(g.emit('Equal', [tap, y]), 'bool', 'float32');
      // The first of equal maxima takes it all, as in tfjs.
      const hit: string = free ? g.emit('Mul', [equal, free]) : equal;
      free = free ? g.emit('Sub', [free, hit]) : g.emit('Sub', [g.scalar(1), hit]);
      const filter = new Float32Array(c.kernel[0] * c.kernel[1]);
      filter[i * c.kernel[1] + j] = 1;
      const spread = g.emit('Expand', [g.initializer('float32', [1, 1, ...c.kernel], filter), g.ints([c.inChannels, 1, ...c.kernel])]);
      terms.push(convolveBack(g, g.emit('Mul', [hit, dy]), spread, { ...c, input: padded, before: [0, 0], after: [0, 0] }));
    }
  }
  const sum = terms.reduce((a, b) => g.emit('Add', [a, b]));
  const value = g.slice(sum, [2, 3], [...c.before], c.input.map((n, i) => n + c.before[i]));
  return result(call, value, c, c.input);
}

export const poolLowerings: Lowerings = {
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  AvgPoolGrad: averageGradient,
  MaxPoolGrad: maxGradient,
};
