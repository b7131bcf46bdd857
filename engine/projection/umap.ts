import { AtelierError } from '../core/errors.ts';
import { rng } from '../core/rng.ts';
import { ranges, type Crew } from './crew.ts';
import { forceTable } from './force-table.ts';
import { fuzzyGraph, type Graph } from './fuzzy-graph.ts';
import { sharedFloats, throwIfCancelled, type Neighbours, type Watch } from './neighbours.ts';
import { fitCurve } from './umap-curve.ts';

export interface UmapOptions extends Watch {
  dims: 2 | 3;
  /** How close points may lie, in units of the layout; 0 to `spread`. */
  minDist?: number;
  spread?: number;
  /** Default: 500 up to 10,000 rows, 200 beyond (as umap-learn). */
  epochs?: number;
  /** Random points that push at each pull. */
  negatives?: number;
  seed?: number;
  /** Where to begin, [N, dims]; scaled so that the farthest coordinate is 10. */
  start: Float32Array;
  /** A class of each row, -1 where unknown: bonds between classes are weakened. [N] */
  classes?: Int32Array;
  /** A layout under way, about ten times a second. [N, dims], the callee's to keep. */
  onLayout?: (positions: Float32Array, epoch: number) => void;
}

const EXTENT = 10;
const LAYOUT_EVERY_MS = 100;

/**
 * UMAP (McInnes, Healy and Melville 2018, https://arxiv.org/abs/1802.03426) of rows whose neighbours are known.
 * @returns positions [N, dims]; the same for the same seed, whatever the number of threads
 * @throws AtelierError 'bad-input' | 'cancelled'
 */
export async function umap(neighbours: Neighbours, options: UmapOptions, crew: Crew): Promise<Float32Array> {
  const { n } = neighbours;
  const { dims, minDist = 0.1, spread = 1, negatives = 5, seed = 0, epochs = n <= 10_000 ? 500 : 200 } = options;
  if (options.start.length !== n * dims) throw new AtelierError('bad-input', `umap: a start of ${options.start.length} values for ${n} rows in ${dims} dimensions.`, 'Pass N*dims values.');
  if (!(minDist >= 0 && minDist <= spread && spread > 0)) throw new AtelierError('bad-input', `umap: minDist ${minDist}, spread ${spread}.`, 'Choose 0 <= minDist <= spread.');
  options.onProgress?.(0, 'Weighing neighbours');
  const graph = await fuzzyGraph(neighbours, crew);
  throwIfCancelled(options);
  if (options.classes) weakenAcross(graph, options.classes);
  const { periods, due } = schedule(graph, epochs);
  const { a, b } = fitCurve(minDist, spread);
  const table = forceTable(a, b);
  let before = begin(options.start, n, dims, seed);
  let after = sharedFloats(n * 3);
  const parts = ranges(n, crew.size * 4);
  let shown = performance.now();
  for (let epoch = 0; epoch < epochs; epoch++) {
    throwIfCancelled(options);
    const common = { before, after, offsets: graph.offsets, targets: graph.targets, periods, due, epoch, alpha: 1 - epoch / epochs, negatives, seed, table, pushers: n, pull: 2 };
    await crew.run('umapEpoch', parts.map((part) => ({ ...common, ...part })));
    [before, after] = [after, before];
    options.onProgress?.((epoch + 1) / epochs, 'Laying out');
    if (options.onLayout && performance.now() - shown > LAYOUT_EVERY_MS) {
      options.onLayout(unpad(before, n, dims), epoch + 1);
      shown = performance.now();
    }
  }
  return unpad(before, n, dims);
}

/** The start with a third coordinate, scaled, and shaken a little so that duplicates part. [N, 3] */
function begin(start: Float32Array, n: number, dims: number, seed: number): Float32Array<SharedArrayBuffer> {
  const out = sharedFloats(n * 3);
  let largest = 0;
  for (const v of start) largest = Math.max(largest, Math.abs(v));
  const scale = largest > 0 ? EXTENT / largest : 1;
  const random = rng(seed, 'umap start');
  for (let i = 0; i < n; i++) for (let c = 0; c < dims; c++) out[i * 3 + c] = start[i * dims + c] * scale + 1e-3 * random.normal();
  return out;
}

function unpad(positions: Float32Array, n: number, dims: number): Float32Array {
  const out = new Float32Array(n * dims);
  for (let i = 0; i < n; i++) for (let c = 0; c < dims; c++) out[i * dims + c] = positions[i * 3 + c];
  return out;
}

function schedule({ weights }: Graph, epochs: number): { periods: Float32Array; due: Float32Array } {
  let strongest = 0;
  for (const w of weights) strongest = Math.max(strongest, w);
  const periods = sharedFloats(weights.length), due = sharedFloats(weights.length);
  for (let e = 0; e < weights.length; e++) due[e] = periods[e] = weights[e] < strongest / epochs ? Infinity : strongest / weights[e];
  return { periods, due };
}

/** Bonds between different classes lose all but exp(-5) of their weight, those to rows of unknown class all but exp(-1). */
function weakenAcross({ n, offsets, targets, weights }: Graph, classes: Int32Array): void {
  if (classes.length !== n) throw new AtelierError('bad-input', `umap: ${classes.length} classes for ${n} rows.`, 'Pass one class per row.');
  for (let i = 0; i < n; i++) {
    for (let e = offsets[i]; e < offsets[i + 1]; e++) {
      const a = classes[i], b = classes[targets[e]];
      if (a < 0 || b < 0) weights[e] *= Math.exp(-1);
      else if (a !== b) weights[e] *= Math.exp(-5);
    }
  }
}
