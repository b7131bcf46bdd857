import { AtelierError } from '../core/errors.ts';
import { ranges, type Crew } from './crew.ts';
import { forceTable } from './force-table.ts';
import { sharedFloats, sharedInts, throwIfCancelled, type Neighbours, type Watch } from './neighbours.ts';
import { fitCurve } from './umap-curve.ts';

export interface PlaceOptions extends Watch {
  dims: 2 | 3;
  seed?: number;
  /** Epochs of UMAP's descent after the start; 0 for layouts that UMAP did not make. */
  epochs?: number;
  /** Of the layout. */
  minDist?: number;
  spread?: number;
  negatives?: number;
}

const FIRST_STEP = 0.25;

/**
 * Places new rows into a layout that stays as it is: each begins at the mean of its neighbours' places, weighted by the
 * strength of its bonds to them, and is then moved by UMAP's forces alone against the fixed points.
 * @param layout [N, dims]
 * @param neighbours of each new row among those N
 * @returns [M, dims]
 * @throws AtelierError 'bad-input' | 'cancelled'
 */
export async function placeAmong(layout: Float32Array, neighbours: Neighbours, options: PlaceOptions, crew: Crew): Promise<Float32Array> {
  const { dims, seed = 0, epochs = 100, minDist = 0.1, spread = 1, negatives = 5 } = options;
  const { n: m, k, indices } = neighbours;
  const n = layout.length / dims;
  if (!Number.isInteger(n) || n < 1 || k < 1) throw new AtelierError('bad-input', `place: ${layout.length} coordinates in ${dims} dimensions, ${k} neighbours.`, 'Pass the layout of at least one row, and a neighbour or more of each new row.');
  const weights = sharedFloats(m * k);
  await crew.run('fuzzyWeights', ranges(m, crew.size * 2).map((range) => ({ ...range, k, distances: neighbours.distances, weights })));

  let before = sharedFloats((n + m) * 3), after = sharedFloats((n + m) * 3);
  for (let i = 0; i < n; i++) for (let c = 0; c < dims; c++) before[i * 3 + c] = layout[i * dims + c];
  for (let i = 0; i < m; i++) {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += weights[i * k + j];
    for (let j = 0; j < k; j++) for (let c = 0; c < dims; c++) before[(n + i) * 3 + c] += (weights[i * k + j] / sum) * layout[indices[i * k + j] * dims + c];
  }
  after.set(before);

  // Old rows have no bonds of their own here: only the new ones are moved.
  const offsets = sharedInts(n + m + 1);
  for (let i = 0; i < m; i++) offsets[n + i + 1] = (i + 1) * k;
  const periods = sharedFloats(m * k), due = sharedFloats(m * k);
  for (let e = 0; e < m * k; e++) due[e] = periods[e] = weights[e] * epochs < 1 ? Infinity : 1 / weights[e];
  const { a, b } = fitCurve(minDist, spread);
  const table = forceTable(a, b);
  const parts = ranges(m, crew.size * 4).map(({ from, to }) => ({ from: n + from, to: n + to }));
  for (let epoch = 0; epoch < epochs; epoch++) {
    throwIfCancelled(options);
    const common = { before, after, offsets, targets: indices, periods, due, epoch, alpha: FIRST_STEP * (1 - epoch / epochs), negatives, seed, table, pushers: n, pull: 1 };
    await crew.run('umapEpoch', parts.map((part) => ({ ...common, ...part })));
    [before, after] = [after, before];
    options.onProgress?.((epoch + 1) / epochs, 'Placing new rows');
  }
  const out = new Float32Array(m * dims);
  for (let i = 0; i < m; i++) for (let c = 0; c < dims; c++) out[i * dims + c] = before[(n + i) * 3 + c];
  return out;
}
