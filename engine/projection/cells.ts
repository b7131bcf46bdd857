import { rng } from '../core/rng.ts';
import { throwIfCancelled, type Rows, type Watch } from './neighbours.ts';
import type { TopProducts } from './top-products.ts';

/** Rows gathered by k-means: rows of one cell stand together in `order`. */
export interface Cells {
  count: number;
  /** Row numbers, cell by cell. [N] */
  order: Int32Array;
  /** Where each cell starts in `order`. [count + 1] */
  offsets: Int32Array;
  /** The cell of each row. [N] */
  cellOf: Int32Array;
  /** All cells by the distance of their centres, the cell itself first. */
  nearOf(cell: number): Int32Array;
}

const ROUNDS = 6;
const BLOCK = 2048;
/** Rows per cell that take part in finding the centres. */
const SAMPLED = 200;

/** About sqrt(N) cells by Lloyd's algorithm on a sample; empty cells keep their centre and stay empty. */
export async function cellsOf({ values, n, d }: Rows, topProducts: TopProducts, seed: number, watch: Watch): Promise<Cells> {
  const count = Math.max(2, Math.round(Math.sqrt(n)));
  const random = rng(seed, 'cells');
  const sampled = Math.min(n, count * SAMPLED);
  const picks = random.shuffle(Int32Array.from({ length: n }, (_, i) => i)).subarray(0, sampled);
  const sample = new Float32Array(sampled * d);
  picks.forEach((row, i) => sample.set(values.subarray(row * d, (row + 1) * d), i * d));
  const centres = sample.slice(0, count * d);
  const cellOfSample = new Int32Array(sampled);
  for (let round = 0; round < ROUNDS; round++) {
    throwIfCancelled(watch);
    await assign(sample, sampled, d, centres, topProducts, cellOfSample);
    moveCentres(sample, sampled, d, centres, cellOfSample);
  }
  const cellOf = new Int32Array(n);
  await assign(values, n, d, centres, topProducts, cellOf);

  const offsets = new Int32Array(count + 1);
  for (let i = 0; i < n; i++) offsets[cellOf[i] + 1]++;
  for (let c = 0; c < count; c++) offsets[c + 1] += offsets[c];
  const next = offsets.slice(0, count);
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[next[cellOf[i]]++] = i;
  return { count, order, offsets, cellOf, nearOf: (cell) => byDistance(centres, count, d, cell) };
}

async function assign(x: Float32Array, n: number, d: number, centres: Float32Array, topProducts: TopProducts, out: Int32Array): Promise<void> {
  const count = centres.length / d;
  const bias = new Float32Array(count);
  for (let c = 0; c < count; c++) for (let j = 0; j < d; j++) bias[c] -= centres[c * d + j] ** 2 / 2;
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK);
    const { indices } = await topProducts(x.subarray(from * d, to * d), centres, bias, d, 1);
    out.set(indices.subarray(0, to - from), from);
  }
}

function moveCentres(x: Float32Array, n: number, d: number, centres: Float32Array, cellOf: Int32Array): void {
  const count = centres.length / d;
  const sums = new Float64Array(count * d);
  const sizes = new Float64Array(count);
  for (let i = 0; i < n; i++) {
    const at = cellOf[i] * d;
    sizes[cellOf[i]]++;
    for (let j = 0; j < d; j++) sums[at + j] += x[i * d + j];
  }
  for (let c = 0; c < count; c++) if (sizes[c] > 0) for (let j = 0; j < d; j++) centres[c * d + j] = sums[c * d + j] / sizes[c];
}

function byDistance(centres: Float32Array, count: number, d: number, cell: number): Int32Array {
  const square = new Float64Array(count);
  for (let c = 0; c < count; c++) for (let j = 0; j < d; j++) square[c] += (centres[c * d + j] - centres[cell * d + j]) ** 2;
  square[cell] = -1;
  return Int32Array.from({ length: count }, (_, c) => c).sort((a, b) => square[a] - square[b] || a - b);
}

/**
 * How many cells a row must look into so that the wanted share of its true neighbours lies in them.
 * @param truth some rows and their true nearest rows [rows, k]
 * @returns also the share of neighbours covered, and the share of all rows looked at
 */
export function probesFor(cells: Cells, truth: { rows: Int32Array; nearest: Int32Array; k: number }, wanted: number): { probes: number; covered: number; share: number } {
  const atRank = new Int32Array(cells.count);
  const rowsWithin = new Float64Array(cells.count + 1);
  const rank = new Int32Array(cells.count);
  const { rows, nearest, k } = truth;
  for (let i = 0; i < rows.length; i++) {
    const near = cells.nearOf(cells.cellOf[rows[i]]);
    let size = 0;
    near.forEach((cell, r) => {
      rank[cell] = r;
      size += cells.offsets[cell + 1] - cells.offsets[cell];
      rowsWithin[r + 1] += size;
    });
    for (let j = 0; j < k; j++) if (nearest[i * k + j] !== rows[i]) atRank[rank[cells.cellOf[nearest[i * k + j]]]]++;
  }
  const total = atRank.reduce((a, b) => a + b, 0);
  let probes = 0;
  let found = 0;
  while (probes < cells.count && found < wanted * total) found += atRank[probes++];
  const n = cells.order.length;
  return { probes, covered: found / total, share: rowsWithin[probes] / rows.length / n };
}
