import { AtelierError } from '../core/errors.ts';
import { rng } from '../core/rng.ts';
import { cellsOf, probesFor, type Cells } from './cells.ts';
import { checkRows, sharedFloats, sharedInts, throwIfCancelled, type Metric, type Neighbours, type Rows, type Watch } from './neighbours.ts';
import { insertLargest, plainTopProducts, type TopProducts } from './top-products.ts';

export interface NeighbourOptions extends Watch {
  /** Neighbours of each row, itself not counted; at most N - 1 are given. */
  k: number;
  metric?: Metric;
  seed?: number;
  topProducts?: TopProducts;
  /** Tables up to this many rows are searched exactly, larger ones by cells to `recall`. */
  exactUpTo?: number;
  /** Share of the true neighbours to find, at most 1 (which searches exactly). */
  recall?: number;
}

const QUERIES = 256;
const CANDIDATES = 8192;
/** Products are of single precision: some more than k are taken and sorted again by their exact distances. */
const EXTRA = 4;
/** Rows on which the recall of a search by cells is measured. */
const SAMPLE = 500;

/**
 * The nearest rows of each row. Small tables: every row against every row, in blocks. Large ones: rows are gathered into
 * cells by k-means, and a cell's rows look into the cells near it (an inverted file: Jegou, Douze and Schmid 2011); how many
 * is chosen on a sample of rows whose true neighbours are known, so the recall is measured, not hoped for.
 * @throws AtelierError 'bad-input' | 'cancelled'
 */
export async function nearestNeighbours(rows: Rows, options: NeighbourOptions): Promise<Neighbours> {
  checkRows(rows, 'neighbours');
  if (!Number.isInteger(options.k) || options.k < 1) throw new AtelierError('bad-input', `neighbours: k is ${options.k}.`, 'Ask for at least one neighbour.');
  const { metric = 'euclidean', exactUpTo = 20_000, recall = 0.995 } = options;
  const k = Math.min(options.k, rows.n - 1);
  const search: Search = { ...rows, ...prepared(rows, metric), metric, k, wanted: Math.min(rows.n, k + 1 + EXTRA), topProducts: options.topProducts ?? plainTopProducts, watch: options };
  const out: Neighbours = { n: rows.n, k, indices: sharedInts(rows.n * k), distances: sharedFloats(rows.n * k), recall: 1 };
  if (k === 0) return out;
  if (rows.n <= exactUpTo || recall >= 1) {
    await searchAll(search, out);
    return out;
  }
  options.onProgress?.(0, 'Gathering rows into cells');
  const cells = await cellsOf(search, search.topProducts, options.seed ?? 0, options);
  const truth = await sampleTruth(search, options.seed ?? 0);
  const { probes, covered, share } = probesFor(cells, truth, recall);
  if (share > 0.6) await searchAll(search, out);
  else {
    await searchCells(search, cells, probes, out);
    out.recall = covered;
  }
  return out;
}

/**
 * The nearest of some rows for each of other rows, searched exactly.
 * @param queries [M, D] @returns of each query `k` rows of `reference`, at most N
 * @throws AtelierError 'bad-input' when the dimensions differ
 */
export async function nearestIn(reference: Rows, queries: Rows, options: Omit<NeighbourOptions, 'recall' | 'exactUpTo' | 'seed'>): Promise<Neighbours> {
  checkRows(reference, 'neighbours');
  checkRows(queries, 'neighbours');
  const { n, d } = reference;
  if (queries.d !== d) throw new AtelierError('bad-input', `neighbours: rows of ${queries.d} dimensions among rows of ${d}.`, 'Use rows of the same columns.');
  const k = Math.min(options.k, n);
  // One matrix, so that both are centred or scaled alike; only the first part is searched.
  const all = new Float32Array((n + queries.n) * d);
  all.set(reference.values);
  all.set(queries.values, n * d);
  const { metric = 'euclidean' } = options;
  const { values, bias } = prepared({ values: all, n: n + queries.n, d }, metric);
  const search: Search = { values, n, d, bias, metric, k, wanted: Math.min(n, k + EXTRA), topProducts: options.topProducts ?? plainTopProducts, watch: options };
  const out: Neighbours = { n: queries.n, k, indices: sharedInts(queries.n * k), distances: sharedFloats(queries.n * k), recall: 1 };
  for (let from = 0; from < queries.n; from += QUERIES) {
    throwIfCancelled(options);
    const to = Math.min(queries.n, from + QUERIES);
    const ids = await bestOfAll(search, values.subarray((n + from) * d, (n + to) * d));
    for (let i = from; i < to; i++) keepNearest(search, n + i, ids, (i - from) * search.wanted, search.wanted, out, i);
    options.onProgress?.(to / queries.n, 'Finding neighbours');
    await breathe();
  }
  return out;
}

interface Search extends Rows {
  bias: Float32Array;
  metric: Metric;
  k: number;
  wanted: number;
  topProducts: TopProducts;
  watch: Watch;
}

/** Centred rows (which keeps single precision sharp), or rows of unit length, with the bias that makes products rank by distance. */
function prepared({ values, n, d }: Rows, metric: Metric): { values: Float32Array; bias: Float32Array } {
  const out = new Float32Array(n * d);
  const bias = new Float32Array(n);
  const mean = new Float64Array(d);
  if (metric === 'euclidean') {
    for (let i = 0, at = 0; i < n; i++) for (let j = 0; j < d; j++, at++) mean[j] += values[at];
    for (let j = 0; j < d; j++) mean[j] /= n;
  }
  for (let i = 0; i < n; i++) {
    const at = i * d;
    let square = 0;
    for (let j = 0; j < d; j++) {
      const v = (out[at + j] = values[at + j] - mean[j]);
      square += v * v;
    }
    if (metric === 'euclidean') bias[i] = -square / 2;
    else if (square > 0) {
      const scale = 1 / Math.sqrt(square);
      for (let j = 0; j < d; j++) out[at + j] *= scale;
    }
  }
  return { values: out, bias };
}

/** The best `wanted` of all rows for some queries. @returns row numbers, [B, wanted] */
async function bestOfAll(s: Search, queries: Float32Array): Promise<Int32Array> {
  const b = queries.length / s.d;
  const ids = new Int32Array(b * s.wanted);
  const scores = new Float32Array(b * s.wanted).fill(-Infinity);
  for (let from = 0; from < s.n; from += CANDIDATES) {
    const to = Math.min(s.n, from + CANDIDATES);
    const take = Math.min(s.wanted, to - from);
    const found = await s.topProducts(queries, s.values.subarray(from * s.d, to * s.d), s.bias.subarray(from, to), s.d, take);
    for (let q = 0; q < b; q++) {
      const best = scores.subarray(q * s.wanted, (q + 1) * s.wanted);
      const at = ids.subarray(q * s.wanted, (q + 1) * s.wanted);
      for (let j = q * take; j < (q + 1) * take; j++) {
        if (!(found.scores[j] > best[s.wanted - 1])) break;
        insertLargest(best, at, found.scores[j], from + found.indices[j]);
      }
    }
  }
  return ids;
}

async function searchAll(s: Search, out: Neighbours): Promise<void> {
  for (let from = 0; from < s.n; from += QUERIES) {
    throwIfCancelled(s.watch);
    const to = Math.min(s.n, from + QUERIES);
    const ids = await bestOfAll(s, s.values.subarray(from * s.d, to * s.d));
    for (let i = from; i < to; i++) keepNearest(s, i, ids, (i - from) * s.wanted, s.wanted, out);
    s.watch.onProgress?.(to / s.n, 'Finding neighbours');
    await breathe();
  }
}

async function searchCells(s: Search, cells: Cells, probes: number, out: Neighbours): Promise<void> {
  const { order, offsets, nearOf, count } = cells;
  let done = 0;
  let block = new Float32Array(0);
  let blockBias = new Float32Array(0);
  let rowOf = new Int32Array(0);
  const sorted = new Float32Array(s.n * s.d);
  const sortedBias = new Float32Array(s.n);
  for (let i = 0; i < s.n; i++) {
    sorted.set(s.values.subarray(order[i] * s.d, (order[i] + 1) * s.d), i * s.d);
    sortedBias[i] = s.bias[order[i]];
  }
  for (let cell = 0; cell < count; cell++) {
    throwIfCancelled(s.watch);
    const near = nearOf(cell);
    let size = 0;
    let used = 0;
    while (used < count && (used < probes || size < s.wanted)) {
      size += offsets[near[used] + 1] - offsets[near[used]];
      used++;
    }
    if (block.length < size * s.d) {
      block = new Float32Array(Math.ceil(size * 1.25) * s.d);
      blockBias = new Float32Array(Math.ceil(size * 1.25));
      rowOf = new Int32Array(Math.ceil(size * 1.25));
    }
    let at = 0;
    for (let c = 0; c < used; c++) {
      const a = offsets[near[c]], z = offsets[near[c] + 1];
      block.set(sorted.subarray(a * s.d, z * s.d), at * s.d);
      blockBias.set(sortedBias.subarray(a, z), at);
      rowOf.set(order.subarray(a, z), at);
      at += z - a;
    }
    for (let from = offsets[cell]; from < offsets[cell + 1]; from += QUERIES) {
      const to = Math.min(offsets[cell + 1], from + QUERIES);
      const found = await s.topProducts(sorted.subarray(from * s.d, to * s.d), block.subarray(0, size * s.d), blockBias.subarray(0, size), s.d, s.wanted);
      const ids = found.indices;
      for (let j = 0; j < ids.length; j++) ids[j] = rowOf[ids[j]];
      for (let i = from; i < to; i++) keepNearest(s, order[i], ids, (i - from) * s.wanted, s.wanted, out);
      done += to - from;
    }
    s.watch.onProgress?.(done / s.n, 'Finding neighbours');
    if (cell % 16 === 0) await breathe();
  }
}

/** Sorts the candidates of a row by their exact distance and keeps k that are not the row itself. Ties: the lower row first. */
function keepNearest(s: Search, row: number, ids: Int32Array, at: number, count: number, out: Neighbours, slot = row): void {
  const { values, d, k } = s;
  const found: number[] = [];
  const distance: number[] = [];
  for (let c = at; c < at + count; c++) {
    const other = ids[c];
    if (other === row) continue;
    let sum = 0;
    if (s.metric === 'euclidean') {
      for (let a = row * d, b = other * d, end = a + d; a < end; a++, b++) {
        const v = values[a] - values[b];
        sum += v * v;
      }
      sum = Math.sqrt(sum);
    } else {
      for (let a = row * d, b = other * d, end = a + d; a < end; a++, b++) sum += values[a] * values[b];
      sum = Math.max(0, 1 - sum);
    }
    let to = found.length;
    while (to > 0 && (distance[to - 1] > sum || (distance[to - 1] === sum && found[to - 1] > other))) to--;
    found.splice(to, 0, other);
    distance.splice(to, 0, sum);
  }
  for (let j = 0; j < k; j++) {
    out.indices[slot * k + j] = found[j];
    out.distances[slot * k + j] = distance[j];
  }
}

async function sampleTruth(s: Search, seed: number): Promise<{ rows: Int32Array; nearest: Int32Array; k: number }> {
  const random = rng(seed, 'recall');
  const rows = Int32Array.from({ length: SAMPLE }, () => random.int(s.n));
  const queries = new Float32Array(SAMPLE * s.d);
  rows.forEach((row, i) => queries.set(s.values.subarray(row * s.d, (row + 1) * s.d), i * s.d));
  const ids = await bestOfAll(s, queries);
  const take = s.k + 1;
  const nearest = new Int32Array(SAMPLE * take);
  for (let i = 0; i < SAMPLE; i++) nearest.set(ids.subarray(i * s.wanted, i * s.wanted + take), i * take);
  return { rows, nearest, k: take };
}

/** Lets messages in, so that a cancel is heard. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
