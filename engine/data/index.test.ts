import { open, readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { decodeSheet } from '../image/index.ts';
import { npy, npz, picture, put, scratchFolder } from './fixtures.test-support.ts';
import { BUILTIN_SETS, describe, importImages, infoOf, openDataset, openImages, pageOf, readPictures, sheetOf } from './index.ts';

let scratch = '';
beforeEach(async () => {
  scratch = await scratchFolder();
});
const noise = (n: number, side: number): Uint8Array => npz({ images: npy('|u1', [n, side, side, 3], Uint8Array.from({ length: n * side * side * 3 }, (_, i) => (i * 7919) % 256)), labels: npy('|u1', [n], Uint8Array.from({ length: n }, (_, i) => i % 4)) });
const caches = async (): Promise<string[]> => (await readdir(join(scratch, 'home/cache/images')).catch(() => [])).filter((n) => !n.startsWith('.'));

test('a source is rendered once; the cache is found again, and rendered anew when it is damaged', async () => {
  const path = await put(join(scratch, 'a.npz'), noise(40, 16));
  const progress: number[] = [];
  const first = await openImages(path, { onProgress: (done) => progress.push(done) });
  expect(progress.at(-1)).toBe(40);
  progress.length = 0;
  const again = await openImages(path, { onProgress: (done) => progress.push(done) });
  expect(progress).toEqual([]);
  expect(describe(again)).toEqual(describe(first));
  expect(again.ref).toBe(path);
  const smaller = await openImages(path, { size: 8, channels: 1 });
  expect([smaller.width, smaller.channels, (await caches()).length]).toEqual([8, 1, 2]);
  await Promise.all([first, again, smaller].map((s) => s.close()));
  await truncate(join(first.folder!, 'pixels.bin'), 100);
  const mended = await openImages(path);
  expect(await mended.readBytes([39])).toHaveLength(16 * 16 * 3);
  await mended.close();
});

test('two that need the same set at once both get it', async () => {
  const path = await put(join(scratch, 'a.npz'), noise(200, 8));
  const sets = await Promise.all([openImages(path), openImages(path), openImages(path)]);
  expect(new Set(sets.map((s) => s.fingerprint)).size).toBe(1);
  expect(await caches()).toHaveLength(1);
  await Promise.all(sets.map((s) => s.close()));
});

test('what a killed import left is swept away after a day, not before', async () => {
  const path = await put(join(scratch, 'a.npz'), noise(20, 8));
  await put(join(scratch, 'data/.old.partial/pixels.bin'), 'half');
  await put(join(scratch, 'data/.new.partial/pixels.bin'), 'half');
  await utimes(join(scratch, 'data/.old.partial'), 1e9, 1e9);
  await importImages({ path, name: 'n' }, { project: scratch });
  expect(await readdir(join(scratch, 'data'))).toEqual(['.new.partial', expect.stringMatching(/^n-/)]);
});

test('cancelling leaves nothing behind', async () => {
  const path = await put(join(scratch, 'a.npz'), noise(500, 8));
  const signal = { aborted: false };
  const stopped = openImages(path, { signal, onProgress: () => (signal.aborted = true) });
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  expect(await readdir(join(scratch, 'home/cache/images'))).toEqual([]);
});

test.each([['ENOSPC', 'disk-full'], ['EROFS', 'no-permission']])('a disk that refuses (%s) is told, and nothing half-made stays', async (code, expected) => {
  const path = await put(join(scratch, 'a.npz'), noise(20, 8));
  const handle = await open(path);
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const write = vi.spyOn(prototype, 'write').mockRejectedValue(Object.assign(new Error(code), { code }));
  try {
    await expect(importImages({ path }, { project: scratch })).rejects.toMatchObject({ code: expected, message: expect.stringContaining(path) });
  } finally {
    write.mockRestore();
  }
  expect(await readdir(join(scratch, 'data'))).toEqual([]);
});

test('an import lands in the project, keeps what it was told, and can be opened in another size', async () => {
  for (let i = 0; i < 12; i++) await put(join(scratch, `in/${i % 2 ? 'odd' : 'even'}/${i}.png`), await picture(`rgb(${i * 20},0,0)`, 24));
  const info = await importImages({ path: join(scratch, 'in'), name: 'My Pictures!', size: 12, seed: 3 }, { project: scratch });
  expect(info).toMatchObject({ name: 'My Pictures!', format: 'image-folder', count: 12, width: 12, height: 12, channels: 3, builtin: false, source: join(scratch, 'in') });
  expect(info.ref).toMatch(/data\/my-pictures-[0-9a-f]{6}$/);
  expect(info.split.train + info.split.validation + info.split.test).toBe(12);
  expect(await infoOf(info.ref)).toEqual(info);
  const set = await openImages(info.ref, { size: 8 });
  expect([set.width, set.ref, set.itemName(3)]).toEqual([8, info.ref, 'even/4.png']);
  const original = await openImages(info.ref);
  expect(set.split).toEqual(original.split);
  await Promise.all([set.close(), original.close()]);
});

test('the same pictures and seed give the same fingerprint; another seed or size another', async () => {
  const path = await put(join(scratch, 'a.npz'), noise(30, 8));
  const print = async (options: object): Promise<string> => (await importImages({ path, ...options }, { project: scratch })).fingerprint;
  const first = await print({});
  expect(await print({})).toBe(first);
  expect(await print({ seed: 1 })).not.toBe(first);
  expect(await print({ size: 16 })).not.toBe(first);
});

test('a set too large for memory is read from disk, ahead or not, with the same values', async () => {
  const path = await put(join(scratch, 'a.npz'), noise(64, 8));
  const small = await openImages(path);
  const large = await openDataset(small.folder!, { inMemoryBytes: 1000 });
  const wanted = [63, 0, 5, 5, 17];
  expect(await large.read(wanted)).toEqual(await small.read(wanted));
  large.prefetch!(wanted);
  large.prefetch!([1, 2, 3]);
  expect(await large.read([1, 2, 3])).toEqual(await small.read([1, 2, 3]));
  expect(await large.read(wanted)).toEqual(await small.read(wanted));
  large.prefetch!(wanted);
  const out = new Float32Array(5 * 192);
  expect(await large.read(wanted, out)).toBe(out);
  await expect(large.read([64])).rejects.toMatchObject({ code: 'bad-input' });
  await expect(small.read([-1])).rejects.toMatchObject({ code: 'bad-input' });
  await expect(small.read([0], new Float32Array(3))).rejects.toMatchObject({ code: 'bad-input' });
  large.prefetch!([99]);
  await Promise.all([small.close(), large.close()]);
});

test('a damaged or newer dataset is refused by name', async () => {
  const path = await put(join(scratch, 'a.npz'), noise(10, 8));
  const { ref } = await importImages({ path }, { project: scratch });
  const file = join(ref, 'dataset.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('"fileVersion": 1', '"fileVersion": 7'));
  await expect(openImages(ref)).rejects.toMatchObject({ code: 'newer-version', message: expect.stringContaining(file) });
  await writeFile(file, text);
  await truncate(join(ref, 'pixels.bin'), 999);
  await expect(openImages(ref)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(/pixels\.bin has 999 bytes instead of 1920/) });
});

test('pages: by split and class, in order, thumbnails in the same order', async () => {
  const path = await put(join(scratch, 'a.npz'), noise(100, 8));
  const set = await openImages(path);
  const page = await pageOf(set, { label: '2', offset: 5, limit: 10, thumbnailSize: 64 });
  expect(page.total).toBe(25);
  expect(page.items.map((i) => i.index)).toEqual([22, 26, 30, 34, 38, 42, 46, 50, 54, 58]);
  expect(page.items[0]).toEqual({ index: 22, name: 'images/22', label: '2', split: set.splitOf(22) });
  expect(await decodeSheet(page.thumbnails!, 3)).toEqual(await set.readBytes(page.items.map((i) => i.index)));
  const held = await pageOf(set, { split: 'test', offset: 0, limit: 500, thumbnailSize: 4 });
  expect([held.total, held.thumbnails?.cellWidth]).toEqual([10, 4]);
  expect(await pageOf(set, { label: 'none', offset: 0, limit: 5, thumbnailSize: 4 })).toEqual({ total: 0, items: [], thumbnails: null });
  const sheet = await sheetOf(set, [3, 1], { thumbnailSize: 8 });
  expect(await decodeSheet(sheet, 3)).toEqual(await set.readBytes([3, 1]));
  await set.close();
});

test('single pictures are read as a set of that size reads them', async () => {
  const path = await put(join(scratch, 'p.png'), await picture('#f00', 32));
  const pixels = await readPictures([path, path], 4, 3);
  expect([pixels.length, pixels[0], pixels[1], pixels[95]]).toEqual([96, 1, 0, 0]);
  await expect(readPictures([join(scratch, 'no.png')], 4, 3)).rejects.toMatchObject({ code: 'not-found' });
});

test('the emoji that ship: 4683 pictures, nine classes, a name in the same split in every style', async () => {
  const begun = performance.now();
  const set = await openImages('builtin:emoji', { size: 16 });
  const seconds = (performance.now() - begun) / 1000;
  expect([set.count, set.classes.length, set.info.skipped.total, set.info.builtin]).toEqual([4683, 9, 0, true]);
  expect(set.ref).toBe('builtin:emoji');
  const splitOf = new Map<string, string>();
  for (let i = 0; i < set.count; i++) {
    const name = set.itemName(i).split('/')[1];
    expect(splitOf.get(name) ?? set.splitOf(i)).toBe(set.splitOf(i));
    splitOf.set(name, set.splitOf(i));
  }
  expect(set.info.split).toEqual({ train: 3747, validation: 468, test: 468 });
  const [avocado] = [await set.read([Array.from({ length: set.count }, (_, i) => i).find((i) => set.itemName(i) === 'noto/avocado')!])];
  expect([avocado[0], avocado[1], avocado[2]]).toEqual([1, 1, 1]); // a white corner
  const centre = (8 * 16 + 5) * 3;
  expect(avocado[centre + 1]).toBeGreaterThan(avocado[centre + 2]); // green rather than blue
  expect(seconds).toBeLessThan(60);
  await set.close();
}, 120_000);

test('one style alone, with transparency; an unknown one is named', async () => {
  const set = await openImages('builtin:emoji-twemoji', { size: 8, channels: 4 });
  expect([set.count, set.itemName(0).includes('/')]).toEqual([1561, false]);
  const alpha = (await set.readBytes([0])).filter((_, i) => i % 4 === 3);
  expect([Math.min(...alpha), Math.max(...alpha)]).toEqual([0, 255]);
  await set.close();
  expect(BUILTIN_SETS).toContain('builtin:emoji-twemoji');
  await expect(openImages('builtin:faces')).rejects.toMatchObject({ code: 'not-found', remedy: expect.stringContaining('builtin:emoji-noto') });
}, 60_000);
