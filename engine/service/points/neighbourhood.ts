import { AtelierError } from '../../core/errors.ts';
import type { PointTable } from '../../data/points/index.ts';
import type { Metric, Neighbours, Rows } from '../../projection/index.ts';

/** Neighbours of points in the original space. What projections found is kept and used again. */
export class Neighbourhood {
  readonly #table: PointTable;
  readonly #known = new Map<Metric, Neighbours>();

  constructor(table: PointTable) {
    this.#table = table;
  }

  /** @throws AtelierError 'bad-input' for a source without vectors */
  rows(): Rows {
    const { vectors } = this.#table;
    if (!vectors) throw new AtelierError('bad-input', 'The table has no vectors.', 'Name the columns that make them when it is opened.');
    return { values: vectors.values, n: vectors.n, d: vectors.d };
  }

  known(metric: Metric): Neighbours | undefined {
    return this.#known.get(metric);
  }

  keep(metric: Metric, neighbours: Neighbours): void {
    if ((this.#known.get(metric)?.k ?? 0) < neighbours.k) this.#known.set(metric, neighbours);
  }

  /** The points nearest to one, nearest first, by a scan of all. */
  async of(index: number, count: number, metric: Metric): Promise<{ indices: Int32Array; distances: Float32Array }> {
    const { values, n, d } = this.rows();
    if (index >= n) throw new AtelierError('bad-input', `There are ${n} points; there is no point ${index}.`, 'Points count from 0.');
    const known = this.#known.get(metric);
    if (known && known.k >= count) return { indices: known.indices.slice(index * known.k, index * known.k + count), distances: known.distances.slice(index * known.k, index * known.k + count) };
    return this.nearest(values.subarray(index * d, (index + 1) * d), count, metric, index);
  }

  /** The points nearest to a vector. @param except a point to leave out */
  async nearest(vector: Float32Array, count: number, metric: Metric, except = -1): Promise<{ indices: Int32Array; distances: Float32Array }> {
    const { values, n, d } = this.rows();
    let own = 0;
    for (let j = 0; j < d; j++) own += vector[j] * vector[j];
    const found: number[] = [];
    const distance: number[] = [];
    const block = Math.max(1, Math.floor(2e7 / d));
    for (let from = 0; from < n; from += block) {
      if (from > 0) await new Promise((resolve) => setImmediate(resolve)); // others are answered meanwhile
      for (let i = from; i < Math.min(n, from + block); i++) {
        if (i === except) continue;
        let s = 0;
        if (metric === 'euclidean') {
          const worst = found.length === count ? distance[count - 1] : Infinity;
          for (let j = 0, at = i * d; j < d; j++, at++) {
            const v = values[at] - vector[j];
            s += v * v;
            if (s >= worst) break;
          }
        } else {
          let dot = 0, square = 0;
          for (let j = 0, at = i * d; j < d; j++, at++) {
            dot += values[at] * vector[j];
            square += values[at] * values[at];
          }
          s = square > 0 && own > 0 ? Math.max(0, 1 - dot / Math.sqrt(square * own)) : 1;
        }
        if (found.length === count && !(s < distance[count - 1])) continue;
        let at = found.length;
        while (at > 0 && distance[at - 1] > s) at--;
        found.splice(at, 0, i);
        distance.splice(at, 0, s);
        if (found.length > count) {
          found.pop();
          distance.pop();
        }
      }
    }
    return { indices: Int32Array.from(found), distances: Float32Array.from(distance, (s) => (metric === 'euclidean' ? Math.sqrt(s) : s)) };
  }
}
