import { product, range } from './arrays.ts';
import type { GraphBuilder } from './builder.ts';
import type { Geometry } from './convolution.ts';

/**
 * Convolutions as products of matrices, for processors: activations [B, space..., C], filters [kernel..., in, out], both as tfjs has
 * them. The rows that the taps of one output position read are laid side by side by one Gather of whole pixels (im2col); the same
 * columns serve the forward product and the filter's gradient. On a CPU a large product runs about twice as fast as ONNX
 * Runtime's Conv, which works image by image.
 */

/** Columns beyond this are not kept from the forward to the backward pass but gathered again. */
const KEEP_BYTES = 48e6;
/** Columns beyond this are not made at all. */
const MOST_BYTES = 256e6;

const columnBytes = (c: Geometry, channels: number, positions: readonly number[]): number => 4 * c.batch * product(positions) * product(c.kernel) * channels;

/** Whether the columns of a convolution and of its gradients are of bearable size. */
export const fitsGemm = (c: Geometry): boolean =>
  (c.groups ?? 1) === 1 && columnBytes(c, c.inChannels, c.output) <= MOST_BYTES && columnBytes(c, c.outChannels, c.output) <= MOST_BYTES && columnBytes(c, c.outChannels, c.input) <= MOST_BYTES * product(c.strides);

/** For each position and tap the flat index of the pixel it reads, or -1 for padding. */
type Reader = (position: readonly number[], tap: readonly number[]) => readonly number[];

function indices(positions: readonly number[], taps: readonly (readonly number[])[], extents: readonly number[], read: Reader): Int32Array {
  const count = product(positions);
  const out = new Int32Array(count * taps.length);
  const position = positions.map(() => 0);
  let at = 0;
  for (let p = 0; p < count; p++) {
    for (const tap of taps) {
      const pixel = read(position, tap);
      let flat = 0;
      for (let i = 0; i < extents.length; i++) {
        if (pixel[i] < 0 || pixel[i] >= extents[i]) {
          flat = -1;
          break;
        }
        flat = flat * extents[i] + pixel[i];
      }
      out[at++] = flat;
    }
    for (let d = positions.length - 1; d >= 0 && ++position[d] === positions[d]; d--) position[d] = 0;
  }
  return out;
}

/** All combinations of one number below each extent, the last axis fastest. */
function grid(extents: readonly number[]): number[][] {
  let all: number[][] = [[]];
  for (const n of extents) all = all.flatMap((head) => range(n).map((i) => [...head, i]));
  return all;
}

/**
 * Pixels of `x` [B, extents..., C] gathered as [B * positions, taps * C].
 * @param again do not share the result with an equal gathering elsewhere
 */
function gather(g: GraphBuilder, x: string, batch: number, channels: number, extents: readonly number[], positions: readonly number[], taps: readonly (readonly number[])[], read: Reader, again = false): string {
  const pixels = product(extents);
  const rows = batch * product(positions);
  const index = indices(positions, taps, extents, read);
  if (index.length === pixels && index.every((v, i) => v === i)) return g.reshape(x, [rows, taps.length * channels]);
  let source = g.reshape(x, [batch, pixels, channels]);
  if (index.includes(-1)) {
    source = g.emit('Pad', [source, g.ints([0, 0, 0, 0, 1, 0])]);
    for (let i = 0; i < index.length; i++) if (index[i] < 0) index[i] = pixels;
  }
  const list = g.table(again ? 'int64' : 'int32', index);
  return g.reshape(g.emit('Gather', [source, list], { axis: 1 }), [rows, taps.length * channels]);
}

function columns(g: GraphBuilder, x: string, c: Geometry, again: boolean): string {
  return gather(g, x, c.batch, c.inChannels, c.input, c.output, grid(c.kernel), (o, t) => o.map((v, i) => v * c.strides[i] + t[i] * c.dilations[i] - c.before[i]), again);
}

/** y = conv(x, w): [B, output..., out]. */
export function gemmConvolve(g: GraphBuilder, x: string, w: string, c: Geometry): string {
  const filter = g.reshape(w, [product(c.kernel) * c.inChannels, c.outChannels]);
  const y = g.gemm(columns(g, x, c, false), filter, c.outChannels);
  return g.reshape(y, [c.batch, ...c.output, c.outChannels]);
}

/** Gradient with respect to the filter: [kernel..., in, out]. */
export function gemmFilterGradient(g: GraphBuilder, x: string, dy: string, c: Geometry): string {
  const rows = c.batch * product(c.output);
  const again = columnBytes(c, c.inChannels, c.output) > KEEP_BYTES;
  // The narrow operand second: the second is copied into blocks for every product.
  const gradient = g.gemm(columns(g, x, c, again), g.reshape(dy, [rows, c.outChannels]), c.outChannels, { a: true });
  return g.reshape(gradient, [...c.kernel, c.inChannels, c.outChannels]);
}

/** [kernel..., in, out] as [taps, out, in]. */
function turned(g: GraphBuilder, w: string, c: Geometry): string {
  const dims = [product(c.kernel), c.inChannels, c.outChannels];
  return g.transpose(g.reshape(w, dims), dims, [0, 2, 1]);
}

/**
 * Gradient with respect to the input, which is also a transposed convolution: [B, input..., in]. Input position i receives output o
 * through tap t where o * stride + t * dilation - before = i. Positions of one phase of the stride use the same taps, so each
 * phase is a product of its own; where the channels of all phases together are few, one product makes them all.
 */
export function gemmConvolveBack(g: GraphBuilder, dy: string, w: string, c: Geometry): string | undefined {
  if (c.strides.every((s) => s === 1)) {
    const taps = grid(c.kernel);
    const single = taps.length === 1;
    const filter = single ? g.reshape(w, [c.inChannels, c.outChannels]) : g.reshape(turned(g, w, c), [taps.length * c.outChannels, c.inChannels]);
    const read: Reader = (i, t) => i.map((v, d) => v + c.before[d] - t[d] * c.dilations[d]);
    const x = g.gemm(gather(g, dy, c.batch, c.outChannels, c.output, c.input, taps, read), filter, c.inChannels, { b: single });
    return g.reshape(x, [c.batch, ...c.input, c.inChannels]);
  }
  const even = c.input.every((n, i) => n % c.strides[i] === 0 && c.kernel[i] >= c.strides[i] && c.dilations[i] === 1);
  if (!even) return undefined;
  return product(c.strides) * c.inChannels <= 16 ? allPhases(g, dy, w, c) : phaseByPhase(g, dy, w, c);
}

/** Steps along each axis: positions of one phase. */
const stepsOf = (c: Geometry): number[] => c.input.map((n, i) => n / c.strides[i]);
/** Output position that phase position `q` of phase `first` reads through tap `t`; a whole number for the taps of that phase. */
const source = (c: Geometry, i: number, first: number, q: number, t: number): number => (first + q * c.strides[i] + c.before[i] - t) / c.strides[i];

function phaseByPhase(g: GraphBuilder, dy: string, w: string, c: Geometry): string {
  const steps = stepsOf(c);
  const filters = turned(g, w, c);
  const parts = grid(c.strides).map((phase) => {
    const taps = grid(c.kernel).filter((t) => t.every((v, i) => (phase[i] + c.before[i] - v) % c.strides[i] === 0));
    const read: Reader = (q, t) => q.map((v, i) => source(c, i, phase[i], v, t[i]));
    const flat = taps.map((t) => t.reduce((a, v, i) => a * c.kernel[i] + v, 0));
    const filter = g.reshape(g.emit('Gather', [filters, g.table('int32', Int32Array.from(flat))], { axis: 0 }), [taps.length * c.outChannels, c.inChannels]);
    return g.gemm(gather(g, dy, c.batch, c.outChannels, c.output, steps, taps, read), filter, c.inChannels);
  });
  // Weave the phases of the last axis first: [.., q, C] of each side by side is [.., q, phase, C].
  let woven = parts;
  let block = c.inChannels;
  for (let axis = c.strides.length - 1; axis >= 0; axis--) {
    const s = c.strides[axis];
    const rows = c.batch * product(steps.slice(0, axis + 1));
    woven = range(woven.length / s).map((k) => g.concat(woven.slice(k * s, (k + 1) * s).map((v) => g.reshape(v, [rows, block])), 1));
    block *= s * steps[axis];
  }
  return g.reshape(woven[0], [c.batch, ...c.input, c.inChannels]);
}

/** One product over the union of the phases' neighbourhoods, with zeros where a phase does not use a neighbour. */
function allPhases(g: GraphBuilder, dy: string, w: string, c: Geometry): string {
  const n = c.strides.length;
  const steps = stepsOf(c);
  const phases = grid(c.strides);
  const taps = grid(c.kernel);
  // Offsets from the phase position q to the outputs read.
  const offsets = range(n).map((i) => {
    const all = range(c.strides[i]).flatMap((f) => range(c.kernel[i]).map((t) => source(c, i, f, 0, t))).filter(Number.isInteger);
    return { low: Math.min(...all), count: Math.max(...all) - Math.min(...all) + 1 };
  });
  const neighbours = grid(offsets.map((o) => o.count));
  const tapOf = (neighbour: readonly number[], phase: readonly number[]): number => {
    const at = taps.findIndex((t) => t.every((v, i) => source(c, i, phase[i], 0, v) === neighbour[i] + offsets[i].low));
    return at < 0 ? taps.length : at;
  };
  const padded = g.emit('Pad', [turned(g, w, c), g.ints([0, 0, 0, 1, 0, 0])]);
  const table = Int32Array.from(neighbours.flatMap((b) => phases.map((p) => tapOf(b, p))));
  const dims = [neighbours.length, phases.length, c.outChannels, c.inChannels];
  const spread = g.transpose(g.reshape(g.emit('Gather', [padded, g.table('int32', table)], { axis: 0 }), dims), dims, [0, 2, 1, 3]);
  const filter = g.reshape(spread, [neighbours.length * c.outChannels, phases.length * c.inChannels]);
  const read: Reader = (q, b) => q.map((v, i) => v + b[i] + offsets[i].low);
  const y = g.gemm(gather(g, dy, c.batch, c.outChannels, c.output, steps, neighbours, read), filter, phases.length * c.inChannels);
  const split = [c.batch, ...steps, ...c.strides, c.inChannels];
  const order = [0, ...range(n).flatMap((i) => [1 + i, 1 + n + i]), 1 + 2 * n];
  return g.reshape(g.transpose(g.reshape(y, split), split, order), [c.batch, ...c.input, c.inChannels]);
}
