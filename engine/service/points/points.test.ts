import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PointSource } from '../../../electron/contract/index.ts';
import { rng } from '../../core/rng.ts';
import { decodeSheet } from '../../image/index.ts';
import { builtWorker, testClient, testFolders, type TestClient } from '../service.test-support.ts';

let folders: Awaited<ReturnType<typeof testFolders>>;
let worker: URL;
let client: TestClient;
let project: string;
const CLASSES = 3, N = 240;

beforeAll(async () => {
  folders = await testFolders();
  worker = await builtWorker();
  project = join(folders.root, 'project');
  const first = await testClient(undefined, worker);
  await first.call('projects.create', { path: project, name: 'Maps' });
  await first.service.close();
  client = await testClient(project, worker);
}, 180_000);
afterAll(async () => {
  await client?.service.close();
  await folders.free();
});

const file = async (name: string, content: string): Promise<string> => {
  const path = join(folders.root, name);
  await writeFile(path, content);
  return path;
};
/** Three clusters in six dimensions. */
async function clusters(name: string): Promise<PointSource> {
  const random = rng(1, 'table');
  const centres = random.fillNormal(new Float32Array(CLASSES * 6));
  const lines = ['z0,z1,z2,z3,z4,z5,label,kl,name'];
  for (let i = 0; i < N; i++) lines.push([...Array.from({ length: 6 }, (_, j) => (6 * centres[(i % CLASSES) * 6 + j] + random.normal()).toFixed(5)), `class ${i % CLASSES}`, i / 10, `item ${i}`].join(','));
  return client.call('points.open', { kind: 'table', path: await file(name, `${lines.join('\n')}\n`) });
}

test('a table opens with its columns, is read in pieces, filtered, searched and paged', async () => {
  const source = await clusters('a.csv');
  expect(source).toMatchObject({ kind: 'table', title: 'a.csv', count: N, vectors: { dimensions: 6 }, colorBy: 'label', decoder: null, media: { pictures: null, sounds: null } });
  expect(source.layouts.map((l) => l.id)).toEqual(['pca:0,1,2', 'raw:0,1,2']);
  const all = await client.call('points.positions', { source: source.id, layout: 'raw:0,2,1' });
  const part = await client.call('points.positions', { source: source.id, layout: 'raw:0,2,1', from: 100, count: 7 });
  expect(all.positions).toHaveLength(3 * N);
  expect([...part.positions]).toEqual([...all.positions.subarray(300, 321)]);
  const z2 = await client.call('points.column', { source: source.id, column: 'z2' });
  expect(z2.type === 'number' && [...z2.values.subarray(0, 5)]).toEqual([1, 4, 7, 10, 13].map((at) => all.positions[at]));
  const label = await client.call('points.column', { source: source.id, column: 'label', from: 1, count: 4 });
  expect(label.type === 'category' && [...label.codes]).toEqual([1, 2, 0, 1]);
  const chosen = await client.call('points.filter', { source: source.id, expression: "label = 'class 1' and kl > 20" });
  expect(chosen.count).toBe(13);
  const page = await client.call('points.rows', { source: source.id, within: chosen.bits, count: 2, columns: ['name'] });
  expect(page).toMatchObject({ total: 13, columns: [{ name: 'name', values: ['item 202', 'item 205'] }] });
  expect(await client.call('points.check', { source: source.id, expression: "label = 'class 1' adn kl > 2" })).toMatchObject({ ok: false, at: 18, length: 3 });
  expect(await client.call('points.check', { source: source.id, expression: 'kl > 2' })).toEqual({ ok: true, columns: ['kl'] });
  expect([...(await client.call('points.search', { source: source.id, text: 'ITEM 23' })).indices]).toEqual([23, ...Array.from({ length: 10 }, (_, i) => 230 + i)]);
  expect(await client.call('points.item', { source: source.id, index: 4 })).toMatchObject({ index: 4, row: 4, name: 'item 4', label: 'class 1', picture: null, mediaError: null, reconstruction: null });
  await expect(client.call('points.item', { source: source.id, index: N })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(client.call('points.positions', { source: source.id, layout: 'pca:0,1,9' })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(client.call('points.info', { source: 'nonsense' })).rejects.toMatchObject({ code: 'bad-input' });
});

test('neighbours are those of the original space, and a selection grows by them', async () => {
  const source = await clusters('b.csv');
  for (const metric of ['euclidean', 'cosine'] as const) {
    const near = await client.call('points.neighbours', { source: source.id, index: 7, count: 20, metric });
    expect([...near.indices].every((i) => i % CLASSES === 1 && i !== 7)).toBe(true);
    expect([...near.distances]).toEqual([...near.distances].sort((a, b) => a - b));
  }
  const near = await client.call('points.neighbours', { source: source.id, index: 7, count: 5 });
  const grown = await client.call('points.grow', { source: source.id, points: Int32Array.of(7), count: 5 });
  const of = (bits: Uint8Array): number[] => Array.from({ length: N }, (_, i) => i).filter((i) => bits[i >> 3] & (1 << (i & 7)));
  expect(of(grown.bits)).toEqual([7, ...near.indices].sort((a, b) => a - b));
  expect(grown.count).toBe(6);
  const told = await client.call('points.describe', { source: source.id, points: grown.bits });
  expect(told.columns[0]).toMatchObject({ name: 'label', top: [{ value: 'class 1', count: 6, share: 1, shareOfAll: 1 / 3 }] });
  await expect(client.call('points.grow', { source: source.id, points: new Uint8Array(3) })).rejects.toMatchObject({ code: 'bad-input' });
});

test('a projection is a job with frames; it is kept with its quality as columns, and there again after a restart', async () => {
  const source = await clusters('c.csv');
  const { job, layout } = await client.call('layouts.start', { source: source.id, method: 'umap', dims: 3, epochs: 400, name: 'Mine' });
  const frames = client.follow('layouts.frames', { layout });
  expect(await client.until(job, 'done')).toMatchObject({ kind: 'project', title: 'Mine of c.csv', result: layout });
  expect(frames.events.every((f) => f.layout === layout && f.positions.length === 3 * N && Math.max(...f.positions.map(Math.abs)) <= 1)).toBe(true);
  const after = await client.call('points.info', { source: source.id });
  expect(after.layouts[0]).toMatchObject({ id: layout, name: 'Mine', kind: 'umap', dims: 3, inverse: null, parameters: { neighbours: 15, seed: 0 }, quality: { k: 10, sampled: N } });
  expect(after.layouts[0].quality!.trustworthiness).toBeGreaterThan(0.85);
  expect(after.columns.filter((c) => c.role === 'quality').map((c) => c.name)).toEqual(['neighbour recall (Mine)', 'trustworthiness (Mine)', 'continuity (Mine)']);
  expect((await client.call('points.filter', { source: source.id, expression: '"trustworthiness (Mine)" > 0.5' })).count).toBeGreaterThan(N / 2);
  const { positions } = await client.call('points.positions', { source: source.id, layout });
  const found = await client.call('points.clusters', { source: source.id, layout, detail: 0.3 });
  expect(found.clusters.map((c) => c.label).sort()).toEqual(['class 0', 'class 1', 'class 2']);
  expect(found.codes.filter((c) => c >= 0).length).toBeGreaterThan(0.8 * N);

  const flat = await client.call('layouts.start', { source: source.id, method: 'tsne', dims: 2, perplexity: 20, epochs: 50, quality: false, points: Int32Array.from({ length: 150 }, (_, i) => i) });
  await client.until(flat.job, 'done');
  const tsne = await client.call('points.positions', { source: source.id, layout: flat.layout });
  expect(tsne.positions.every((v, i) => (i % 3 === 2 ? v === 0 : Number.isFinite(v)))).toBe(true);
  await client.call('layouts.rename', { source: source.id, layout: flat.layout, name: 'Flat' });

  const second = await testClient(project, worker);
  const again = await second.call('points.info', { source: source.id });
  expect(again.layouts.slice(0, 2).map((l) => l.name)).toEqual(['Flat', 'Mine']);
  expect([...(await second.call('points.positions', { source: source.id, layout })).positions]).toEqual([...positions]);
  await second.call('layouts.remove', { source: source.id, layout: flat.layout });
  expect((await second.call('layouts.list', { source: source.id })).some((l) => l.id === flat.layout)).toBe(false);
  await second.service.close();

  await file('c.csv', 'z0,z1,z2\n1,2,3\n4,5,6\n');
  const changed = await testClient(project, worker);
  expect(await changed.call('points.info', { source: source.id })).toMatchObject({ count: 2, warnings: [expect.stringContaining('earlier state')] });
  await changed.service.close();
});

test('a projection can be called off', async () => {
  const random = rng(2, 'many');
  const path = await file('many.csv', `z0,z1,z2,z3\n${Array.from({ length: 4000 }, () => Array.from({ length: 4 }, () => random.normal().toFixed(4)).join(',')).join('\n')}\n`);
  const source = await client.call('points.open', { kind: 'table', path });
  const { job } = await client.call('layouts.start', { source: source.id, method: 'umap', epochs: 100_000 });
  while ((await client.call('jobs.list', {})).find((j) => j.id === job)!.progress < 0.1) await new Promise((resolve) => setTimeout(resolve, 20));
  await client.call('jobs.cancel', { job });
  expect((await client.until(job, 'cancelled')).state).toBe('cancelled');
  expect((await client.call('layouts.list', { source: source.id })).every((l) => l.kind !== 'umap')).toBe(true);
});

test('coordinates of a table are shown as they are; two points and one dimension are no trouble', async () => {
  const given = await client.call('points.open', { kind: 'table', path: await file('xyz.tsv', 'x\ty\tz\tlabel\n1\t2\t3\ta\n4\t5\t6\tb\n') });
  expect(given.layouts[0]).toMatchObject({ id: 'columns:x,y,z', kind: 'columns', dims: 3 });
  expect([...(await client.call('points.positions', { source: given.id, layout: 'columns:x,y,z' })).positions]).toEqual([1, 2, 3, 4, 5, 6]);
  const line = await client.call('points.open', { kind: 'table', path: await file('line.csv', 'v\n1.5\n2.5\n') });
  expect(line.layouts[0].id).toBe('raw:0');
  expect([...(await client.call('points.positions', { source: line.id, layout: 'raw:0' })).positions]).toEqual([1.5, 0, 0, 2.5, 0, 0]);
  for (const method of ['pca', 'umap', 'tsne'] as const) {
    const { job, layout } = await client.call('layouts.start', { source: line.id, method });
    await client.until(job, 'done');
    expect((await client.call('points.positions', { source: line.id, layout })).positions.every(Number.isFinite)).toBe(true);
  }
  await expect(client.call('layouts.start', { source: line.id, method: 'pca', points: Int32Array.of(1) })).rejects.toMatchObject({ code: 'bad-input' });
});

test('pictures come from a column of paths or a sprite; what is missing is told', async () => {
  await mkdir(join(folders.root, 'img'), { recursive: true });
  for (const [i, colour] of ['#ff0000', '#0000ff'].entries()) await sharp({ create: { width: 20, height: 10, channels: 3, background: colour } }).png().toFile(join(folders.root, 'img', `${i}.png`));
  await writeFile(join(folders.root, 'img', 'tone.wav'), Buffer.from('RIFF'));
  const path = await file('pictures.csv', 'a,b,image,sound\n1,2,img/0.png,img/tone.wav\n3,4,img/1.png,\n5,7,img/gone.png,gone.wav\n7,8,https://example.com/x.png,\n');
  const source = await client.call('points.open', { kind: 'table', path });
  expect(source.media).toEqual({ pictures: 'column', sounds: 'column' });
  const { sheet, missing } = await client.call('points.thumbnails', { source: source.id, indices: [1, 0, 2, 3], size: 16 });
  expect(missing).toEqual([2, 3]);
  const pixels = await decodeSheet(sheet, 4);
  const middle = (cell: number): number[] => [...pixels.subarray((cell * 256 + 8 * 16 + 8) * 4, (cell * 256 + 8 * 16 + 8) * 4 + 4)];
  const [blue, red] = [middle(0), middle(1)];
  expect([blue[2] > 230, blue[0] < 30, red[0] > 230, red[2] < 30, middle(2)[3]]).toEqual([true, true, true, true, 0]);
  expect(await client.call('points.item', { source: source.id, index: 0 })).toMatchObject({ picture: { mime: expect.any(String) }, sound: { mime: 'audio/wav', name: 'tone.wav' }, mediaError: null });
  expect(await client.call('points.item', { source: source.id, index: 2 })).toMatchObject({ picture: null, mediaError: { code: 'not-found', message: expect.stringContaining('gone.png') } });
  expect(await client.call('points.item', { source: source.id, index: 3 })).toMatchObject({ mediaError: { code: 'bad-input', message: expect.stringContaining('network') } });

  const sprite = join(folders.root, 'sprite.png');
  await sharp({ create: { width: 16, height: 8, channels: 3, background: '#00ff00' } }).png().toFile(sprite);
  await file('tensors.tsv', '1\t2\n3\t4\n5\t6\n');
  await file('metadata.tsv', 'a\nb\nc\n');
  const config = await file('projector_config.json', JSON.stringify({ embeddings: [{ tensorName: 'T', tensorPath: 'tensors.tsv', metadataPath: 'metadata.tsv', sprite: { imagePath: 'sprite.png', singleImageDim: [8, 8] } }] }));
  const small = await client.call('points.open', { kind: 'table', path: config });
  expect(small.media.pictures).toBe('sprite');
  await expect(client.call('points.thumbnails', { source: small.id, indices: [0] })).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(/16 x 8 pixels.*3 rows/) });
  await sharp({ create: { width: 16, height: 16, channels: 3, background: '#00ff00' } }).png().toFile(sprite);
  const right = await client.call('points.thumbnails', { source: small.id, indices: [2], size: 8 });
  expect([right.missing, [...(await decodeSheet(right.sheet, 4)).subarray(0, 4)].map((v) => v > 128)]).toEqual([[], [false, true, false, true]]);
});

test('metadata of another length is refused; a file that is gone is named', async () => {
  const path = await file('short.csv', 'a,b\n1,2\n3,4\n');
  await expect(client.call('points.open', { kind: 'table', path, metadata: await file('meta.csv', 'name,kind\np,q\n') })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('1 rows') });
  await expect(client.call('points.open', { kind: 'table', path: join(folders.root, 'absent.csv') })).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('absent.csv') });
});

test('equal rows, constant columns and 10,000 dimensions are shown and projected', async () => {
  const equal = await client.call('points.open', { kind: 'table', path: await file('equal.csv', `a,b,c\n${'1,2,5\n'.repeat(30)}`) });
  expect(equal.warnings.join()).toContain('all rows are equal');
  const constant = await client.call('points.open', { kind: 'table', path: await file('constant.csv', `a,b\n${Array.from({ length: 30 }, (_, i) => `7,${i % 5}`).join('\n')}\n`) });
  expect(constant.warnings.join()).toContain('same value in every row (a)');
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (6, 10000), }`.padEnd(117) + '\n';
  const wide = join(folders.root, 'wide.npy');
  await writeFile(wide, Buffer.concat([Uint8Array.of(0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0), Buffer.from(header), new Uint8Array(rng(3, 'wide').fillNormal(new Float32Array(60_000)).buffer)]));
  const npy = await client.call('points.open', { kind: 'table', path: wide });
  expect(npy).toMatchObject({ count: 6, vectors: { dimensions: 10_000 }, columns: [], colorBy: null });
  for (const source of [equal, constant, npy]) {
    for (const method of ['pca', 'umap'] as const) {
      const { job, layout } = await client.call('layouts.start', { source: source.id, method, epochs: 20 });
      await client.until(job, 'done');
      const { positions } = await client.call('points.positions', { source: source.id, layout });
      expect(positions).toHaveLength(3 * source.count);
      expect(positions.every(Number.isFinite)).toBe(true);
    }
    expect((await client.call('points.clusters', { source: source.id, layout: 'pca:0,1' })).codes).toHaveLength(source.count);
  }
  expect([...(await client.call('points.neighbours', { source: equal.id, index: 3, count: 4 })).distances]).toEqual([0, 0, 0, 0]);
});

test('parquet with lists: the list is the vector, other lists are no colour', async () => {
  const { openDuck } = await import('../../data/tables/index.ts');
  const duck = await openDuck();
  const path = join(folders.root, 'lists.parquet');
  await duck.connection.run(`COPY (SELECT 'n' || i AS name, [i, i * 2, 1]::FLOAT[] AS latent, ['a', 'b'] AS tags, DATE '2024-01-01' + i::INTEGER AS day FROM range(20) t(i)) TO '${path}' (FORMAT parquet)`);
  duck.close();
  const source = await client.call('points.open', { kind: 'table', path });
  expect(source.vectors).toEqual({ names: ['latent'], dimensions: 3 });
  expect(source.columns.map((c) => [c.name, c.type])).toEqual([['name', 'text'], ['tags', 'list'], ['day', 'time']]);
  expect((await client.call('points.rows', { source: source.id, from: 3, count: 1 })).columns).toEqual([{ name: 'name', values: ['n3'] }, { name: 'tags', values: ['[a, b]'] }, { name: 'day', values: ['2024-01-04'] }]);
  await expect(client.call('points.column', { source: source.id, column: 'tags' })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(client.call('points.filter', { source: source.id, expression: "tags = 'a'" })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('lists') });
  expect((await client.call('points.filter', { source: source.id, expression: "day > '2024-01-10'" })).count).toBe(10);
  const out = await client.call('out.points', { source: source.id, points: Int32Array.of(2), vectors: true, format: 'json' });
  expect(JSON.parse(new TextDecoder().decode(out.bytes!))).toEqual([{ row: 2, latent_0: 2, latent_1: 4, latent_2: 1, name: 'n2', tags: ['a', 'b'], day: '2024-01-03' }]);
});
