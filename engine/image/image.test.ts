import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeBmp, decodePicture, decodeSheet, encodePicture, encodeSheet, pictureInfo, shrink, toBytes } from './index.ts';

const write = async (name: string, bytes: Uint8Array | string): Promise<string> => {
  const path = join(await mkdtemp(join(tmpdir(), 'atelier-')), name);
  await writeFile(path, bytes);
  return path;
};
const to = (size: number, channels: 1 | 3 | 4 = 3) => ({ size, fit: 'cover' as const, channels });

/** A bitmap of 2 x 2: red, green over blue, white. Rows are stored from the bottom. */
function bmp24(): Buffer {
  const b = Buffer.alloc(54 + 16);
  b.write('BM');
  b.writeUInt32LE(b.length, 2);
  b.writeUInt32LE(54, 10);
  b.writeUInt32LE(40, 14);
  b.writeInt32LE(2, 18);
  b.writeInt32LE(2, 22);
  b.writeUInt16LE(1, 26);
  b.writeUInt16LE(24, 28);
  b.set([255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0], 54);
  return b;
}
const FOUR = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];

test('a bitmap worked out by hand, whatever its ending', async () => {
  expect([...decodeBmp(bmp24()).pixels]).toEqual(FOUR);
  const path = await write('lying.png', bmp24());
  expect([...(await decodePicture({ path }, to(2))).pixels]).toEqual(FOUR);
  expect(await pictureInfo({ path })).toMatchObject({ width: 2, height: 2, format: 'bmp' });
});

test('a bitmap of 1 bit with a palette, stored from the top', () => {
  const b = Buffer.alloc(62 + 8);
  bmp24().copy(b, 0, 0, 54);
  b.writeUInt32LE(62, 10);
  b.writeInt32LE(-2, 22);
  b.writeUInt16LE(1, 28);
  b.writeUInt32LE(0, 46);
  b.set([10, 20, 30, 0, 40, 50, 60, 0, 0b10000000, 0, 0, 0, 0b01000000, 0, 0, 0], 54);
  expect([...decodeBmp(b).pixels]).toEqual([60, 50, 40, 30, 20, 10, 30, 20, 10, 60, 50, 40]);
});

test('a bitmap of 16 bits and one of 32 with masks and alpha', () => {
  const b16 = Buffer.alloc(54 + 8);
  bmp24().copy(b16, 0, 0, 54);
  b16.writeUInt16LE(16, 28);
  [0x001f, 0x7fff, 0x7c00, 0x03e0].forEach((v, i) => b16.writeUInt16LE(v, 54 + i * 2));
  expect([...decodeBmp(b16).pixels]).toEqual(FOUR);
  const b32 = Buffer.alloc(14 + 56 + 16);
  bmp24().copy(b32, 0, 0, 54);
  b32.writeUInt32LE(70, 10);
  b32.writeUInt32LE(56, 14);
  b32.writeUInt16LE(32, 28);
  b32.writeUInt32LE(3, 30);
  [0xff, 0xff00, 0xff0000, 0xff000000].forEach((m, i) => b32.writeUInt32LE(m, 54 + i * 4));
  b32.set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], 70);
  expect(decodeBmp(b32)).toEqual({ width: 2, height: 2, channels: 4, pixels: Uint8Array.of(9, 10, 11, 12, 13, 14, 15, 16, 1, 2, 3, 4, 5, 6, 7, 8) });
});

test.each([
  ['cut off', (b: Buffer) => b.subarray(0, 60), /cut off/],
  ['a billion pixels wide', (b: Buffer) => (b.writeInt32LE(1e9, 18), b), /claims 1000000000 by 2/],
  ['no pixels', (b: Buffer) => (b.writeInt32LE(0, 18), b), /claims 0 by 2/],
  ['13 bits', (b: Buffer) => (b.writeUInt16LE(13, 28), b), /13 bits/],
  ['run lengths', (b: Buffer) => (b.writeUInt32LE(1, 30), b), /compressed/],
])('a bad bitmap is named: %s', (_, spoil, says) => {
  expect(() => decodeBmp(spoil(bmp24()), 'x.bmp')).toThrow(says);
});

const source = { create: { width: 40, height: 20, channels: 3 as const, background: '#c08040' } };
test.each(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const)('%s is read, cropped and resized', async (format) => {
  const path = await write(`a.${format}`, await sharp(source).toFormat(format).toBuffer());
  const { pixels, info } = await decodePicture({ path }, to(8));
  expect([pixels.length, info.width, info.height]).toEqual([8 * 8 * 3, 40, 20]);
  [0xc0, 0x80, 0x40].forEach((v, c) => expect(Math.abs(pixels[c] - v)).toBeLessThan(8));
});

test('an SVG is drawn at the size asked for, on white, and may not read other files', async () => {
  const path = await write('a.svg', '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><rect width="1" height="2" fill="#f00"/></svg>');
  const { pixels } = await decodePicture({ path }, to(16));
  expect([...pixels.subarray(7 * 3, 9 * 3)]).toEqual([255, 0, 0, 255, 255, 255]);
  const secret = await write('secret.png', await sharp(source).png().toBuffer());
  const spy = await write('spy.svg', `<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><image href="file://${secret}" width="2" height="2"/></svg>`);
  expect([...(await decodePicture({ path: spy }, to(2))).pixels].every((v) => v === 255)).toBe(true);
});

test('transparency: white for three channels, kept for four; grey for one', async () => {
  const path = await write('a.png', await sharp({ create: { width: 4, height: 4, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } }).png().toBuffer());
  expect([...(await decodePicture({ path }, to(1, 3))).pixels]).toEqual([255, 255, 255]);
  expect((await decodePicture({ path }, to(1, 4))).pixels[3]).toBe(0);
  expect([...(await decodePicture({ path }, to(1, 1))).pixels]).toEqual([255]);
});

test('a photograph lying on its side is turned upright; sixteen bits become eight', async () => {
  const left = await sharp(Buffer.from([255, 0]), { raw: { width: 2, height: 1, channels: 1 } }).jpeg({ quality: 100 }).withMetadata({ orientation: 6 }).toBuffer();
  expect(await pictureInfo({ path: 'x.jpg', bytes: left })).toMatchObject({ width: 1, height: 2 });
  const deep = await sharp(Uint16Array.of(65535, 32768, 0, 65535, 32768, 0, 65535, 32768, 0, 65535, 32768, 0), { raw: { width: 2, height: 2, channels: 3 } }).toColourspace('rgb16').png().toBuffer();
  expect([...(await decodePicture({ path: 'x.png', bytes: deep }, to(1))).pixels]).toEqual([255, 128, 0]);
});

test('contain keeps all of the picture between white borders', async () => {
  const path = await write('a.png', await sharp({ create: { width: 40, height: 20, channels: 3, background: '#000' } }).png().toBuffer());
  const { pixels } = await decodePicture({ path }, { size: 8, fit: 'contain', channels: 1 });
  expect([pixels[0], pixels[8 * 4 + 4], pixels[63]]).toEqual([255, 0, 255]);
});

test('what is no whole picture is named, with the reason', async () => {
  const whole = await sharp({ create: { ...source.create, noise: { type: 'gaussian', mean: 128, sigma: 50 } } }).png().toBuffer();
  const cases: [string, Uint8Array | string, RegExp][] = [
    ['cut.png', whole.subarray(0, whole.length >> 1), /cut\.png is not a whole picture/],
    ['text.jpg', 'just words', /text\.jpg is not a whole picture/],
    ['empty.webp', '', /empty\.webp is empty/],
  ];
  for (const [name, bytes, says] of cases) {
    const path = await write(name, bytes);
    await expect(decodePicture({ path }, to(8))).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(says) });
  }
  await expect(decodePicture({ path: '/no/such.png' }, to(8))).rejects.toMatchObject({ code: 'not-found' });
});

/** A PNG of one bit a pixel, all white, made without the picture ever standing in memory. */
function hugePng(side: number, interlaced = false): Buffer {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, interlaced ? 1 : 0], 8);
  const row = Buffer.alloc(1 + Math.ceil(side / 8), 0xff);
  row[0] = 0;
  const rows = Buffer.alloc(row.length * side, row);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND', Buffer.alloc(0))]);
}

test('20000 x 20000: read in rows within memory bounds where the format allows it, else refused', async () => {
  const path = await write('huge.png', hugePng(20_000));
  const before = process.resourceUsage().maxRSS;
  const { pixels } = await decodePicture({ path }, to(8));
  expect([...pixels].every((v) => v === 255)).toBe(true);
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(400_000); // kilobytes; whole it would be 1.2 GB
  const interlaced = await write('laced.png', hugePng(20_000, true));
  await expect(decodePicture({ path: interlaced }, to(8))).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(/20000 x 20000 pixels/), remedy: expect.stringContaining('smaller') });
  const larger = await write('larger.png', hugePng(30_000));
  await expect(decodePicture({ path: larger }, to(8))).rejects.toMatchObject({ code: 'bad-data', message: expect.stringMatching(/30000 x 30000/) });
}, 60_000);

test('floats and bytes: rounded, clamped, NaN as black', () => {
  expect([...toBytes(Float32Array.of(-1, 0, 0.5, 1, 2, Number.NaN))]).toEqual([0, 0, 128, 255, 255, 0]);
});

test('a picture and a sheet come back as they were', async () => {
  const pixels = Uint8Array.from({ length: 5 * 4 * 6 * 3 }, (_, i) => (i * 37) % 256);
  for (const mime of ['image/png', 'image/webp'] as const) {
    const sheet = await encodeSheet(pixels, 5, 4, 6, 3, { columns: 2, mime });
    expect(sheet).toMatchObject({ mime, width: 12, height: 12, cellWidth: 6, cellHeight: 4, columns: 2, count: 5 });
    expect(await decodeSheet(sheet, 3)).toEqual(pixels);
    const one = await encodePicture(pixels.subarray(0, 72), 4, 6, 3, { mime });
    expect(await sharp(one.bytes).raw().toBuffer()).toEqual(Buffer.from(pixels.subarray(0, 72)));
  }
  const grey = Uint8Array.from({ length: 3 * 16 }, (_, i) => i * 5);
  expect(await decodeSheet(await encodeSheet(grey, 3, 4, 4, 1), 1)).toEqual(grey);
  await expect(encodeSheet(pixels, 4, 4, 6, 3)).rejects.toMatchObject({ code: 'bad-input' });
  await expect(encodePicture(pixels, 4, 6, 3)).rejects.toMatchObject({ code: 'bad-input' });
});

test('thumbnails are means of areas and never larger than the picture', () => {
  const two = Float32Array.of(0, 1, 1, 0, 0.2, 0.2, 0.2, 0.2);
  expect(shrink(two, 2, 2, 2, 1, 1)).toEqual({ pixels: Uint8Array.of(128, 51), height: 1, width: 1 });
  const third = shrink(Float32Array.of(0, 0.4, 1), 1, 1, 3, 1, 2);
  expect(third.width).toBe(2);
  expect([...third.pixels]).toEqual([Math.round((0.2 / 1.5) * 255), Math.round((1.2 / 1.5) * 255)]);
  expect(shrink(two, 2, 2, 2, 1, 64)).toMatchObject({ height: 2, width: 2 });
});
