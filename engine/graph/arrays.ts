/** Small helpers on index lists. */
export const product = (a: readonly number[]): number => a.reduce((x, y) => x * y, 1);
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
export const equalLists = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((x, i) => x === b[i]);
export const isSorted = (a: readonly number[]): boolean => a.every((x, i) => i === 0 || a[i - 1] <= x);

/** Axes of a reduction as a sorted list of non-negative numbers; all axes when none is given. */
export function normalAxes(axes: number | readonly number[] | null | undefined, rank: number): number[] {
  const list = axes == null ? range(rank) : typeof axes === 'number' ? [axes] : [...axes];
  return list.map((a) => (a < 0 ? a + rank : a)).sort((a, b) => a - b);
}

export type NumericArray = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** `values` (row-major in `dims`) with its axes in the order `order`: axis p of the result is axis `order[p]` of the source. */
export function permuteArray<T extends NumericArray>(values: T, dims: readonly number[], order: readonly number[]): T {
  const out = new (values.constructor as new (n: number) => T)(values.length);
  const rank = dims.length;
  const strides = new Array<number>(rank);
  for (let i = rank - 1, s = 1; i >= 0; i--) {
    strides[i] = s;
    s *= dims[i];
  }
  const size = order.map((l) => dims[l]);
  const step = order.map((l) => strides[l]);
  const index = new Array<number>(rank).fill(0);
  let from = 0;
  for (let n = 0; n < out.length; n++) {
    out[n] = values[from];
    for (let d = rank - 1; d >= 0; d--) {
      from += step[d];
      if (++index[d] < size[d]) break;
      from -= step[d] * size[d];
      index[d] = 0;
    }
  }
  return out;
}

/** The permutation that undoes `order`. */
export function inverseOrder(order: readonly number[]): number[] {
  const out = new Array<number>(order.length);
  order.forEach((l, p) => (out[l] = p));
  return out;
}
