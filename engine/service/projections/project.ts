import { AtelierError } from '../../core/errors.ts';
import { checkEnding, openVectors, type AddedColumn, type VectorTable } from '../../data/tables/index.ts';
import { alignTo, createCrew, layoutQuality, nearestIn, nearestNeighbours, neighbourRecall, neighboursFor, pca, placeAmong, project as positionsOf, tsne, umap, type Crew, type Neighbours, type PlaceOptions, type Rows, type TopProducts } from '../../projection/index.ts';
import type { TaskContext } from '../worker-messages.ts';
import type { ProjectionRequest, ProjectionSummary } from './request.ts';
import { nativeTopProducts } from './top-products.ts';

const QUALITY_NEIGHBOURS = 10;
const AXES = ['x', 'y', 'z'];

/**
 * Lays a table of vectors out in two or three dimensions and writes the positions with the table's other columns.
 * @throws AtelierError 'bad-input' | 'bad-data' | 'cancelled'
 */
export async function projectTable(request: ProjectionRequest, { log, signal, progress }: TaskContext): Promise<ProjectionSummary> {
  const began = performance.now();
  const { method, dims, seed, metric } = request;
  const steps = stepsOf(request);
  const at = (step: keyof typeof steps) => (done: number, message: string): void =>
    progress({ progress: steps[step][0] + done * (steps[step][1] - steps[step][0]), etaSec: null, message });
  checkEnding(request.out); // before the work, not after it
  at('read')(0, 'Reading the table');
  const table = await openVectors(request.table, { metadata: request.metadata, columns: request.columns });
  const native = await nativeTopProducts(request.threads);
  const crew = createCrew(request.threads);
  try {
    for (const warning of table.warnings) log.warn(warning);
    const rows: Rows = { values: table.values, n: table.n, d: table.d };
    const lap = stopwatch();
    const seconds = { read: (performance.now() - began) / 1000, neighbours: 0, layout: 0, quality: 0, total: 0 };
    const classes = request.supervise ? await table.classesOf(request.supervise) : undefined;

    const { into } = request;
    const wanted = Math.max(into ? 0 : method === 'umap' ? request.neighbours - 1 : method === 'tsne' ? neighboursFor(request.perplexity) : 0, request.quality ? QUALITY_NEIGHBOURS : 0);
    const neighbours = wanted > 0 ? await nearestNeighbours(rows, { k: wanted, metric, seed, topProducts: native.topProducts, signal, onProgress: at('neighbours') }) : null;
    seconds.neighbours = lap();

    const found = pca(table.values, table.n, table.d, 3, { seed });
    const plane = firstAxes(positionsOf(table.values, table.n, table.d, { mean: found.mean, components: found.components, scale: 1 }), dims);
    const common = { dims, seed, start: plane, signal, onProgress: at('layout') };
    let positions = plane;
    if (into) positions = await placed(rows, request, into, native.topProducts, crew, common);
    else if (method === 'umap') positions = await umap(first(neighbours!, request.neighbours - 1), { ...common, minDist: request.minDist, spread: request.spread, epochs: request.epochs, classes }, crew);
    else if (method === 'tsne') positions = await tsne(neighbours!, { ...common, perplexity: request.perplexity, rounds: request.epochs }, crew);
    if (request.align) positions = await aligned(table, positions, dims, request.align);
    seconds.layout = lap();

    const added: AddedColumn[] = AXES.slice(0, dims).map((name, c) => ({ name, values: Float32Array.from({ length: table.n }, (_, i) => positions[i * dims + c]) }));
    let quality: ProjectionSummary['quality'] = null;
    if (request.quality) {
      const recall = await recallOf(neighbours!, positions, dims, request, native.topProducts, signal);
      added.push({ name: 'neighbour_recall', values: recall });
      const measured = await layoutQuality(rows, positions, dims, { k: QUALITY_NEIGHBOURS, metric, seed, signal, onProgress: at('quality') }, crew);
      quality = { ...measured, neighbourRecall: recall.reduce((a, b) => a + b, 0) / table.n };
    }
    seconds.quality = lap();
    at('write')(0, 'Writing the table');
    const columns = await table.save(added, request.out);
    seconds.total = (performance.now() - began) / 1000;
    return {
      out: request.out, columns, method, rows: table.n, dimensions: table.d, vectors: table.vectorColumns,
      excludedRows: table.excluded.reduce((sum, { count }) => sum + count, 0),
      searchRecall: neighbours?.recall ?? null,
      explained: method === 'pca' && !into ? Array.from(found.variances.subarray(0, dims), (v) => (found.totalVariance > 0 ? v / found.totalVariance : 0)) : null,
      quality, seconds, warnings: table.warnings,
    };
  } finally {
    table.close();
    await native.close();
    await crew.close();
  }
}

/** Where each step stands in the whole, as shares of the time. */
function stepsOf({ method, quality }: ProjectionRequest): Record<'read' | 'neighbours' | 'layout' | 'quality' | 'write', [number, number]> {
  const weights = { read: 1, neighbours: method === 'pca' && !quality ? 0 : 3, layout: { pca: 0.5, umap: 6, tsne: 30 }[method], quality: quality ? 2 : 0, write: 0.5 };
  const total = Object.values(weights).reduce((a, b) => a + b, 0);
  let at = 0;
  return Object.fromEntries(Object.entries(weights).map(([name, w]) => [name, [at / total, (at += w) / total]])) as ReturnType<typeof stepsOf>;
}

function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now(), seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}

function firstAxes(positions: Float32Array, dims: number): Float32Array {
  if (dims === 3) return positions;
  return Float32Array.from({ length: (positions.length / 3) * dims }, (_, i) => positions[Math.floor(i / dims) * 3 + (i % dims)]);
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

async function recallOf(neighbours: Neighbours, positions: Float32Array, dims: number, request: ProjectionRequest, topProducts: TopProducts, signal: AbortSignal): Promise<Float32Array> {
  const n = neighbours.n;
  const layout = await nearestNeighbours({ values: positions, n, d: dims }, { k: QUALITY_NEIGHBOURS, seed: request.seed, topProducts, signal });
  return neighbourRecall(neighbours, layout, QUALITY_NEIGHBOURS);
}

/** @throws AtelierError 'bad-input' when the layout is not one of that table */
async function placed(rows: Rows, request: ProjectionRequest, into: { table: string; layout: string }, topProducts: TopProducts, crew: Crew, watch: Pick<PlaceOptions, 'dims' | 'seed' | 'signal' | 'onProgress'>): Promise<Float32Array> {
  const old = await openVectors(into.table, { columns: request.columns });
  const layout = await openVectors(into.layout, { columns: AXES.slice(0, request.dims) }).catch((error: unknown) => {
    old.close();
    throw error;
  });
  try {
    if (layout.n !== old.n) throw new AtelierError('bad-input', `${into.layout} has ${layout.n} positions, but ${into.table} has ${old.n} rows.`, 'Name the table and the layout that was made of it.');
    const neighbours = await nearestIn({ values: old.values, n: old.n, d: old.d }, rows, { k: request.neighbours, metric: request.metric, topProducts, signal: watch.signal });
    const epochs = request.method === 'umap' ? (request.epochs ?? 100) : 0;
    return await placeAmong(layout.values, neighbours, { ...watch, epochs, minDist: request.minDist, spread: request.spread }, crew);
  } finally {
    old.close();
    layout.close();
  }
}

/** @throws AtelierError 'bad-input' when the earlier layout is of other rows */
async function aligned(table: VectorTable, positions: Float32Array, dims: 2 | 3, path: string): Promise<Float32Array> {
  const before = await openVectors(path, { columns: AXES.slice(0, dims) });
  try {
    if (before.n !== table.n) throw new AtelierError('bad-input', `${path} has ${before.n} positions, but ${table.path} gives ${table.n}.`, 'Align with an earlier layout of the same rows in the same number of dimensions.');
    const pad = (p: Float32Array): Float32Array => (dims === 3 ? p : Float32Array.from({ length: table.n * 3 }, (_, i) => (i % 3 === 2 ? 0 : p[Math.floor(i / 3) * 2 + (i % 3)])));
    return firstAxes(alignTo(pad(before.values), pad(positions)), dims);
  } finally {
    before.close();
  }
}
