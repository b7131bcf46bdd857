/** Training curves as columns, for charts. Pure; nothing here is reactive. */
import type { MetricRow } from '../../electron/contract/index.ts';

export type Split = 'train' | 'validation';

/** One metric of one split: values at ascending steps, in growing typed arrays. */
export class Series {
  length = 0;
  #steps = new Float64Array(256);
  #values = new Float64Array(256);

  get steps(): Float64Array {
    return this.#steps.subarray(0, this.length);
  }
  get values(): Float64Array {
    return this.#values.subarray(0, this.length);
  }
  get last(): number | undefined {
    return this.length ? this.#values[this.length - 1] : undefined;
  }

  /** A step at or before the last replaces what stood there and after (a resumed run goes back to its checkpoint). */
  push(step: number, value: number): void {
    while (this.length && this.#steps[this.length - 1] >= step) this.length--;
    if (this.length === this.#steps.length) {
      this.#steps = grow(this.#steps);
      this.#values = grow(this.#values);
    }
    this.#steps[this.length] = step;
    this.#values[this.length++] = value;
  }
}

function grow(old: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const next = new Float64Array(old.length * 2);
  next.set(old);
  return next;
}

const notMetrics = new Set(['step', 'split', 'time']);

export class Curves {
  readonly series: Record<Split, Map<string, Series>> = { train: new Map(), validation: new Map() };
  lastStep = 0;
  lastTime = 0;

  add(rows: readonly MetricRow[]): void {
    for (const row of rows) {
      const table = this.series[row.split];
      if (!table) continue;
      for (const key of Object.keys(row)) {
        const value = row[key];
        if (notMetrics.has(key) || typeof value !== 'number') continue;
        let series = table.get(key);
        if (!series) table.set(key, (series = new Series()));
        series.push(row.step, value);
      }
      this.lastStep = row.step;
      this.lastTime = row.time;
    }
  }

  /** Every metric that either split has. */
  names(): string[] {
    return [...new Set([...this.series.validation.keys(), ...this.series.train.keys()])];
  }
}

/**
 * Exponential moving average without a bias towards zero at the start (Kingma & Ba 2015, eq. 4 of the correction).
 * @param amount 0 (as it is) to below 1
 */
export function smooth(values: ArrayLike<number>, amount: number): Float64Array {
  const out = new Float64Array(values.length);
  let mean = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (Number.isFinite(v)) {
      mean = amount * mean + (1 - amount) * v;
      weight = amount * weight + (1 - amount);
    }
    out[i] = weight ? mean / weight : v;
  }
  return out;
}

/**
 * At most `count` points that keep the look of a curve: the lowest and the highest value of each bucket, in order.
 * @returns indices, ascending, first and last included
 */
export function decimate(values: ArrayLike<number>, count: number): Int32Array {
  const n = values.length;
  if (n <= count) return Int32Array.from({ length: n }, (_, i) => i);
  const buckets = Math.max(1, Math.floor((count - 2) / 2));
  const picked = [0];
  for (let b = 0; b < buckets; b++) {
    const from = 1 + Math.floor((b * (n - 2)) / buckets);
    const to = 1 + Math.floor(((b + 1) * (n - 2)) / buckets);
    let low = from;
    let high = from;
    for (let i = from; i < to; i++) {
      if (values[i] < values[low]) low = i;
      if (values[i] > values[high]) high = i;
    }
    if (from >= to) continue;
    picked.push(Math.min(low, high));
    if (low !== high) picked.push(Math.max(low, high));
  }
  picked.push(n - 1);
  return Int32Array.from(picked);
}

/**
 * Two curves over one axis, as uPlot wants them: [steps, train, validation] with null where a curve has no value.
 */
export function aligned(train: { steps: ArrayLike<number>; values: ArrayLike<number> }, validation: { steps: ArrayLike<number>; values: ArrayLike<number> }): [number[], (number | null)[], (number | null)[]] {
  const x: number[] = [];
  const a: (number | null)[] = [];
  const b: (number | null)[] = [];
  let i = 0;
  let j = 0;
  while (i < train.steps.length || j < validation.steps.length) {
    const s = i < train.steps.length ? train.steps[i] : Infinity;
    const t = j < validation.steps.length ? validation.steps[j] : Infinity;
    x.push(Math.min(s, t));
    a.push(s <= t ? train.values[i++] : null);
    b.push(t <= s ? validation.values[j++] : null);
  }
  return [x, a, b];
}
