import { AtelierError } from '../../core/errors.ts';

/** Rows that were left out, the first few by number. */
export interface Excluded {
  count: number;
  /** Numbers of the first of them, from 0, in the order of the file. */
  rows: number[];
  reason: string;
}

/** Vectors as read, before bad rows are left out. `values` is [N, D]; NaN stands for what is missing. */
export interface RawVectors {
  values: Float32Array;
  n: number;
  d: number;
}

export interface CleanVectors extends RawVectors {
  /** Row of the file that each kept row comes from. [N] */
  rows: Int32Array;
  excluded: Excluded[];
  warnings: string[];
}

const NAMED = 10;

/**
 * Leaves out the rows that hold NaN or infinite values, in place, and remarks on constant columns.
 * @throws AtelierError 'bad-data' when no row is left
 */
export function cleanVectors({ values, n, d }: RawVectors, path: string, columns: readonly string[]): CleanVectors {
  const rows = new Int32Array(n);
  const bad: Excluded = { count: 0, rows: [], reason: 'a value is missing, NaN or infinite' };
  const low = new Float32Array(d).fill(Infinity), high = new Float32Array(d).fill(-Infinity);
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const at = i * d;
    let finite = true;
    for (let j = 0; j < d && finite; j++) finite = Number.isFinite(values[at + j]);
    if (!finite) {
      bad.count++;
      if (bad.rows.length < NAMED) bad.rows.push(i);
      continue;
    }
    if (kept !== i) values.copyWithin(kept * d, at, at + d);
    for (let j = 0; j < d; j++) {
      const v = values[at + j];
      if (v < low[j]) low[j] = v;
      if (v > high[j]) high[j] = v;
    }
    rows[kept++] = i;
  }
  if (kept === 0) throw new AtelierError('bad-data', `${path} has no row of numbers that are all finite (${n} rows).`, 'Choose other columns, or repair the missing values.');
  const warnings: string[] = [];
  if (bad.count > 0) warnings.push(`${path}: ${count(bad.count, 'row')} left out, for ${bad.reason}: ${list(bad.rows, bad.count)}.`);
  const constant = Array.from(low).flatMap((v, j) => (v === high[j] ? [columns[j] ?? `column ${j}`] : []));
  if (constant.length === d) warnings.push(`${path}: all rows are equal, so there is nothing to lay out.`);
  else if (constant.length > 0) warnings.push(`${path}: ${count(constant.length, 'column')} with the same value in every row (${list(constant.slice(0, NAMED), constant.length)}) ${constant.length === 1 ? 'tells' : 'tell'} nothing.`);
  return { values: values.subarray(0, kept * d), n: kept, d, rows: rows.slice(0, kept), excluded: bad.count > 0 ? [bad] : [], warnings };
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const list = (some: readonly (string | number)[], total: number): string => `${some.join(', ')}${total > some.length ? ', ...' : ''}`;
