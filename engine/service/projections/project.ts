import { AtelierError } from '../../core/errors.ts';
import { checkEnding, openVectors, type AddedColumn, type VectorTable } from '../../data/tables/index.ts';
import { createCrew, nearestIn, nearestNeighbours, placeAmong, type Crew, type PlaceOptions, type Rows, type TopProducts } from '../../projection/index.ts';
import type { TaskContext } from '../worker-messages.ts';
import { layOut, measure, padded, QUALITY_NEIGHBOURS, stopwatch, type LaidOut, type LayoutWork } from './lay-out.ts';
import type { ProjectionRequest, ProjectionSummary } from './request.ts';
import { nativeTopProducts } from './top-products.ts';

const AXES = ['x', 'y', 'z'];

/**
 * Lays a table of vectors out in two or three dimensions and writes the positions with the table's other columns.
 * @throws AtelierError 'bad-input' | 'bad-data' | 'cancelled'
 */
export async function projectTable(request: ProjectionRequest, { log, signal, progress }: TaskContext): Promise<ProjectionSummary> {
  const lap = stopwatch();
  const began = performance.now();
  const { method, dims, into } = request;
  const steps = stepsOf(request);
  const at = (step: keyof typeof steps, done: number, message: string): void =>
    progress({ progress: steps[step][0] + done * (steps[step][1] - steps[step][0]), etaSec: null, message });
  checkEnding(request.out); // before the work, not after it
  at('read', 0, 'Reading the table');
  const table = await openVectors(request.table, { metadata: request.metadata, columns: request.columns });
  const native = await nativeTopProducts(request.threads);
  const crew = createCrew(request.threads);
  try {
    for (const warning of table.warnings) log.warn(warning);
    const rows: Rows = { values: table.values, n: table.n, d: table.d };
    const read = lap();
    const classes = request.supervise ? await table.classesOf(request.supervise) : undefined;
    const align = request.align ? await layoutBefore(table, dims, request.align) : undefined;
    const work: LayoutWork = { crew, topProducts: native.topProducts, signal, progress: at };
    const done = into ? await place(rows, request, into, work) : await layOut(rows, request, work, { classes, align });
    const { positions } = done;
    const added: AddedColumn[] = AXES.slice(0, dims).map((name, c) => ({ name, values: Float32Array.from({ length: table.n }, (_, i) => positions[i * dims + c]) }));
    added.push(...done.columns.filter((column) => column.values.every((v) => !Number.isNaN(v))));
    at('write', 0, 'Writing the table');
    const columns = await table.save(added, request.out);
    return {
      out: request.out, columns, method, rows: table.n, dimensions: table.d, vectors: table.vectorColumns,
      excludedRows: table.excluded.reduce((sum, { count }) => sum + count, 0),
      searchRecall: done.neighbours?.recall ?? null,
      explained: done.explained, quality: done.quality,
      seconds: { read, ...done.seconds, total: (performance.now() - began) / 1000 }, warnings: table.warnings,
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

/** Rows are placed into the layout of another table, which stays as it is. */
async function place(rows: Rows, request: ProjectionRequest, into: { table: string; layout: string }, work: LayoutWork): Promise<LaidOut> {
  const lap = stopwatch();
  const { topProducts, crew, signal } = work;
  const neighbours = request.quality ? await nearestNeighbours(rows, { k: QUALITY_NEIGHBOURS, metric: request.metric, seed: request.seed, topProducts, signal, onProgress: (done, message) => work.progress('neighbours', done, message) }) : null;
  const seconds = { neighbours: lap(), layout: 0, quality: 0 };
  const positions = await placed(rows, request, into, topProducts, crew, { dims: request.dims, seed: request.seed, signal, onProgress: (done, message) => work.progress('layout', done, message) });
  seconds.layout = lap();
  const measured = neighbours ? await measure(rows, positions, neighbours, request, work) : { quality: null, columns: [] };
  seconds.quality = lap();
  return { positions, neighbours, explained: null, ...measured, seconds };
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

/** @returns [N, 3] @throws AtelierError 'bad-input' when the earlier layout is of other rows */
async function layoutBefore(table: VectorTable, dims: 2 | 3, path: string): Promise<Float32Array> {
  const before = await openVectors(path, { columns: AXES.slice(0, dims) });
  try {
    if (before.n !== table.n) throw new AtelierError('bad-input', `${path} has ${before.n} positions, but ${table.path} gives ${table.n}.`, 'Align with an earlier layout of the same rows in the same number of dimensions.');
    return padded(before.values, dims);
  } finally {
    before.close();
  }
}
