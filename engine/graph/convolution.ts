import { product, range } from './arrays.ts';
import type { GraphBuilder } from './builder.ts';

/**
 * A convolution over any number of spatial axes, and its two gradients, on physical values: activations [B, C, space...],
 * filters [out, in, kernel...].
 */
export interface Geometry {
  batch: number;
  inChannels: number;
  outChannels: number;
  /** Spatial extents of the input and the output, the kernel, stride, dilation, and zeros before and after the input. */
  input: readonly number[];
  output: readonly number[];
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  before: readonly number[];
  after: readonly number[];
  groups?: number;
}

const all = (a: readonly number[], v: number): boolean => a.every((x) => x === v);

/** y = conv(x, w): [B, out, output...]. */
export function convolve(g: GraphBuilder, x: string, w: string, c: Geometry): string {
  const attributes: Record<string, number | number[]> = { strides: [...c.strides], pads: [...c.before, ...c.after], kernel_shape: [...c.kernel] };
  if (!all(c.dilations, 1)) attributes.dilations = [...c.dilations];
  if (c.groups && c.groups !== 1) attributes.group = c.groups;
  return g.emit('Conv', [x, w], attributes);
}

/**
 * Gradient of a convolution with respect to its input, which is also a transposed convolution: [B, in, input...].
 * At stride 1 a convolution with the flipped filter; at larger strides one such convolution per phase of the stride, where
 * the phases are alike; else ONNX's ConvTranspose.
 */
export function convolveBack(g: GraphBuilder, dy: string, w: string, c: Geometry): string {
  if (!c.groups || c.groups === 1) {
    if (all(c.strides, 1)) return flippedConvolution(g, dy, w, c);
    const phases = phasesOf(c);
    if (phases) return phaseConvolutions(g, dy, w, c, phases);
  }
  const extra = c.input.map((n, i) => n - ((c.output[i] - 1) * c.strides[i] - c.before[i] - c.after[i] + (c.kernel[i] - 1) * c.dilations[i] + 1));
  const attributes: Record<string, number | number[]> = { strides: [...c.strides], pads: [...c.before, ...c.after], kernel_shape: [...c.kernel], output_padding: extra };
  if (!all(c.dilations, 1)) attributes.dilations = [...c.dilations];
  if (c.groups && c.groups !== 1) attributes.group = c.groups;
  return g.emit('ConvTranspose', [dy, w], attributes);
}

/** [out, in, k...] as [in, out, k...] with the kernel axes turned round. */
function flipped(g: GraphBuilder, w: string, c: Geometry): string {
  const n = c.kernel.length;
  const dims = [c.outChannels, c.inChannels, ...c.kernel];
  const swapped = g.transpose(w, dims, [1, 0, ...range(n).map((i) => i + 2)]);
  const axes = range(n).filter((i) => c.kernel[i] > 1);
  if (!axes.length) return swapped;
  return g.slice(swapped, axes.map((i) => i + 2), axes.map(() => -1), axes.map((i) => -c.kernel[i] - 1), axes.map(() => -1));
}

/** A convolution whose padding may be negative: then the input is cut first. */
function convolvePadded(g: GraphBuilder, x: string, w: string, extents: readonly number[], kernel: readonly number[], dilations: readonly number[], before: readonly number[], after: readonly number[]): string {
  const axes = range(extents.length).filter((i) => before[i] < 0 || after[i] < 0);
  let source = x;
  if (axes.length) source = g.slice(x, axes.map((i) => i + 2), axes.map((i) => Math.max(0, -before[i])), axes.map((i) => extents[i] - Math.max(0, -after[i])));
  const attributes: Record<string, number[]> = { strides: kernel.map(() => 1), pads: [...before, ...after].map((p) => Math.max(0, p)), kernel_shape: [...kernel] };
  if (!all(dilations, 1)) attributes.dilations = [...dilations];
  return g.emit('Conv', [source, w], attributes);
}

function flippedConvolution(g: GraphBuilder, dy: string, w: string, c: Geometry): string {
  const reach = c.kernel.map((k, i) => (k - 1) * c.dilations[i]);
  const before = reach.map((r, i) => r - c.before[i]);
  const after = c.input.map((n, i) => n + reach[i] - before[i] - c.output[i]);
  return convolvePadded(g, dy, flipped(g, w, c), c.output, c.kernel, c.dilations, before, after);
}

/** Of one axis: where a phase's first output lies, its first tap, and the padding of its convolution. */
interface Phase {
  tap: number;
  taps: number;
  before: number;
  after: number;
}

/**
 * Along an axis, input position i = stride * q + r - before receives output q - m through tap r + stride * m.
 * @returns per axis its phases in the order of their first input position, or undefined where they differ in length
 */
function phasesOf(c: Geometry): Phase[][] | undefined {
  if (!all(c.dilations, 1)) return undefined;
  const axes: Phase[][] = [];
  for (const i of range(c.kernel.length)) {
    const s = c.strides[i];
    const n = c.input[i];
    if (n % s !== 0 || c.kernel[i] < s) return undefined;
    axes.push(
      range(s).map((first) => {
        const r = (first + c.before[i]) % s;
        const taps = Math.floor((c.kernel[i] - 1 - r) / s) + 1;
        const q = (first + c.before[i] - r) / s;
        const last = q + n / s - 1;
        return { tap: r, taps, before: taps - 1 - q, after: last - (c.output[i] - 1) };
      }),
    );
  }
  return axes;
}

function phaseConvolutions(g: GraphBuilder, dy: string, w: string, c: Geometry, axes: Phase[][]): string {
  const n = axes.length;
  const swapped = g.transpose(w, [c.outChannels, c.inChannels, ...c.kernel], [1, 0, ...range(n).map((i) => i + 2)]);
  let combinations: Phase[][] = [[]];
  for (const phases of axes) combinations = combinations.flatMap((head) => phases.map((p) => [...head, p]));
  const parts = combinations.map((phases) => {
    // Taps tap, tap + stride, ..., then from the last to the first. Not in one cut: the WebGPU provider of ONNX Runtime 1.30
    // gets steps below -1 wrong.
    const space = range(n).map((i) => i + 2);
    const own = g.slice(swapped, space, phases.map((p) => p.tap), [...c.kernel], [...c.strides]);
    const filter = g.slice(own, space, space.map(() => -1), phases.map((p) => -p.taps - 1), space.map(() => -1));
    const taps = phases.map((p) => p.taps);
    return convolvePadded(g, dy, filter, c.output, taps, taps.map(() => 1), phases.map((p) => p.before), phases.map((p) => p.after));
  });
  return interleave(g, parts, c);
}

/** Phases [B, C, input/stride...] woven into [B, C, input...]. */
function interleave(g: GraphBuilder, parts: string[], c: Geometry): string {
  const n = c.strides.length;
  const joined = g.concat(parts, 1);
  if (n === 2 && c.strides[0] === c.strides[1]) return g.emit('DepthToSpace', [joined], { blocksize: c.strides[0], mode: 'DCR' });
  const steps = c.input.map((size, i) => size / c.strides[i]);
  const split = [c.batch, ...c.strides, c.inChannels, ...steps];
  const order = [0, n + 1, ...range(n).flatMap((i) => [n + 2 + i, 1 + i])];
  const woven = g.transpose(g.reshape(joined, split), split, order);
  return g.reshape(woven, [c.batch, c.inChannels, ...c.input]);
}

/**
 * Gradient of a convolution with respect to its filter: [out, in, kernel...]. Channels first, then the taps of all kernel axes
 * but one laid side by side (im2col in stages), and one product per tap of that last axis.
 */
export function convolveFilterGradient(g: GraphBuilder, x: string, dy: string, c: Geometry): string {
  const n = c.kernel.length;
  const swap = [1, 0, ...range(n).map((i) => i + 2)];
  const positions = c.batch * product(c.output);
  let columns = g.transpose(x, [c.batch, c.inChannels, ...c.input], swap);
  if (!all(c.before, 0) || !all(c.after, 0)) columns = g.emit('Pad', [columns, g.ints([0, 0, ...c.before, 0, 0, ...c.after])]);
  const gradient = g.reshape(g.transpose(dy, [c.batch, c.outChannels, ...c.output], swap), [c.outChannels, positions]);
  const tapsOf = (value: string, axis: number): string[] => {
    const span = (c.output[axis] - 1) * c.strides[axis] + 1;
    const padded = c.input[axis] + c.before[axis] + c.after[axis];
    if (c.kernel[axis] === 1 && span === padded && c.strides[axis] === 1) return [value];
    return range(c.kernel[axis]).map((t) => g.slice(value, [axis + 2], [t * c.dilations[axis]], [t * c.dilations[axis] + span], [c.strides[axis]]));
  };
  const last = Math.max(0, c.kernel.findIndex((k) => k > 1));
  let rows = c.inChannels;
  for (let axis = n - 1; axis >= 0; axis--) {
    if (axis === last) continue;
    columns = g.concat(tapsOf(columns, axis), 0);
    rows *= c.kernel[axis];
  }
  const products = tapsOf(columns, last).map((tap) => g.gemm(gradient, g.reshape(tap, [rows, positions]), rows, { b: true }));
  const joined = g.concat(products, 1);
  // Axes now: out, the taps of `last`, the other taps, in.
  const others = range(n).filter((i) => i !== last);
  const dims = [c.outChannels, c.kernel[last], ...others.map((i) => c.kernel[i]), c.inChannels];
  const place = (i: number) => (i === last ? 1 : 2 + others.indexOf(i));
  const order = [0, n + 1, ...range(n).map(place)];
  return g.reshape(g.transpose(g.reshape(joined, dims), dims, order), [c.outChannels, c.inChannels, ...c.kernel]);
}
