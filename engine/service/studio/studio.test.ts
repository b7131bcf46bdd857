import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CanvasInfo, GenerateEvent } from '../../../electron/contract/index.ts';
import { pngText } from '../../core/png-text.ts';
import { builtWorker, makePictures, testClient, testFolders, type TestClient } from '../service.test-support.ts';

let root: string;
let free: () => Promise<void>;
let client: TestClient;
let run: string;
let prior: string;
let canvas: CanvasInfo;

beforeAll(async () => {
  const worker = await builtWorker();
  ({ root, free } = await testFolders());
  const pictures = await makePictures(join(root, 'pictures'));
  client = await testClient(undefined, worker);
  await client.call('projects.create', { path: join(root, 'project'), name: 'Studio' });
  await client.call('projects.open', { path: join(root, 'project') });
  const { job } = await client.call('data.import', { path: pictures, size: 8 });
  const data = (await client.until(job, 'done')).result!;
  const config = { hidden: 8, residualLayers: 0, residualHidden: 4, codes: 8, codeSize: 4, stride: 2, reviveEvery: 5 };
  const training = { batchSize: 4, checkpointEvery: 20, evaluateEvery: 20, warmupSteps: 5 };
  const started = await client.call('train.start', { family: 'vq-vae', data, config, training: { ...training, steps: 20 }, device: 'cpu' });
  run = started.run;
  await client.until(started.job, 'done');
  const learned = await client.call('train.prior', { codesOf: run, config: { width: 8, layers: 2, head: 8 }, training: { ...training, steps: 10 }, device: 'cpu' });
  prior = learned.run;
  await client.until(learned.job, 'done');
  canvas = await client.call('studio.open', { run });
}, 240_000);

afterAll(async () => {
  await client?.service.close();
  await free?.();
});

const encoded = async () => client.call('studio.encode', { run, item: 3 });
const pixelsOf = (picture: { bytes: Uint8Array }) => sharp(picture.bytes).removeAlpha().raw().toBuffer();

test('a run with codes opens as a canvas and knows its priors', () => {
  expect(canvas).toMatchObject({ rows: 4, columns: 4, cellPixels: 2, channels: 3, classes: ['disc', 'square'], grids: [{ name: 'codes', scale: 1, first: 0, codes: 8, alphabets: 1 }] });
  expect(canvas.priors).toMatchObject([{ run: prior, conditional: true, step: 10 }]);
});

test('a picture goes into codes and out of them; a file gives what its bytes give, and what was done to it is said', async () => {
  const { codes, decoded, psnrDb } = await encoded();
  expect(codes).toHaveLength(16);
  const { picture } = await client.call('studio.decode', { run, codes, rows: 4, columns: 4 });
  expect(await pixelsOf(picture)).toEqual(await pixelsOf(decoded));
  expect(psnrDb).toBeGreaterThan(3);
  const file = join(root, 'wide.png');
  await sharp({ create: { width: 3, height: 2, channels: 3, background: '#c33' } }).png().toFile(file);
  const found = await client.call('studio.encode', { run, path: file });
  expect(found.notes).toEqual([expect.stringContaining('3 x 2 pixels and was enlarged'), expect.stringContaining('cut to the shape')]);
  expect((await client.call('studio.encode', { run, bytes: new Uint8Array(await readFile(file)) })).codes).toEqual(found.codes);
});

test('CMYK, 16 bits a channel, one pixel and an animation are taken', async () => {
  const plain = { create: { width: 8, height: 8, channels: 3 as const, background: '#2a6' } };
  const files = {
    cmyk: await sharp(plain).toColourspace('cmyk').jpeg().toBuffer(),
    deep: await sharp(plain).toColourspace('rgb16').png().toBuffer(),
    dot: await sharp({ create: { ...plain.create, width: 1, height: 1 } }).png().toBuffer(),
    moving: await sharp(Buffer.alloc(8 * 16 * 3, 99).fill(200, 8 * 8 * 3), { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } }).gif({ delay: [100, 100] }).toBuffer(),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const { codes, notes } = await client.call('studio.encode', { run, bytes: new Uint8Array(bytes) });
    expect(codes, name).toHaveLength(16);
    if (name === 'moving') expect(notes).toEqual([expect.stringContaining('animation')]);
  }
});

test('a larger canvas is encoded, decoded and resampled beyond the border; cells that are held stay', async () => {
  const big = await client.call('studio.encode', { run, path: join(root, 'pictures', 'disc', '1.png'), rows: 4, columns: 7 });
  expect(big).toMatchObject({ rows: 4, columns: 7, original: { width: 14, height: 8 }, decoded: { width: 14, height: 8 } });
  const mask = Int32Array.from({ length: 28 }, (_, i) => (i % 7 >= 4 ? 1 : 0));
  const ask = { run, codes: big.codes, rows: 4, columns: 7, mask, count: 3, seed: 5 };
  const { variants, note } = await client.call('studio.resample', ask);
  expect(note).toContain('Drawn by the prior');
  for (const { codes } of variants) codes.forEach((code, i) => (mask[i] ? expect(code).toBeLessThan(8) : expect(code).toBe(big.codes[i])));
  expect((await client.call('studio.resample', ask)).variants.map(({ codes }) => codes)).toEqual(variants.map(({ codes }) => codes));
  expect(new Set(variants.map(({ codes }) => codes.join())).size).toBeGreaterThan(1);
});

test('calls that overlap give what they give one by one', async () => {
  const items = [1, 9, 17, 25, 33, 41];
  const alone = [];
  for (const item of items) alone.push((await client.call('studio.encode', { run, item })).codes);
  expect((await Promise.all(items.map((item) => client.call('studio.encode', { run, item })))).map(({ codes }) => codes)).toEqual(alone);
  const mask = new Int32Array(16).fill(1);
  const draws = alone.map((codes, i) => ({ run, codes, rows: 4, columns: 4, mask, count: 2, seed: i }));
  const one = [];
  for (const draw of draws) one.push((await client.call('studio.resample', draw)).variants.map(({ codes }) => codes));
  expect((await Promise.all(draws.map((draw) => client.call('studio.resample', draw)))).map(({ variants }) => variants.map(({ codes }) => codes))).toEqual(one);
});

test('variations change about the share that was asked for', async () => {
  const { codes } = await encoded();
  const { variants } = await client.call('studio.vary', { run, codes, rows: 4, columns: 4, amount: 0.25, count: 4, seed: 1, temperature: 2 });
  const changed = variants.map((variant) => variant.codes.filter((code, i) => code !== codes[i]).length);
  expect(Math.max(...changed)).toBeGreaterThan(0);
  expect(Math.max(...changed)).toBeLessThanOrEqual(4);
});

test('attributes: nought changes nothing, a class moves codes, and its opposite moves them elsewhere; items of a class are the class', async () => {
  const { codes } = await encoded();
  const base = { run, codes, rows: 4, columns: 4 };
  const moved = async (shift: object) => (await client.call('studio.shift', { ...base, shifts: [shift as { amount: number }] })).codes;
  expect(await moved({ label: 'square', amount: 0 })).toEqual(codes);
  const [more, less] = [await moved({ label: 'square', amount: 4 }), await moved({ label: 'square', amount: -4 })];
  expect([more, less]).not.toContainEqual(codes);
  expect(more).not.toEqual(less);
  const found = await client.call('studio.shift', { ...base, shifts: [{ label: 'square', amount: 4 }] });
  expect(await pixelsOf(found.picture)).toEqual(await pixelsOf((await client.call('studio.decode', { ...base, codes: more })).picture));
  await expect(moved({ label: 'star', amount: 1 })).rejects.toThrow(/no class "star"/);
  await expect(moved({ amount: 1 })).rejects.toThrow(/mean of/);
  await expect(moved({ items: [1, 9999], amount: 1 })).rejects.toThrow(/no item 9999/);
  await expect(client.call('studio.shift', { run, codes: new Int32Array(20), rows: 4, columns: 5, shifts: [{ label: 'disc', amount: 1 }] })).rejects.toThrow(/4 by 4 codes/);
});

test('recovering draws anew what surprises the prior most, about the share asked for, and holds the rest', async () => {
  const { codes } = await encoded();
  const request = { run, codes, rows: 4, columns: 4, amount: 0.25, count: 3, seed: 1 };
  const { mask, variants } = await client.call('studio.recover', request);
  expect(mask.reduce((a, b) => a + b, 0)).toBe(4);
  for (const variant of variants) variant.codes.forEach((code, i) => mask[i] || expect(code).toBe(codes[i]));
  expect((await client.call('studio.recover', request)).mask).toEqual(mask);
});

test('what cannot be is refused by name', async () => {
  const { codes } = await encoded();
  const base = { run, codes, rows: 4, columns: 4 };
  const none = new Int32Array(16);
  await expect(client.call('studio.decode', { ...base, codes: codes.slice(1) })).rejects.toThrow(/15 codes were given/);
  await expect(client.call('studio.resample', { ...base, mask: none })).rejects.toThrow(/No cell is marked/);
  await expect(client.call('studio.resample', { ...base, mask: none.slice(3).fill(1) })).rejects.toThrow(/mask has 13 cells/);
  await expect(client.call('studio.resample', { ...base, mask: none.slice().fill(1), temperature: 0 })).rejects.toThrow(/temperature 0/);
  await expect(client.call('studio.resample', { ...base, mask: none.slice().fill(1), label: 'star' })).rejects.toThrow(/star/);
  await expect(client.call('studio.resample', { ...base, mask: none.slice().fill(1), prior: run })).rejects.toThrow(/is not a prior/);
});

test('a film starts and ends at its keys, whichever way it takes', async () => {
  const [a, b] = [await encoded(), await client.call('studio.encode', { run, item: 30 })];
  const keys = [a, b].map(({ codes }) => ({ codes, rows: 4, columns: 4 }));
  for (const through of ['latents', 'codes', 'levels'] as const) {
    const out = join(root, `${through}.gif`);
    const { frames } = await client.call('studio.interpolate', { run, keys, through, between: 3, out, scale: 2 });
    expect(frames).toMatchObject({ count: 5, cellWidth: 8, cellHeight: 8 });
    const cell = (i: number) => sharp(frames.bytes).extract({ left: (i % frames.columns) * 8, top: Math.floor(i / frames.columns) * 8, width: 8, height: 8 }).removeAlpha().raw().toBuffer();
    expect(await cell(0), through).toEqual(await pixelsOf(a.decoded));
    expect(await cell(4), through).toEqual(await pixelsOf(b.decoded));
    const film = await sharp(out, { animated: true }).metadata();
    expect(film).toMatchObject({ width: 16, pageHeight: 16 });
    // Frames that are alike are written once and shown longer.
    expect(film.delay!.reduce((a, b) => a + b, 0)).toBe(5 * 80);
  }
  await expect(client.call('studio.interpolate', { run, keys, out: join(root, 'film.avi') })).rejects.toThrow(/\.gif or \.webp/);
});

async function generated(input: Parameters<typeof client.follow<'studio.generate'>>[1]): Promise<GenerateEvent[]> {
  const { events, stop } = client.follow('studio.generate', input);
  while (!events.some(({ type }) => type === 'done' || type === 'failed')) await new Promise((resolve) => setTimeout(resolve, 20));
  stop();
  return events;
}

test('generated pictures are kept with what made them, and the same seed makes the same pictures', async () => {
  const request = { run, count: 10, seed: 11, labels: [{ label: 'disc', weight: 3 }, { label: 'square', weight: 2 }] };
  const events = await generated(request);
  const pictures = events.filter((event) => event.type === 'picture');
  expect(pictures.map(({ item }) => item.recipe?.label)).toEqual([...Array<string>(6).fill('disc'), ...Array<string>(4).fill('square')]);
  const again = (await generated(request)).filter((event) => event.type === 'picture');
  expect(await Promise.all(again.map(({ picture }) => pixelsOf(picture)))).toEqual(await Promise.all(pictures.map(({ picture }) => pixelsOf(picture))));
  const { item } = pictures[9];
  const recipe = JSON.parse(pngText(await readFile(item.path))['latent-atelier']) as typeof item.recipe;
  expect(recipe).toMatchObject({ kind: 'sample', run, prior, seed: 11, index: 9, label: 'square', fingerprint: canvas.fingerprint });
  const redrawn = await client.call('studio.decode', { run, ...recipe!.canvas!, codes: Int32Array.from(recipe!.canvas!.codes) });
  expect(await pixelsOf(redrawn.picture)).toEqual(await pixelsOf(pictures[9].picture));
});

test('a class that was never seen fails with its name; leaving the stream stops it', async () => {
  expect((await generated({ run, count: 2, label: 'star' })).at(-1)).toMatchObject({ type: 'failed', error: { code: 'bad-input', message: expect.stringContaining('star') } });
  const { events, stop } = client.follow('studio.generate', { run, count: 200, seed: 2 });
  while (!events.some(({ type }) => type === 'picture')) await new Promise((resolve) => setTimeout(resolve, 10));
  stop();
  const { total } = await client.call('gallery.list', { limit: 1 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await client.call('gallery.list', { limit: 1 })).total).toBeLessThanOrEqual(total + 8);
});

test('the gallery keeps, likes, removes, restores and exports', async () => {
  const { codes } = await encoded();
  const kept = await client.call('gallery.keep', { run, codes, rows: 4, columns: 4, recipe: { note: 'painted', label: 'disc' } });
  expect((await client.call('gallery.list', {})).items.map(({ id }) => id)).toContain(kept.id);
  await client.call('gallery.favourite', { id: kept.id, favourite: true });
  expect((await client.call('gallery.list', { favourites: true })).items).toMatchObject([{ id: kept.id, favourite: true }]);
  await client.call('gallery.remove', { ids: [kept.id] });
  await expect(client.call('gallery.picture', { id: kept.id })).rejects.toThrow();
  await client.call('gallery.restore', { ids: [kept.id] });
  const folder = join(root, 'out');
  const ask = { ids: [kept.id], folder, pattern: '{class}/{run}-{seed}-{n}', scale: 4 };
  const first = await client.call('gallery.export', ask);
  await client.call('gallery.export', ask);
  await client.call('gallery.export', { ...ask, format: 'jpeg' });
  expect(first.files).toHaveLength(1);
  expect((await readdir(folder)).sort()).toHaveLength(3);
  expect(await sharp(first.files[0]).metadata()).toMatchObject({ width: 32, height: 32 });
  await writeFile(join(root, 'file'), '');
  await expect(client.call('gallery.export', { ...ask, folder: join(root, 'file', 'below') })).rejects.toThrow();
});

test('a canvas is saved and opened; one whose weights changed or whose run is gone is refused', async () => {
  const { codes } = await encoded();
  const document = { name: 'Mine', run, fingerprint: canvas.fingerprint, rows: 4, columns: 4, base: [...codes], layers: [{ name: 'Paint', visible: true, cells: [1, 2], codes: [3, 3] }] };
  const { id } = await client.call('canvases.save', { document });
  expect(await client.call('canvases.open', { id })).toEqual(document);
  await client.call('canvases.save', { id, document: { ...document, fingerprint: 'another' } });
  await expect(client.call('canvases.open', { id })).rejects.toThrow(/other weights/);
  await client.call('canvases.save', { id, document: { ...document, run: join(root, 'gone') } });
  await expect(client.call('canvases.open', { id })).rejects.toThrow(/gone/);
  await mkdir(join(root, 'project', 'canvases'), { recursive: true });
  await writeFile(join(root, 'project', 'canvases', `${id}.json`), '{"fileFormat":"latent-atelier-canvas","fileVersion":1}');
  await expect(client.call('canvases.open', { id })).rejects.toThrow(/cannot be read as a canvas/);
  expect(await client.call('canvases.list', {})).toEqual([]);
  await client.call('canvases.remove', { id });
});

test('a codebook shows a swatch of each code and how often it stands in pictures', async () => {
  const { sheet, use } = await client.call('studio.codebook', { run });
  expect(sheet.count).toBe(8);
  expect(use.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
});
