import type { Rows } from '../../projection/index.ts';

/**
 * The direction from the mean of some rows to that of others (Larsen et al. 2016, section 4), and how well it tells them apart: each row
 * goes to the nearer mean, of which it is no part itself.
 */
export function attributeOf({ values, d }: Rows, from: Int32Array, to: Int32Array): { direction: Float32Array; length: number; accuracy: number } {
  const sum = (of: Int32Array): Float64Array => {
    const s = new Float64Array(d);
    for (const i of of) for (let j = 0; j < d; j++) s[j] += values[i * d + j];
    return s;
  };
  const a = sum(from), b = sum(to);
  const direction = Float32Array.from({ length: d }, (_, j) => b[j] / to.length - a[j] / from.length);
  let right = 0;
  const count = (of: Int32Array, own: Float64Array, other: Float64Array, others: number): void => {
    for (const i of of) {
      let toOwn = 0, toOther = 0;
      for (let j = 0; j < d; j++) {
        const v = values[i * d + j];
        const mean = of.length > 1 ? (own[j] - v) / (of.length - 1) : own[j];
        toOwn += (v - mean) ** 2;
        toOther += (v - other[j] / others) ** 2;
      }
      if (toOwn < toOther) right++;
    }
  };
  count(from, a, b, to.length);
  count(to, b, a, from.length);
  return { direction, length: Math.sqrt(direction.reduce((s, v) => s + v * v, 0)), accuracy: right / (from.length + to.length) };
}
