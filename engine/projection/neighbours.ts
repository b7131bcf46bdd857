import { AtelierError } from '../core/errors.ts';

/** Rows of numbers. `values` is [N, D], row-major. */
export interface Rows {
  values: Float32Array;
  n: number;
  d: number;
}

export type Metric = 'euclidean' | 'cosine';

/** The k nearest other rows of each row, nearest first. Held in shared memory, so that threads can read it. */
export interface Neighbours {
  n: number;
  k: number;
  /** [N, k] */
  indices: Int32Array<SharedArrayBuffer>;
  /** [N, k]; cosine distance is 1 - cos, of a zero row 1. */
  distances: Float32Array<SharedArrayBuffer>;
  /** Share of the true neighbours that were found: 1 for an exact search, else measured on a sample of rows. */
  recall: number;
}

/** How long work reports on itself and is called off. */
export interface Watch {
  signal?: { readonly aborted: boolean };
  /** @param done 0 to 1 */
  onProgress?: (done: number, message: string) => void;
}

export function throwIfCancelled({ signal }: Watch): void {
  if (signal?.aborted) throw new AtelierError('cancelled', 'The projection was called off.', 'Start it again.');
}

/** @throws AtelierError 'bad-input' when sizes disagree or a value is not finite */
export function checkRows({ values, n, d }: Rows, where: string): void {
  if (!Number.isInteger(n) || !Number.isInteger(d) || n < 1 || d < 1 || values.length !== n * d) {
    throw new AtelierError('bad-input', `${where}: got ${values.length} values for [${n}, ${d}].`, 'Pass N*D values with N and D at least 1.');
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new AtelierError('bad-input', `${where}: row ${Math.floor(i / d)} holds a value that is not finite (${values[i]}).`, 'Leave out the rows with NaN or infinite values.');
  }
}

export const sharedFloats = (length: number): Float32Array<SharedArrayBuffer> => new Float32Array(new SharedArrayBuffer(length * 4));
export const sharedInts = (length: number): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(length * 4));
