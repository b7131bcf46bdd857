import { AtelierError } from '../core/errors.ts';
import { rng } from '../core/rng.ts';
import { ranges, type Crew } from './crew.ts';
import { sharedFloats, throwIfCancelled, type Metric, type Neighbours, type Rows, type Watch } from './neighbours.ts';

export interface Quality {
  /** 1 when no row has a false neighbour in the layout, lower the farther away those are in the data. */
  trustworthiness: number;
  /** 1 when no true neighbour was torn away. */
  continuity: number;
  /** Neighbours compared. */
  k: number;
  /** Rows on which the two were measured. */
  sampled: number;
  /** The two of each row, NaN where it was not measured. [N] */
  rows: { trustworthiness: Float32Array; continuity: Float32Array };
}

export interface QualityOptions extends Watch {
  metric?: Metric;
  k?: number;
  /** Rows to measure on; default: as many as take some seconds, at least 200. */
  sample?: number;
  seed?: number;
}

/**
 * Trustworthiness and continuity (Venna and Kaski 2001) of a layout, on a seeded sample of rows against all rows.
 * @param positions [N, dims]
 */
export async function layoutQuality({ values, n, d }: Rows, positions: Float32Array, dims: number, options: QualityOptions, crew: Crew): Promise<Quality> {
  if (positions.length !== n * dims) throw new AtelierError('bad-input', `quality: ${positions.length} coordinates for ${n} rows in ${dims} dimensions.`, 'Pass N*dims coordinates.');
  const k = Math.min(options.k ?? 10, Math.max(1, Math.floor((n - 1) / 2)));
  const sampled = Math.min(n, options.sample ?? Math.max(200, Math.floor(4e9 / (n * (d + 8)))));
  const random = rng(options.seed ?? 0, 'quality');
  const sample = Int32Array.from({ length: n }, (_, i) => i);
  if (sampled < n) random.shuffle(sample);
  const shared = { values: sharedRows(values, d, options.metric ?? 'euclidean'), positions: sharedFloats(positions.length) };
  shared.positions.set(positions);
  const intruders = new Float64Array(new SharedArrayBuffer(sampled * 8)), lost = new Float64Array(new SharedArrayBuffer(sampled * 8));
  const norm = k * (2 * n - 3 * k - 1);
  if (norm <= 0) return { trustworthiness: 1, continuity: 1, k, sampled, rows: { trustworthiness: new Float32Array(n).fill(1), continuity: new Float32Array(n).fill(1) } };
  const parts = ranges(sampled, Math.ceil(sampled / 32));
  for (let p = 0; p < parts.length; p += crew.size) {
    throwIfCancelled(options);
    await crew.run('rankPenalties', parts.slice(p, p + crew.size).map((part) => ({ ...part, ...shared, sample: sample.slice(0, sampled), d, dims, k, intruders, lost })));
    options.onProgress?.(Math.min(1, (p + crew.size) / parts.length), 'Measuring quality');
  }
  const mean = (sums: Float64Array): number => sums.reduce((a, b) => a + b, 0) / sampled;
  const each = (sums: Float64Array): Float32Array => {
    const out = new Float32Array(n).fill(NaN);
    for (let s = 0; s < sampled; s++) out[sample[s]] = 1 - (2 / norm) * sums[s];
    return out;
  };
  return { trustworthiness: 1 - (2 / norm) * mean(intruders), continuity: 1 - (2 / norm) * mean(lost), k, sampled, rows: { trustworthiness: each(intruders), continuity: each(lost) } };
}

/**
 * For each row the share of its true neighbours that are among its neighbours in the layout.
 * @param data neighbours in the data @param layout neighbours in the layout, of the same rows
 * @returns [N], 0 to 1
 */
export function neighbourRecall(data: Neighbours, layout: Neighbours, k = 10): Float32Array {
  const take = Math.min(k, data.k, layout.k);
  const out = new Float32Array(data.n).fill(take === 0 ? 1 : 0);
  for (let i = 0; i < data.n; i++) {
    for (let a = 0; a < take; a++) {
      for (let b = 0; b < take; b++) if (data.indices[i * data.k + a] === layout.indices[i * layout.k + b]) out[i] += 1 / take;
    }
  }
  return out;
}

/** Rows in shared memory; for the cosine of unit length, whose Euclidean order is that of the cosine. */
function sharedRows(values: Float32Array, d: number, metric: Metric): Float32Array {
  const out = sharedFloats(values.length);
  out.set(values);
  if (metric === 'euclidean') return out;
  for (let at = 0; at < out.length; at += d) {
    const row = out.subarray(at, at + d);
    let square = 0;
    for (const v of row) square += v * v;
    if (square > 0) for (let j = 0; j < d; j++) row[j] /= Math.sqrt(square);
  }
  return out;
}
