import { equalLists, isSorted, product, range } from './arrays.ts';
import type { GraphBuilder } from './builder.ts';
import type { ElementType } from './onnx-writer.ts';

/**
 * How a traced tensor lies in memory. `shape` is what the model's author sees; physically axis p is the logical axis
 * `order[p]` with extent `dims[p]`, which is 1 where a broadcast has not been carried out. So a transpose costs nothing,
 * and channels-last model code runs channels-first.
 */
export interface View {
  readonly value: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly order: readonly number[];
  readonly dims: readonly number[];
}

/** [B, ..., C] as [B, C, ...]. */
export const channelsFirst = (rank: number): number[] => [0, rank - 1, ...range(rank - 2).map((i) => i + 1)];
/** A filter [k..., in, out] as [out, in, k...]. */
export const filterFirst = (rank: number): number[] => [rank - 1, rank - 2, ...range(rank - 2)];

export const rowMajor = (value: string, shape: readonly number[], type: ElementType = 'float32'): View => ({ value, type, shape, order: range(shape.length), dims: shape });

const isFull = (v: View): boolean => v.order.every((l, p) => v.dims[p] === v.shape[l]);
const isScalarLike = (v: View): boolean => v.dims.every((d) => d === 1);
const sizeOfView = (v: View): number => product(v.dims);

/** The same tensor with its physical axes in `order`; axes of extent 1 move for free. */
export function reorder(g: GraphBuilder, v: View, order: readonly number[]): View {
  if (equalLists(v.order, order)) return v;
  const at = order.map((l) => v.order.indexOf(l));
  const dims = at.map((p) => v.dims[p]);
  const moved = isSorted(at.filter((p) => v.dims[p] !== 1));
  const value = moved ? (equalLists(dims, v.dims) ? v.value : g.reshape(v.value, dims)) : g.transpose(v.value, v.dims, at);
  return { ...v, value, order, dims };
}

/** Carries out pending broadcasts. */
export function expand(g: GraphBuilder, v: View): View {
  if (isFull(v)) return v;
  const dims = v.order.map((l) => v.shape[l]);
  return { ...v, value: g.emit('Expand', [v.value, g.ints(dims)]), dims };
}

/** Row-major and complete: what goes to an operator that knows nothing of layouts. */
export const canonical = (g: GraphBuilder, v: View): View => expand(g, reorder(g, v, range(v.shape.length)));
/** In a given order and complete. */
export const inOrder = (g: GraphBuilder, v: View, order: readonly number[]): View => expand(g, reorder(g, v, order));

/** Adds leading axes of extent 1 until the rank is `rank`. */
export function raiseRank(g: GraphBuilder, v: View, rank: number): View {
  const extra = rank - v.shape.length;
  if (extra === 0) return v;
  const dims = [...new Array<number>(extra).fill(1), ...v.dims];
  return {
    value: g.reshape(v.value, dims),
    type: v.type,
    shape: [...new Array<number>(extra).fill(1), ...v.shape],
    order: [...range(extra), ...v.order.map((l) => l + extra)],
    dims,
  };
}

/** Claims the logical shape `shape` for a view whose extents are equal to it or 1; nothing is computed. */
export const broadcastLazily = (v: View, shape: readonly number[]): View => ({ ...v, shape });

/**
 * Brings operands of a broadcasting operator to one order. The largest operand decides, channels-first winning a tie,
 * so that small ones are moved.
 * @param shape the logical shape of the result
 */
export function align(g: GraphBuilder, views: readonly View[], shape: readonly number[]): { values: string[]; order: readonly number[]; dims: number[] } {
  const rank = shape.length;
  let order: readonly number[] = range(rank);
  let best = 0;
  for (const v of views) {
    if (v.shape.length !== rank || isScalarLike(v)) continue;
    const weight = sizeOfView(v) + (isSorted(v.order) ? 0 : 0.5);
    if (weight > best) {
      best = weight;
      order = v.order;
    }
  }
  const dims = new Array<number>(rank).fill(1);
  const allScalar = views.every(isScalarLike);
  const values = views.map((v) => {
    if (isScalarLike(v)) return allScalar ? (v.dims.length === rank ? v.value : g.reshape(v.value, dims)) : v.dims.length === 0 ? v.value : g.reshape(v.value, []);
    const r = reorder(g, raiseRank(g, v, rank), order);
    r.dims.forEach((d, p) => (dims[p] = Math.max(dims[p], d)));
    return r.value;
  });
  return { values, order, dims };
}

/** Runs of old and new axes (extents other than 1) that cover the same elements: [B, H, W, C] to [B, H*W, C] has three. */
function matchAxes(from: readonly number[], to: readonly number[]): { old: number[]; new: number[] }[] {
  const old = range(from.length).filter((l) => from[l] !== 1);
  const fresh = range(to.length).filter((l) => to[l] !== 1);
  const groups: { old: number[]; new: number[] }[] = [];
  while (old.length || fresh.length) {
    const group = { old: [] as number[], new: [] as number[] };
    let a = 1;
    let b = 1;
    do {
      if (a <= b && old.length) a *= from[group.old[group.old.push(old.shift()!) - 1]];
      else if (fresh.length) b *= to[group.new[group.new.push(fresh.shift()!) - 1]];
      else break;
    } while (a !== b || group.new.length === 0);
    groups.push(group);
  }
  return groups;
}

/** A reshape that keeps the layout wherever the axes it merges or splits lie side by side. */
export function reshapeView(g: GraphBuilder, v: View, shape: readonly number[]): View {
  if (equalLists(v.shape, shape)) return v;
  if (isScalarLike(v)) {
    const dims = shape.map(() => 1);
    return { value: equalLists(dims, v.dims) ? v.value : g.reshape(v.value, dims), type: v.type, shape, order: range(shape.length), dims };
  }
  const physical = v.order.filter((l) => v.shape[l] !== 1);
  const extent = (l: number) => v.dims[v.order.indexOf(l)];
  const groups = product(v.shape) === 0 ? [] : matchAxes(v.shape, shape).map((group) => ({ ...group, at: physical.indexOf(group.old[0]) }));
  const fits = groups.every((group) => {
    const side = group.old.every((l, i) => physical[group.at + i] === l);
    return side && (group.old.every((l) => extent(l) === v.shape[l]) || group.old.every((l) => extent(l) === 1));
  });
  if (!fits || groups.length === 0) {
    const c = canonical(g, v);
    return { value: g.reshape(c.value, shape), type: v.type, shape, order: range(shape.length), dims: shape };
  }
  groups.sort((a, b) => a.at - b.at);
  const moved = groups.flatMap((group) => group.new);
  const lazy = new Set(groups.filter((group) => extent(group.old[0]) === 1).flatMap((group) => group.new));
  const order = isSorted(moved) ? range(shape.length) : [...range(shape.length).filter((l) => shape[l] === 1), ...moved];
  const dims = order.map((l) => (lazy.has(l) ? 1 : shape[l]));
  return { value: equalLists(dims, v.dims) ? v.value : g.reshape(v.value, dims), type: v.type, shape, order, dims };
}
