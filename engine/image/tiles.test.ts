import { expect, test } from 'vitest';
import { cutTiles, joinTiles, tileStarts } from './tiles.ts';

test('tiles cover the length, overlap as asked, and one is enough for what is small', () => {
  expect(tileStarts(5, 8, 2)).toEqual([0]);
  expect(tileStarts(8, 8, 2)).toEqual([0]);
  expect(tileStarts(14, 8, 2)).toEqual([0, 6]);
  expect(tileStarts(15, 8, 2)).toEqual([0, 4, 7]);
  for (const length of [9, 31, 100]) {
    const starts = tileStarts(length, 8, 3);
    expect(starts[0]).toBe(0);
    expect(starts.at(-1)).toBe(length - 8);
    for (let i = 1; i < starts.length; i++) expect(starts[i] - starts[i - 1]).toBeLessThanOrEqual(5);
  }
});

test.each([[5, 7], [8, 8], [20, 13], [1, 30]])('cut and joined, a picture of %i by %i is as before', (height, width) => {
  const spec = { height, width, channels: 3, tile: 8, overlap: 3 };
  const pixels = Float32Array.from({ length: height * width * 3 }, (_, i) => (i * 37 % 101) / 101);
  const joined = joinTiles(cutTiles(pixels, spec), spec);
  joined.forEach((value, i) => expect(value).toBeCloseTo(pixels[i], 6));
});

test('beyond the border a tile goes on with the border, and neighbours fade into one another', () => {
  const spec = { height: 1, width: 3, channels: 1, tile: 4, overlap: 2 };
  expect(Array.from(cutTiles(Float32Array.of(1, 2, 3), spec)).slice(0, 8)).toEqual([1, 2, 3, 3, 1, 2, 3, 3]);
  const two = { height: 4, width: 6, channels: 1, tile: 4, overlap: 2 };
  const row = Array.from(joinTiles(Float32Array.from({ length: 32 }, (_, i) => (i < 16 ? 0 : 1)), two)).slice(0, 6);
  expect(row.slice(0, 2)).toEqual([0, 0]);
  expect(row.slice(4)).toEqual([1, 1]);
  expect(row[2]).toBeCloseTo(0.25, 5);
  expect(row[3]).toBeCloseTo(0.75, 5);
});
