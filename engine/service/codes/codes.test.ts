import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AtelierError } from '../../core/errors.ts';
import { decodePicture, decodeSheet } from '../../image/index.ts';
import { decodeContainer, encodeContainer, type Container } from '../compress/container.ts';
import { builtWorker, makePictures, testClient, testFolders, type TestClient } from '../service.test-support.ts';

vi.setConfig({ testTimeout: 240_000 });

let folders: Awaited<ReturnType<typeof testFolders>>;
let client: TestClient;
let codec: string;
let prior: string;
const failure = (promise: Promise<unknown>): Promise<AtelierError> => promise.then(() => expect.unreachable('it should have thrown'), (e: unknown) => e as AtelierError);
const training = { steps: 12, batchSize: 8, evaluateEvery: 12, checkpointEvery: 12 };

beforeAll(async () => {
  folders = await testFolders();
  client = await testClient(undefined, await builtWorker());
  const imported = await client.call('data.import', { path: await makePictures(join(folders.root, 'pictures')), size: 8 });
  const data = (await client.until(imported.job, 'done')).result!;
  const begun = await client.call('train.start', { family: 'vq-vae-2', config: { hidden: 8, residualLayers: 1, residualHidden: 4, codes: 8, codeSize: 4, stride: 2 }, data, training, device: 'cpu' });
  await client.until(begun.job, 'done');
  codec = begun.run;
  const learning = await client.call('train.prior', { codesOf: codec, config: { width: 8, layers: 2, head: 8, finerWidth: 4, finerLayers: 1, heads: 2 }, training, device: 'cpu' });
  await client.until(learning.job, 'done');
  prior = learning.run;
}, 240_000);
afterAll(async () => {
  await client.service.close();
  await folders.free();
});

test('a picture\'s codes name their grids, and stand for the picture the model makes', async () => {
  const { codes, original, reconstruction } = await client.call('runs.codes', { run: codec, item: 3 });
  expect(codes).toMatchObject({ cells: 20, grids: [{ name: 'top', height: 2, width: 2, at: 0, first: 0, codes: 8 }, { name: 'bottom', height: 4, width: 4, at: 4, first: 8, codes: 8 }] });
  codes.values.forEach((code, cell) => expect(code >= (cell < 4 ? 0 : 8) && code < (cell < 4 ? 8 : 16)).toBe(true));
  expect(original).toMatchObject({ width: 8, height: 8 });
  const again = await client.call('runs.decode', { run: codec, codes: Array.from(codes.values) });
  expect(again.bytes).toEqual(reconstruction.bytes);
  const { codes: many } = await client.call('runs.reconstruct', { run: codec, items: [3, 4] });
  expect(many!.values.slice(0, 20)).toEqual(codes.values);
  expect(await failure(client.call('runs.decode', { run: codec, codes: [1, 2] }))).toMatchObject({ code: 'bad-input', message: '2 codes were given; a picture has 20.' });
  expect((await failure(client.call('runs.decode', { run: codec, codes: Array.from(codes.values, () => 0) }))).message).toMatch(/0 is no code of its place; those go from 8 to 15/);
  expect((await failure(client.call('runs.codes', { run: codec }))).message).toMatch(/which picture is meant/);
  expect((await failure(client.call('runs.codes', { run: codec, item: 9999 }))).message).toMatch(/there is no item 9999/);
});

test('pictures are mixed by grid and by region', async () => {
  const [a, b] = [{ item: 0 }, { item: 30 }];
  const listOf = async (picture: object) => (await client.call('runs.codes', { run: codec, ...picture })).codes.values;
  const [one, two] = [await listOf(a), await listOf(b)];
  const top = await client.call('runs.mix', { run: codec, a, b, grids: ['top'] });
  expect(top.codes.values).toEqual(Int32Array.from([...two.slice(0, 4), ...one.slice(4)]));
  expect(top.originals.count).toBe(2);
  const swapped = await client.call('runs.mix', { run: codec, a: b, b: a, grids: ['bottom'] });
  expect(swapped.mixed.bytes).toEqual(top.mixed.bytes);
  // A quarter of the finest grid lies under one coarse cell.
  const corner = await client.call('runs.mix', { run: codec, a, b, region: { x: 2, y: 0, width: 2, height: 2 } });
  const expected = one.slice();
  for (const cell of [1, 4 + 2, 4 + 3, 4 + 6, 4 + 7]) expected[cell] = two[cell];
  expect(corner.codes.values).toEqual(expected);
  const codes = await client.call('runs.mix', { run: codec, a: { codes: Array.from(one) }, b: { codes: Array.from(two) }, grids: ['top', 'bottom'] });
  expect(codes.codes.values).toEqual(two);
  expect((await failure(client.call('runs.mix', { run: codec, a, b }))).message).toMatch(/what is taken from the second/);
  expect(await failure(client.call('runs.mix', { run: codec, a, b, grids: ['middle'] }))).toMatchObject({ message: 'There is no grid of codes called "middle".', remedy: 'Grids: top, bottom.' });
});

test('a prior over both grids samples by one name, and redraws one grid or all, holding the rest', async () => {
  const { sheet, note } = await client.call('runs.sample', { run: prior, count: 4, label: 'disc', topK: 5 });
  expect(sheet.count).toBe(4);
  expect(note).toMatch(/prior .*class disc/);
  const source = { item: 5 };
  const kept = (await client.call('runs.codes', { run: prior, ...source })).codes.values;
  const all = await client.call('runs.resample', { run: prior, ...source, region: { x: 0, y: 2, width: 4, height: 2 }, count: 6 });
  expect(all).toMatchObject({ height: 4, width: 4, sheet: { count: 6 } });
  const free = new Set([2, 3, 12, 13, 14, 15, 16, 17, 18, 19]);
  let changed = 0;
  all.codes.values.forEach((code, i) => {
    if (!free.has(i % 20)) expect(code).toBe(kept[i % 20]);
    else if (code !== kept[i % 20]) changed++;
  });
  expect(changed).toBeGreaterThan(5);
  const top = await client.call('runs.resample', { run: prior, codes: Array.from(kept), grid: 'top', mask: [1, 1, 1, 1], count: 2, seed: 4 });
  expect(top.codes.values.slice(4, 20)).toEqual(kept.slice(4));
  const pixels = await decodeSheet(top.original, 3);
  expect(pixels).toHaveLength(8 * 8 * 3);
  expect((await failure(client.call('runs.resample', { run: prior, ...source, mask: [1, 0, 1] }))).message).toMatch(/mask has 3 cells; the grid bottom has 16, 4 by 4/);
  expect((await failure(client.call('runs.resample', { run: prior, ...source, region: { x: 3, y: 0, width: 2, height: 1 } }))).message).toMatch(/reaches beyond the grid of 4 by 4/);
  expect((await failure(client.call('runs.resample', { run: prior, ...source, region: { x: 0, y: 0, width: 1, height: 1 }, temperature: 0 }))).message).toMatch(/temperature 0/);
  expect((await failure(client.call('runs.sample', { run: prior, count: 1, label: 'cube' }))).message).toMatch(/never seen a class 'cube'/);
  expect((await failure(client.call('runs.resample', { run: codec, ...source, mask: [1] }))).message).toMatch(/has no prior/);
});

test('a prior is estimated like a model', async () => {
  const found = await client.call('train.estimate', { codesOf: codec, config: { width: 8, layers: 2, head: 8 }, training: { steps: 50, batchSize: 4 } });
  expect(found).toMatchObject({ device: 'cpu', steps: 50, parameters: expect.any(Number) });
  expect(found.totalSec).toBeGreaterThan(0);
  expect(await failure(client.call('train.estimate', { codesOf: prior }))).toMatchObject({ message: expect.stringMatching(/is a prior itself/) });
});

test('pictures are compressed into the bits that the prior says, and come back as their codes have them', async () => {
  const paths = Array.from({ length: 12 }, (_, i) => join(folders.root, 'pictures', i % 2 ? 'disc' : 'square', `${i}.png`));
  const out = join(folders.root, 'some.atl');
  const found = await client.call('runs.compress', { run: prior, paths, out });
  expect(found).toMatchObject({ out, count: 12, names: expect.arrayContaining(['0', '11']) });
  expect(found.streamBytes).toBeLessThanOrEqual(1.02 * found.estimatedBytes + 4 + 2); // two bytes of check for each of two groups
  expect(found.streamBytes).toBeGreaterThan(found.estimatedBytes);
  const bytes = await readFile(out);
  expect(bytes).toHaveLength(found.bytes);
  const folder = join(folders.root, 'apart');
  const { files } = await client.call('runs.decompress', { run: prior, file: out, out: folder });
  expect(files).toEqual(paths.map((path) => basename(path)));
  const expected = await client.call('runs.reconstruct', { run: prior, paths: paths.slice(0, 1) });
  const png = await decodePicture({ path: join(folder, '0.png') }, { size: 8, fit: 'cover', channels: 3 });
  const sheet = await decodeSheet(expected.reconstructions, 3);
  // Another number of pictures at a time may round another way.
  png.pixels.forEach((v, i) => expect(Math.abs(v - sheet[i])).toBeLessThanOrEqual(1));

  const coarse = await client.call('runs.compress', { run: prior, paths, out: join(folders.root, 'coarse.atl'), grids: 1 });
  expect(coarse.streamBytes).toBeLessThan(found.streamBytes / 2);
  expect((await client.call('runs.decompress', { run: prior, file: coarse.out, out: join(folders.root, 'coarse') })).files).toHaveLength(12);

  await writeFile(out, bytes.subarray(0, bytes.length - 9));
  expect(await failure(client.call('runs.decompress', { run: prior, file: out, out: folder }))).toMatchObject({ code: 'bad-data', message: expect.stringMatching(/cut short/) });
  const container = decodeContainer(bytes, out);
  const changed = async (change: Partial<Container>) => {
    await writeFile(out, encodeContainer({ ...container, ...change }));
    return failure(client.call('runs.decompress', { run: prior, file: out, out: folder }));
  };
  expect(await changed({ prior: '00000000' })).toMatchObject({ code: 'bad-input', message: expect.stringMatching(/written by another prior, "/) });
  expect(await changed({ model: '00000000' })).toMatchObject({ code: 'bad-input', message: expect.stringMatching(/written by another model, "/), remedy: expect.stringMatching(/run that wrote it/) });
  // Whole as a file, but with part of the codes gone.
  expect(await changed({ stream: container.stream.subarray(0, container.stream.length >> 1) })).toMatchObject({ code: 'bad-data', message: expect.stringMatching(/Pictures 1 to 8 of 12 do not come back|Pictures 9 to 12 of 12 do not come back/) });
  expect((await failure(client.call('runs.compress', { run: codec, paths, out }))).message).toMatch(/has no prior to compress by/);
  expect((await failure(client.call('runs.compress', { run: prior, paths, out: 'x.zip' }))).message).toMatch(/written as \.atl/);
});

test('rate is reported against distortion, with one grid and with two, beside JPEG and WebP', async () => {
  const report = await client.call('runs.rateDistortion', { run: prior, limit: 3 });
  expect(report).toMatchObject({ items: 3, pixels: 192, split: 'test' });
  expect(report.ours.map((p) => p.grids)).toEqual([['top'], ['top', 'bottom']]);
  for (const p of report.ours) expect(p.bitsPerPixel).toBeGreaterThan(p.estimatedBitsPerPixel);
  for (const curve of [report.jpeg, report.webp]) expect(curve.at(-1)!.psnrDb).toBeGreaterThan(curve[0].psnrDb);
  expect(report.verdict.length).toBeGreaterThanOrEqual(4);
});

test('the table of latents has the mean of each grid, and codes of all', async () => {
  const out = join(folders.root, 'points.parquet');
  const { columns } = await client.call('runs.embed', { run: codec, out, split: 'test' });
  expect(columns.filter((name) => /^z\d+$/.test(name))).toHaveLength(8);
  expect(columns).toContain('codes');
});
