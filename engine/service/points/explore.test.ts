import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PointSource } from '../../../electron/contract/index.ts';
import { decodeSheet } from '../../image/index.ts';
import { builtWorker, makePictures, testClient, testFolders, type TestClient } from '../service.test-support.ts';

let folders: Awaited<ReturnType<typeof testFolders>>;
let client: TestClient;
let vae: PointSource;
let codes: PointSource;
let codesRun: string;
const plan = { steps: 40, batchSize: 8, warmupSteps: 0, checkpointEvery: 20, evaluateEvery: 20 };

beforeAll(async () => {
  folders = await testFolders();
  const worker = await builtWorker();
  const project = join(folders.root, 'project');
  const first = await testClient(undefined, worker);
  await first.call('projects.create', { path: project, name: 'Runs' });
  await first.service.close();
  client = await testClient(project, worker);
  const { job } = await client.call('data.import', { path: await makePictures(join(folders.root, 'pictures')), name: 'Shapes', size: 8 });
  const data = (await client.until(job, 'done')).result!;
  const train = async (family: string, config: Record<string, unknown>): Promise<string> => {
    const started = await client.call('train.start', { family, config, data, training: plan, device: 'cpu', name: family });
    await client.until(started.job, 'done');
    return started.run;
  };
  vae = await client.call('points.open', { kind: 'run', run: await train('vae', { latentSize: 5, width: 4, residualLayers: 1, hidden: 8, klWarmup: 0 }) });
  codesRun = await train('vq-vae', { hidden: 8, residualLayers: 1, residualHidden: 4, codes: 8, codeSize: 4, stride: 4 });
  codes = await client.call('points.open', { kind: 'run', run: codesRun });
}, 240_000);
afterAll(async () => {
  await client?.service.close();
  await folders.free();
});

const mse = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((s, v, i) => s + (v - b[i]) ** 2, 0) / a.length;
async function pixels(picture: { bytes: Uint8Array }): Promise<Uint8Array> {
  return new Uint8Array(await sharp(picture.bytes).removeAlpha().raw().toBuffer());
}

test('a run is a source: its latents, names, classes, metrics, pictures and frames', async () => {
  expect(vae).toMatchObject({ kind: 'run', count: 48, vectors: { dimensions: 5 }, colorBy: 'label', media: { pictures: 'run' }, decoder: { step: 40, output: 'picture' } });
  expect(vae.layouts.map((l) => [l.kind, l.inverse])).toEqual([['frame', 'exact'], ['pca', 'exact'], ['raw', 'exact']]);
  expect(vae.columns.map((c) => c.name)).toEqual(expect.arrayContaining(['name', 'label', 'split', 'klNats', 'z0', 'z4']));
  const item = await client.call('points.item', { source: vae.id, index: 3 });
  expect(item).toMatchObject({ label: expect.stringMatching(/disc|square/), codes: null, mediaError: null });
  expect(item.picture).not.toBeNull();
  expect(item.reconstruction!.psnrDb).toBeGreaterThan(0);
  const held = await client.call('points.open', { kind: 'run', run: vae.path, items: 'validation' });
  expect(held.count).toBeLessThan(20);
  expect((await client.call('points.filter', { source: held.id, expression: "split = 'validation'" })).count).toBe(held.count);
  await expect(client.call('points.open', { kind: 'run', run: vae.path, items: 'all', step: 7 })).rejects.toMatchObject({ code: 'not-found' });
});

test.each(['frame', 'pca', 'raw'] as const)('at a point of a linear layout (%s) its own reconstruction is decoded', async (kind) => {
  const layout = vae.layouts.find((l) => l.kind === kind)!.id;
  const { positions } = await client.call('points.positions', { source: vae.id, layout });
  const decoded = await client.call('explore.decode', { source: vae.id, layout, position: [positions[9], positions[10], positions[11]] });
  const { reconstruction } = await client.call('points.item', { source: vae.id, index: 3 });
  expect(mse(await pixels(decoded.picture), await pixels(reconstruction!.picture))).toBeLessThan(2);
  expect(decoded).toMatchObject({ inverse: 'exact', nearest: expect.arrayContaining([expect.objectContaining({ index: 3, distance: 0 })]) });
  expect(decoded.confidence).toBe(1);
  expect((await client.call('explore.decode', { source: vae.id, layout, position: [99, 99, 99] })).confidence).toBeLessThan(0.01);
});

test('a UMAP of a run decodes too, and is measured on held-out items', async () => {
  const { job, layout } = await client.call('layouts.start', { source: vae.id, method: 'umap', epochs: 100, neighbours: 8 });
  await client.until(job, 'done');
  const { positions } = await client.call('points.positions', { source: vae.id, layout });
  const at = await client.call('explore.decode', { source: vae.id, layout, position: [positions[0], positions[1], positions[2]] });
  expect(at).toMatchObject({ inverse: 'local', confidence: 1 });
  const { reconstruction } = await client.call('points.item', { source: vae.id, index: 0 });
  expect(mse(await pixels(at.picture), await pixels(reconstruction!.picture))).toBeLessThan(2);
  for (const [chosen, inverse] of [[layout, 'local'], ['pca:0,1,2', 'exact']] as const) {
    const report = await client.call('explore.evaluate', { source: vae.id, layout: chosen, heldOut: 0.25 });
    expect(report).toMatchObject({ items: 12, inverse });
    expect(report.inverted.mse).toBeGreaterThanOrEqual(report.reconstruction.mse * 0.9);
    expect(report.latentError.inverted).toBeLessThan(report.latentError.nearest * 1.2);
    expect(Math.abs(report.confidenceCorrelation)).toBeLessThanOrEqual(1);
  }
});

test('paths begin and end where they are asked to; along the graph they go through points', async () => {
  const layout = 'pca:0,1,2';
  const { positions } = await client.call('points.positions', { source: vae.id, layout });
  for (const mode of ['linear', 'spherical', 'graph'] as const) {
    const path = await client.call('explore.path', { source: vae.id, layout, places: [{ index: 0 }, { index: 20 }], mode, frames: 9, size: 8 });
    expect(path.sheet.count).toBe(9);
    for (let a = 0; a < 3; a++) {
      expect(path.positions[a]).toBeCloseTo(positions[a], 3);
      expect(path.positions[24 + a]).toBeCloseTo(positions[60 + a], 3);
    }
    if (mode === 'linear') for (let a = 0; a < 3; a++) expect(path.positions[12 + a]).toBeCloseTo((positions[a] + positions[60 + a]) / 2, 3);
    if (mode === 'graph') expect([path.through[0], path.through.at(-1)]).toEqual([0, 20]);
    else expect(path.through).toHaveLength(0);
  }
  const empty = await client.call('explore.path', { source: vae.id, layout, places: [{ position: [0, 0, 0] }, { position: [0, 0, 0] }], frames: 3 });
  expect(empty.positions.every(Number.isFinite)).toBe(true);
  const many = await client.call('explore.places', { source: vae.id, layout, positions: positions.slice(0, 30) });
  expect([many.sheet.count, [...many.nearest]]).toEqual([10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
});

test('an attribute goes from one selection to another and is applied by amounts', async () => {
  const of = async (name: string): Promise<Uint8Array> => (await client.call('points.filter', { source: vae.id, expression: `label = '${name}'` })).bits;
  const found = await client.call('explore.attribute', { source: vae.id, from: await of('disc'), to: await of('square') });
  expect(found).toMatchObject({ from: 24, to: 24 });
  expect(found.accuracy).toBeGreaterThan(0.4);
  const varied = await client.call('explore.vary', { source: vae.id, layout: 'pca:0,1,2', place: { index: 5 }, attribute: found.attribute, amounts: [-1, 0, 1] });
  const { positions } = await client.call('points.positions', { source: vae.id, layout: 'pca:0,1,2' });
  for (let a = 0; a < 3; a++) {
    expect(varied.positions[3 + a]).toBeCloseTo(positions[15 + a], 3);
    expect(varied.positions[a] + varied.positions[6 + a]).toBeCloseTo(2 * varied.positions[3 + a], 3);
  }
  await expect(client.call('explore.vary', { source: vae.id, layout: 'pca:0,1,2', place: { index: 5 }, attribute: 'gone', amounts: [1] })).rejects.toMatchObject({ code: 'not-found' });
  await expect(client.call('explore.attribute', { source: vae.id, from: new Int32Array(0), to: Int32Array.of(1) })).rejects.toMatchObject({ code: 'bad-input' });
});

test('the posterior is an ellipsoid whose axes are the deviations in raw dimensions; a codebook model has none', async () => {
  const found = (await client.call('explore.posterior', { source: vae.id, layout: 'raw:0,1,2', index: 2 }))!;
  expect(found.deviations).toHaveLength(5);
  expect(found.deviations.every((v) => v > 0 && v < 5)).toBe(true);
  const lengths = [0, 1, 2].map((k) => Math.hypot(...found.axes.subarray(k * 3, k * 3 + 3)));
  const wanted = [...found.deviations.subarray(0, 3)].sort((a, b) => b - a);
  lengths.forEach((length, k) => expect(length).toBeCloseTo(wanted[k], 4));
  expect(await client.call('explore.posterior', { source: codes.id, layout: 'pca:0,1,2', index: 2 })).toBeNull();
});

test('traversals are trails through the point', async () => {
  const { trails } = await client.call('explore.traversals', { source: vae.id, layout: 'raw:0,1,2', index: 4, dimensions: 3, steps: 5 });
  const { positions } = await client.call('points.positions', { source: vae.id, layout: 'raw:0,1,2' });
  expect(trails).toHaveLength(3);
  expect(trails.map((t) => t.weight)).toEqual(trails.map((t) => t.weight).sort((a, b) => b - a));
  for (const trail of trails) {
    expect(trail.sheet.count).toBe(5);
    expect(trail.values[2]).toBeCloseTo(0, 6);
    for (let a = 0; a < 3; a++) expect(trail.positions[6 + a]).toBeCloseTo(positions[12 + a], 4);
    if (trail.dimension < 3) expect(trail.positions[12 + trail.dimension] - trail.positions[trail.dimension]).toBeCloseTo(trail.values[4] - trail.values[0], 4);
  }
});

test('a codebook is a map of its codes with their use; occurrences are counted as the codes stand', async () => {
  const book = await client.call('points.open', { kind: 'codebook', run: codesRun });
  expect(book).toMatchObject({ kind: 'codebook', count: 8, vectors: { dimensions: 4 }, colorBy: 'state', decoder: null });
  const use = await client.call('points.column', { source: book.id, column: 'use' });
  expect(use.type === 'number' && use.values.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
  let total = 0;
  for (let code = 0; code < 8; code++) {
    const found = await client.call('codebook.occurrences', { source: book.id, code, limit: 3 });
    total += found.total;
    expect(found.items.map((i) => i.cells.length)).toEqual(found.items.map((i) => i.cells.length).sort((a, b) => b - a));
    for (const { index, cells } of found.items) {
      const { codes: grid } = await client.call('points.item', { source: codes.id, index });
      expect([...cells].every((cell) => grid!.values[cell] === code)).toBe(true);
    }
  }
  expect(total).toBe(48 * 2 * 2);
  await expect(client.call('points.open', { kind: 'codebook', run: vae.path })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(client.call('codebook.occurrences', { source: book.id, code: 8 })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(client.call('explore.decode', { source: book.id, layout: 'pca:0,1,2', position: [0, 0, 0] })).rejects.toMatchObject({ code: 'bad-input' });
});

test('selections and views are kept; points, pages and films go out', async () => {
  const chosen = await client.call('points.filter', { source: vae.id, expression: "label = 'disc'" });
  const selection = await client.call('saved.selection', { source: vae.id, name: 'Discs', points: chosen.bits });
  await client.call('saved.view', { source: vae.id, name: 'Front', state: { camera: [1, 2, 3] } });
  const again = await client.call('saved.view', { source: vae.id, name: 'Front', state: { camera: [4] } });
  expect(await client.call('saved.list', { source: vae.id })).toEqual([selection, again]);
  expect((await client.call('saved.points', { source: vae.id, id: selection.id })).bits).toEqual(chosen.bits);
  await client.call('saved.remove', { source: vae.id, id: selection.id });
  await expect(client.call('saved.points', { source: vae.id, id: selection.id })).rejects.toMatchObject({ code: 'not-found' });
  await expect(client.call('saved.remove', { source: vae.id, id: '../../x' })).rejects.toMatchObject({ code: 'not-found' });

  const csv = await client.call('out.points', { source: vae.id, points: Int32Array.of(4, 1), layout: 'pca:0,1,2', columns: ['name', 'label'], vectors: true, format: 'csv' });
  const lines = new TextDecoder().decode(csv.bytes!).trim().split('\n');
  expect(lines[0]).toBe('row,x,y,z,z0,z1,z2,z3,z4,name,label');
  expect(lines).toHaveLength(3);
  expect(lines[1].split(',')[0]).toBe('1');
  const out = join(folders.root, 'out', 'points.parquet');
  expect(await client.call('out.points', { source: vae.id, format: 'parquet', out })).toMatchObject({ out, bytes: null, count: 48 });
  expect(await client.call('points.open', { kind: 'table', path: out })).toMatchObject({ count: 48, vectors: { names: ['z0', 'z1', 'z2', 'z3', 'z4'] } });

  const page = join(folders.root, 'page.html');
  expect(await client.call('out.page', { source: vae.id, layout: 'pca:0,1,2', title: '<Discs & squares>', colorBy: 'label', thumbnails: true, out: page })).toMatchObject({ count: 48 });
  const html = await readFile(page, 'utf8');
  expect(html).toContain('<title>&#60;Discs &#38; squares&#62;</title>');
  expect(html).not.toMatch(/(src|href)="?https?:/);
  expect(JSON.parse(/id="data">(.*?)<\/script>/s.exec(html)![1])).toMatchObject({ n: 48, legend: [{ count: 24 }, { count: 24 }, { count: 0 }], thumbnails: expect.stringMatching(/^data:image\/webp;base64,/) });

  const { film } = await client.call('film.begin', { format: 'gif', framesPerSecond: 10, width: 16, height: 16 });
  for (const background of ['#ff0000', '#00ff00', '#0000ff']) await client.call('film.frame', { film, picture: new Uint8Array(await sharp({ create: { width: 32, height: 32, channels: 3, background } }).png().toBuffer()) });
  const gif = await client.call('film.end', { film });
  expect(await sharp(gif.bytes!, { animated: true }).metadata()).toMatchObject({ format: 'gif', width: 16, pages: 3, delay: [100, 100, 100] });
  await expect(client.call('film.end', { film })).rejects.toMatchObject({ code: 'not-found' });
});

test('tables of a project are listed, once, and taken off the list', async () => {
  const path = join(folders.root, 'out', 'points.parquet');
  const entry = await client.call('tables.add', { path, name: 'Latents' });
  expect(await client.call('tables.add', { path })).toEqual(entry);
  expect(await client.call('tables.list', {})).toEqual([entry]);
  await expect(client.call('tables.add', { path: join(folders.root, 'gone.csv') })).rejects.toMatchObject({ code: 'not-found' });
  await client.call('tables.remove', { id: entry.id });
  expect(await client.call('tables.list', {})).toEqual([]);
});

test('pictures of a run are small ones of its items', async () => {
  const { sheet, missing } = await client.call('points.thumbnails', { source: vae.id, indices: [7, 7, 9], size: 16 });
  expect(missing).toEqual([]);
  const cells = await decodeSheet(sheet, 4);
  const of = (i: number): Uint8Array => cells.subarray(i * 16 * 16 * 4, (i + 1) * 16 * 16 * 4);
  expect(mse(of(0), of(1))).toBeLessThan(4);
  expect(mse(of(0), of(2))).toBeGreaterThan(20);
});
