import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { RateDistortion } from '../../../electron/contract/compress.ts';
import { decodeContainer, encodeContainer } from './container.ts';
import { verdictOn } from './rate-distortion.ts';
import { codecCurve, rateAt, scanBytes } from './rates.ts';

const curve = [{ bitsPerPixel: 1, psnrDb: 20 }, { bitsPerPixel: 4, psnrDb: 30 }, { bitsPerPixel: 8, psnrDb: 32 }];

test('a curve is read between its points by the logarithm of the rate, and not outside', () => {
  expect(rateAt(curve, 25)).toBeCloseTo(2, 10);
  expect(rateAt(curve, 30)).toBeCloseTo(4, 10);
  expect([rateAt(curve, 19.9), rateAt(curve, 32.1)]).toEqual([null, null]);
});

test('the verdict names who is smaller, by how much, and where that changes', () => {
  const point = (bitsPerPixel: number, psnrDb: number): RateDistortion['ours'][number] => {
    const jpeg = rateAt(curve, psnrDb);
    return { run: 'r', name: 'n', grids: ['codes'], bitsPerPixel, estimatedBitsPerPixel: bitsPerPixel, psnrDb, jpeg, bareJpeg: jpeg && jpeg / 2, webp: null };
  };
  const text = verdictOn([point(0.1, 10), point(1, 25), point(8, 30)], 'jpeg', curve);
  expect(text).toEqual([
    'At 10.0 dB ours takes 0.1000 bits a pixel; JPEG does not go so low: its smallest files take 1.0000 at 20.0 dB.',
    'At 25.0 dB ours takes 1.0000 bits a pixel and JPEG 2.0000 (1.0000 without its headers): JPEG\'s files are 2.00 times as large.',
    'At 30.0 dB ours takes 8.0000 bits a pixel and JPEG 4.0000 (2.0000 without its headers): ours are 2.00 times as large.',
    'The crossover with JPEG lies at about 2.828 bits a pixel.',
  ]);
  expect(verdictOn([point(1, 25)], 'jpeg', curve)[1]).toBe('Above 25.0 dB this model has nothing to offer; JPEG goes on from there.');
});

test('a JPEG file without its headers is a little less than the file; better quality costs more and is nearer', async () => {
  const pixels = Float32Array.from({ length: 2 * 32 * 32 * 3 }, (_, i) => 0.5 + 0.4 * Math.sin(i / 40));
  const file = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#864' } }).jpeg({ quality: 80 }).toBuffer();
  expect(scanBytes(file)).toBeGreaterThan(20);
  expect(scanBytes(file)).toBeLessThan(file.length - 200);
  for (const kind of ['jpeg', 'webp'] as const) {
    const points = await codecCurve(kind, pixels, 2, { height: 32, width: 32, channels: 3 });
    expect(points.at(-1)!.psnrDb).toBeGreaterThan(points[0].psnrDb + 3);
    expect(points.at(-1)!.bitsPerPixel).toBeGreaterThan(points[0].bitsPerPixel);
  }
});

test('a container keeps what it is given, and refuses what is not whole', () => {
  const given = { model: '00112233445566ff', prior: 'ffeeddccbbaa9988', grids: 2, writtenBy: 'Emoji', names: ['a', 'bé'], stream: Uint8Array.of(1, 2, 3) };
  const bytes = encodeContainer(given);
  expect(decodeContainer(bytes, 'x.atl')).toEqual({ ...given, model: '00112233', prior: 'ffeeddcc' });
  const refusal = (changed: Uint8Array) => {
    try {
      return expect.unreachable(String(decodeContainer(changed, 'x.atl')));
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refusal(Uint8Array.of(1, 2, 3, 4, 5))).toMatch(/no file of compressed pictures/);
  expect(refusal(bytes.subarray(0, 12))).toMatch(/cut short: it has 12 bytes/);
  for (let length = 4; length < bytes.length; length++) expect(refusal(bytes.subarray(0, length))).toMatch(/cut short/);
  expect(refusal(bytes.subarray(0, bytes.length - 1))).toMatch(new RegExp(`cut short: it has ${bytes.length - 1} of ${bytes.length} bytes`));
  expect(refusal(Buffer.concat([bytes, Uint8Array.of(0)]))).toMatch(/1 bytes too many/);
  const damaged = bytes.slice();
  damaged[bytes.length - 6] ^= 1;
  expect(refusal(damaged)).toMatch(/checksum is wrong/);
  const later = bytes.slice();
  later[4] = 2;
  expect(refusal(later)).toMatch(/of version 2; this application reads up to 1/);
});

test('what a container adds to its stream is small, nameless pictures cost nothing, and lengths of every size come back', () => {
  const of = (count: number, streamLength: number, name = '') => ({ model: '00112233', prior: 'ffeeddcc', grids: 1, writtenBy: 'VQ-VAE on Emoji', names: Array.from({ length: count }, (_, i) => name && `${name}${i}`), stream: new Uint8Array(streamLength).fill(7) });
  expect(encodeContainer(of(24, 2500)).length - 2500).toBeLessThanOrEqual(42);
  for (const given of [of(1, 0), of(127, 128), of(128, 16_384), of(3, 70_000, 'a\\b ')]) expect(decodeContainer(encodeContainer(given), 'x.atl')).toEqual(given);
});
