import { alignTo, layoutQuality, nearestIn, nearestNeighbours, neighbourRecall, neighboursFor, pca, placeAmong, project as positionsOf, tsne, umap, type Crew, type Metric, type Neighbours, type Rows, type TopProducts } from '../../projection/index.ts';

/** How points are laid out, whatever they come from. */
export interface LayoutSettings {
  method: 'pca' | 'umap' | 'tsne';
  dims: 2 | 3;
  metric: Metric;
  /** UMAP: rows of a neighbourhood, the row itself counted. */
  neighbours: number;
  minDist: number;
  spread: number;
  /** UMAP's epochs or t-SNE's rounds; unset: by the number of rows, and 500 after the early ones. */
  epochs?: number;
  perplexity: number;
  seed: number;
  /** Whether trustworthiness, continuity and each row's neighbour recall are measured. */
  quality: boolean;
}

export interface LayoutWork {
  crew: Crew;
  topProducts: TopProducts;
  signal: AbortSignal;
  /** @param done 0 to 1 of this step */
  progress: (step: 'neighbours' | 'layout' | 'quality', done: number, message: string) => void;
  /** A layout under way. [N, dims] */
  onLayout?: (positions: Float32Array, epoch: number) => void;
}

export interface LaidOut {
  /** [N, dims] */
  positions: Float32Array;
  neighbours: Neighbours | null;
  /** PCA: fraction of the variance along each axis. */
  explained: number[] | null;
  quality: { trustworthiness: number; continuity: number; neighbourRecall: number; k: number; sampled: number } | null;
  /** Quality of each row; NaN where it was not measured. */
  columns: { name: 'neighbour_recall' | 'trustworthiness' | 'continuity'; values: Float32Array }[];
  seconds: { neighbours: number; layout: number; quality: number };
}

export const QUALITY_NEIGHBOURS = 10;

/** Neighbours of each row that a layout asks for. */
export function neighboursWanted({ method, neighbours, perplexity, quality }: LayoutSettings): number {
  return Math.max(method === 'umap' ? neighbours - 1 : method === 'tsne' ? neighboursFor(perplexity) : 0, quality ? QUALITY_NEIGHBOURS : 0);
}

/**
 * Lays rows out in two or three dimensions.
 * @param known neighbours that were found before, by the same metric; used when they are enough
 * @param align an earlier layout of the same rows, to be turned onto. [N, 3]
 * @param only rows that are laid out; the others are placed among them by their neighbours
 * @throws AtelierError 'bad-input' | 'cancelled'
 */
export async function layOut(rows: Rows, settings: LayoutSettings, work: LayoutWork, given: { known?: Neighbours; classes?: Int32Array; align?: Float32Array; only?: Int32Array } = {}): Promise<LaidOut> {
  if (given.only && given.only.length < rows.n) return layOutSome(rows, settings, work, { ...given, only: given.only });
  const { method, dims, metric, seed } = settings;
  const { crew, topProducts, signal } = work;
  const lap = stopwatch();
  const seconds = { neighbours: 0, layout: 0, quality: 0 };
  const wanted = neighboursWanted(settings);
  const watch = (step: 'neighbours' | 'layout' | 'quality') => ({ signal, onProgress: (done: number, message: string) => work.progress(step, done, message) });
  const enough = given.known && given.known.k >= Math.min(wanted, rows.n - 1) ? given.known : undefined;
  const neighbours = wanted > 0 ? (enough ?? (await nearestNeighbours(rows, { k: wanted, metric, seed, topProducts, ...watch('neighbours') }))) : null;
  seconds.neighbours = lap();

  const found = pca(rows.values, rows.n, rows.d, 3, { seed });
  const plane = firstAxes(positionsOf(rows.values, rows.n, rows.d, { mean: found.mean, components: found.components, scale: 1 }), dims);
  const common = { dims, seed, start: plane, onLayout: work.onLayout, ...watch('layout') };
  let positions = plane;
  if (method === 'umap') positions = await umap(first(neighbours!, settings.neighbours - 1), { ...common, minDist: settings.minDist, spread: settings.spread, epochs: settings.epochs, classes: given.classes }, crew);
  else if (method === 'tsne') positions = await tsne(first(neighbours!, neighboursFor(settings.perplexity)), { ...common, perplexity: settings.perplexity, rounds: settings.epochs }, crew);
  if (given.align) positions = firstAxes(alignTo(given.align, padded(positions, dims)), dims);
  seconds.layout = lap();

  const measured = settings.quality ? await measure(rows, positions, neighbours!, settings, work) : { quality: null, columns: [] };
  seconds.quality = lap();
  const explained = method === 'pca' ? Array.from(found.variances.subarray(0, dims), (v) => (found.totalVariance > 0 ? v / found.totalVariance : 0)) : null;
  return { positions, neighbours, explained, ...measured, seconds };
}

/** How well a layout keeps neighbourhoods, in all and for each row. */
export async function measure(rows: Rows, positions: Float32Array, neighbours: Neighbours, { dims, metric, seed }: LayoutSettings, { crew, topProducts, signal, progress }: LayoutWork): Promise<Pick<LaidOut, 'quality' | 'columns'>> {
  const layout = await nearestNeighbours({ values: positions, n: rows.n, d: dims }, { k: QUALITY_NEIGHBOURS, seed, topProducts, signal });
  const recall = neighbourRecall(neighbours, layout, QUALITY_NEIGHBOURS);
  const { rows: each, ...whole } = await layoutQuality(rows, positions, dims, { k: QUALITY_NEIGHBOURS, metric, seed, signal, onProgress: (done, message) => progress('quality', done, message) }, crew);
  return {
    quality: { ...whole, neighbourRecall: recall.reduce((a, b) => a + b, 0) / rows.n },
    columns: [{ name: 'neighbour_recall', values: recall }, { name: 'trustworthiness', values: each.trustworthiness }, { name: 'continuity', values: each.continuity }],
  };
}

/** Some rows are laid out, the others placed among them. Quality is of all. */
async function layOutSome(rows: Rows, settings: LayoutSettings, work: LayoutWork, given: { classes?: Int32Array; align?: Float32Array; only: Int32Array }): Promise<LaidOut> {
  const { n, d } = rows;
  const { dims } = settings;
  const { only } = given;
  const chosen = new Set(only);
  const others = Int32Array.from({ length: n }, (_, i) => i).filter((i) => !chosen.has(i));
  const part = (of: Int32Array): Rows => {
    const values = new Float32Array(of.length * d);
    of.forEach((row, i) => values.set(rows.values.subarray(row * d, (row + 1) * d), i * d));
    return { values, n: of.length, d };
  };
  const reference = part(only);
  const inner = await layOut(reference, { ...settings, quality: false }, { ...work, onLayout: undefined }, { classes: given.classes && Int32Array.from(only, (i) => given.classes![i]) });
  const near = await nearestIn(reference, part(others), { k: Math.min(settings.neighbours, only.length), metric: settings.metric, topProducts: work.topProducts, signal: work.signal });
  const placed = await placeAmong(inner.positions, near, { dims, seed: settings.seed, minDist: settings.minDist, spread: settings.spread, epochs: settings.method === 'umap' ? 100 : 0, signal: work.signal }, work.crew);
  let positions: Float32Array = new Float32Array(n * dims);
  only.forEach((row, i) => positions.set(inner.positions.subarray(i * dims, (i + 1) * dims), row * dims));
  others.forEach((row, i) => positions.set(placed.subarray(i * dims, (i + 1) * dims), row * dims));
  if (given.align) positions = firstAxes(alignTo(given.align, padded(positions, dims)), dims);
  if (!settings.quality) return { ...inner, positions, neighbours: null };
  const neighbours = await nearestNeighbours(rows, { k: QUALITY_NEIGHBOURS, metric: settings.metric, seed: settings.seed, topProducts: work.topProducts, signal: work.signal });
  return { ...inner, positions, neighbours, ...(await measure(rows, positions, neighbours, settings, work)) };
}

/** [N, 3], the third coordinate 0 where there are two. */
export function padded(positions: Float32Array, dims: number): Float32Array {
  if (dims === 3) return positions;
  const out = new Float32Array((positions.length / dims) * 3);
  for (let i = 0; i * dims < positions.length; i++) for (let c = 0; c < dims; c++) out[i * 3 + c] = positions[i * dims + c];
  return out;
}

/** [N, dims] of [N, 3]. */
export function firstAxes(positions: Float32Array, dims: number): Float32Array {
  if (dims === 3) return positions;
  const out = new Float32Array((positions.length / 3) * dims);
  for (let i = 0; i * dims < out.length; i++) for (let c = 0; c < dims; c++) out[i * dims + c] = positions[i * 3 + c];
  return out;
}

/** The first `k` of each row's neighbours. */
function first(all: Neighbours, k: number): Neighbours {
  if (k >= all.k) return all;
  const indices = new Int32Array(new SharedArrayBuffer(all.n * k * 4)), distances = new Float32Array(new SharedArrayBuffer(all.n * k * 4));
  for (let i = 0; i < all.n; i++) {
    indices.set(all.indices.subarray(i * all.k, i * all.k + k), i * k);
    distances.set(all.distances.subarray(i * all.k, i * all.k + k), i * k);
  }
  return { ...all, k, indices, distances };
}

export function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now(), seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}
