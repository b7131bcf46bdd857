import type { TensorInfo } from '@tensorflow/tfjs-core';
import { AtelierError } from '../../core/errors.ts';
import { range } from '../arrays.ts';
import { canonical, rowMajor } from '../layout.ts';
import type { Call, Lowerings } from './types.ts';

/**
 * Resizing along one axis is a matrix [to, from] that depends on the sizes only; a picture is resized by one product for its rows
 * and one for its columns, and the gradient is the product with the matrices turned.
 */
type Weights = (to: number, from: number) => Float32Array;

interface Attributes {
  size?: [number, number];
  alignCorners: boolean;
  halfPixelCenters?: boolean;
}

const scaleOf = (to: number, from: number, a: Attributes): number => (a.alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to);

const nearest = (a: Attributes): Weights => (to, from) => {
  const m = new Float32Array(to * from);
  const scale = scaleOf(to, from, a);
  for (let i = 0; i < to; i++) {
    const at = a.halfPixelCenters ? scale * (i + 0.5) : scale * i;
    m[i * from + Math.max(0, Math.min(from - 1, a.alignCorners ? Math.round(at) : Math.floor(at)))] = 1;
  }
  return m;
};

const linear = (a: Attributes): Weights => (to, from) => {
  const m = new Float32Array(to * from);
  const scale = scaleOf(to, from, a);
  for (let i = 0; i < to; i++) {
    const at = a.halfPixelCenters ? scale * (i + 0.5) - 0.5 : scale * i;
    const low = Math.max(0, Math.floor(at));
    const share = Math.max(0, at - low);
    m[i * from + Math.min(from - 1, low)] += 1 - share;
    m[i * from + Math.min(from - 1, Math.ceil(Math.max(0, at)))] += share;
  }
  return m;
};

/** x: [B, H, W, C] to [B, size..., C]; `turned` applies the transposes of the matrices from [B, to..., C] back to `size`. */
function apply({ store, g }: Pick<Call, 'store' | 'g'>, x: TensorInfo, size: readonly number[], weights: Weights, turned: boolean): TensorInfo {
  const [b, h, w, c] = x.shape;
  const [oh, ow] = size;
  const matrix = (to: number, from: number): string => {
    if (!turned) return g.initializer('float32', [to, from], weights(to, from));
    const forward = weights(from, to);
    const out = new Float32Array(forward.length);
    for (const i of range(from)) for (const j of range(to)) out[j * from + i] = forward[i * to + j];
    return g.initializer('float32', [to, from], out);
  };
  const rows = g.emit('MatMul', [matrix(oh, h), g.reshape(canonical(g, store.view(x)).value, [b, h, w * c])]);
  const value = g.emit('MatMul', [matrix(ow, w), g.reshape(rows, [b, oh, w, c])]);
  return store.output(rowMajor(value, [b, oh, ow, c]), 'float32');
}

const kept = (a: Attributes): [number, number] => {
  if (!a.size) throw new AtelierError('internal', 'A resize came without a size.', 'This is a fault of the application; the log has the details.');
  return a.size;
};

export const resizeLowerings: Lowerings = {
  ResizeNearestNeighbor: (call: Call<Attributes, { images: TensorInfo }>) => apply(call, call.inputs.images, kept(call.attrs), nearest(call.attrs), false),
  ResizeBilinear: (call: Call<Attributes, { images: TensorInfo }>) => apply(call, call.inputs.images, kept(call.attrs), linear(call.attrs), false),
  // The gradients of tfjs know no half-pixel centres.
  ResizeNearestNeighborGrad: (call: Call<Attributes, { images: TensorInfo; dy: TensorInfo }>) => apply(call, call.inputs.dy, call.inputs.images.shape.slice(1, 3), nearest(call.attrs), true),
  ResizeBilinearGrad: (call: Call<Attributes, { images: TensorInfo; dy: TensorInfo }>) => apply(call, call.inputs.dy, call.inputs.images.shape.slice(1, 3), linear(call.attrs), true),
};
