import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../core/log.ts';
import { rng } from '../../core/rng.ts';
import { openVectors } from '../../data/tables/index.ts';
import { nearestNeighbours } from '../../projection/index.ts';
import type { TaskContext } from '../worker-messages.ts';
import { tableNeighbours } from './neighbours.ts';
import { projectTable } from './project.ts';
import type { ProjectionRequest } from './request.ts';
import { nativeTopProducts } from './top-products.ts';

let folder = '';
let clusters = '';
const CLASSES = 3;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-project-'));
  const random = rng(1, 'table');
  const centres = random.fillNormal(new Float32Array(CLASSES * 6));
  const lines = ['a,b,c,d,e,f,label'];
  for (let i = 0; i < 240; i++) lines.push([...Array.from({ length: 6 }, (_, j) => (5 * centres[(i % CLASSES) * 6 + j] + random.normal()).toFixed(5)), `class ${i % CLASSES}`].join(','));
  clusters = join(folder, 'clusters.csv');
  await writeFile(clusters, lines.join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const context = (signal = new AbortController().signal, seen: number[] = []): TaskContext => ({ log: silent, signal, onPause() {}, progress: ({ progress }) => void seen.push(progress), event() {}, frame() {} });
const request = (given: Partial<ProjectionRequest> = {}): ProjectionRequest => ({
  table: clusters, method: 'umap', dims: 3, out: join(folder, 'out.parquet'), metric: 'euclidean', neighbours: 15, minDist: 0.1, spread: 1, perplexity: 15, seed: 0, quality: true, threads: 1, epochs: 80, ...given,
});
async function positionsOf(path: string, columns: string[]): Promise<{ n: number; values: Float32Array; metadata: string[] }> {
  const table = await openVectors(path, { columns });
  table.close();
  return { n: table.n, values: table.values, metadata: table.metadataColumns };
}

test('products on the device find the same as in plain TypeScript', async () => {
  const { topProducts, close } = await nativeTopProducts(1);
  try {
    const data = { values: rng(3, 'rows').fillNormal(new Float32Array(900 * 7)), n: 900, d: 7 };
    const native = await nearestNeighbours(data, { k: 6, topProducts });
    const plain = await nearestNeighbours(data, { k: 6 });
    expect([...native.indices]).toEqual([...plain.indices]);
    expect([...native.distances]).toEqual([...plain.distances]);
  } finally {
    await close();
  }
});

test.each([['pca', 2], ['pca', 3], ['umap', 2], ['umap', 3], ['tsne', 2], ['tsne', 3]] as const)('%s to %i dimensions, with the columns of the table and the quality', async (method, dims) => {
  const seen: number[] = [];
  const summary = await projectTable(request({ method, dims }), context(undefined, seen));
  expect(summary.columns).toEqual(['row', ...['x', 'y', 'z'].slice(0, dims), 'neighbour_recall', 'trustworthiness', 'continuity', 'label']);
  expect([summary.rows, summary.dimensions, summary.excludedRows, summary.searchRecall]).toEqual([240, 6, 0, 1]);
  expect(summary.quality!.trustworthiness).toBeGreaterThan(0.85);
  expect(summary.quality!.neighbourRecall).toBeGreaterThan(0.2);
  expect([...seen]).toEqual([...seen].sort((a, b) => a - b));
  const { values } = await positionsOf(summary.out, ['x', 'y', 'z'].slice(0, dims));
  const near = await nearestNeighbours({ values, n: 240, d: dims }, { k: 3 });
  let same = 0;
  for (let e = 0; e < near.indices.length; e++) if (near.indices[e] % CLASSES === Math.floor(e / 3) % CLASSES) same++;
  expect(same / near.indices.length).toBeGreaterThan(0.98);
});

test('the same seed writes the same bytes; aligned to itself turned over, a layout comes back', async () => {
  const first = await projectTable(request({ out: join(folder, 'first.csv'), quality: false }), context());
  const again = await projectTable(request({ out: join(folder, 'again.csv'), quality: false }), context());
  expect(await readFile(again.out, 'utf8')).toBe(await readFile(first.out, 'utf8'));
  const { values } = await positionsOf(first.out, ['x', 'y', 'z']);
  const turned = join(folder, 'turned.csv');
  await writeFile(turned, `x,y,z\n${Array.from({ length: 240 }, (_, i) => `${values[i * 3 + 1]},${-values[i * 3]},${-values[i * 3 + 2]}`).join('\n')}\n`);
  const back = await projectTable(request({ out: join(folder, 'back.csv'), align: turned, quality: false }), context());
  const aligned = await positionsOf(back.out, ['x', 'y', 'z']);
  const wanted = await positionsOf(turned, ['x', 'y', 'z']);
  for (let i = 0; i < wanted.values.length; i += 37) expect(aligned.values[i]).toBeCloseTo(wanted.values[i], 2);
  await writeFile(turned, 'x,y,z\n1,2,3\n');
  await expect(projectTable(request({ align: turned, quality: false }), context())).rejects.toMatchObject({ code: 'bad-input' });
});

test('two rows, one dimension, equal rows and cosine', async () => {
  const two = join(folder, 'two.csv');
  await writeFile(two, 'v\n1.5\n2.5\n');
  for (const method of ['pca', 'umap', 'tsne'] as const) {
    const summary = await projectTable(request({ table: two, method, out: join(folder, 'two-out.csv') }), context());
    expect([summary.rows, summary.dimensions]).toEqual([2, 1]);
    expect((await positionsOf(summary.out, ['x', 'y', 'z'])).n).toBe(2);
  }
  const equal = join(folder, 'equal.csv');
  await writeFile(equal, `a,b\n${'1,2\n'.repeat(40)}`);
  const flat = await projectTable(request({ table: equal, out: join(folder, 'equal-out.csv') }), context());
  expect(flat.warnings.join()).toContain('all rows are equal');
  const cosine = await projectTable(request({ metric: 'cosine' }), context());
  expect(cosine.quality!.trustworthiness).toBeGreaterThan(0.85);
});

test('rows are placed into an earlier layout, whatever made it', async () => {
  for (const method of ['umap', 'tsne'] as const) {
    const layout = join(folder, `${method}-layout.csv`);
    await projectTable(request({ method, out: layout, quality: false }), context());
    const summary = await projectTable(request({ method, out: join(folder, 'placed.csv'), into: { table: clusters, layout } }), context());
    expect(summary.rows).toBe(240);
    const before = await positionsOf(layout, ['x', 'y', 'z']);
    const after = await positionsOf(summary.out, ['x', 'y', 'z']);
    const near = await nearestNeighbours({ values: Float32Array.of(...before.values, ...after.values), n: 480, d: 3 }, { k: 3 });
    for (let i = 240; i < 480; i += 7) for (let j = 0; j < 3; j++) expect(near.indices[i * 3 + j] % CLASSES).toBe(i % CLASSES);
  }
  const short = join(folder, 'short.csv');
  await writeFile(short, 'x,y,z\n1,2,3\n');
  await expect(projectTable(request({ into: { table: clusters, layout: short } }), context())).rejects.toMatchObject({ code: 'bad-input' });
});

test('a class column supervises; an unknown one is named; a cancel is heard', async () => {
  const summary = await projectTable(request({ supervise: 'label', quality: false }), context());
  expect(summary.columns).toContain('label');
  await expect(projectTable(request({ supervise: 'colour' }), context())).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('colour') });
  const abort = new AbortController();
  abort.abort();
  await expect(projectTable(request(), context(abort.signal))).rejects.toMatchObject({ code: 'cancelled' });
});

test('neighbours as a table count rows of the file, also where some were left out', async () => {
  const path = join(folder, 'line.csv');
  await writeFile(path, 'v,name\n0,p\nnan,q\n1,r\n5,s\n');
  const out = join(folder, 'line-out.csv');
  const summary = await tableNeighbours({ table: path, out, k: 2, metric: 'euclidean', recall: 1, seed: 0 }, context());
  expect(summary).toMatchObject({ rows: 3, k: 2, excludedRows: 1, searchRecall: 1 });
  expect((await readFile(out, 'utf8')).trim().split('\n')).toEqual(['row,neighbour_1,neighbour_2,distance_1,distance_2,name', '0,2,3,1.0,5.0,p', '2,0,3,1.0,4.0,r', '3,2,0,4.0,5.0,s']);
});
