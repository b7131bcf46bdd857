import { expect, test } from 'vitest';
import { infoOf, openImages, pageOf } from './index.ts';
import { drawSprite, DSPRITES_COUNT, factorsOf } from './sources/dsprites.ts';

const draw = (combination: number, side = 64): Uint8Array => {
  const out = new Uint8Array(side * side);
  drawSprite(combination, side, 1, out);
  return out;
};
const index = (shape: number, scale: number, orientation: number, x: number, y: number): number => (((shape * 6 + scale) * 40 + orientation) * 32 + x) * 32 + y;
const area = (p: Uint8Array): number => p.reduce((n, v) => n + (v ? 1 : 0), 0);

test('all combinations, the last factor changing fastest', () => {
  expect(DSPRITES_COUNT).toBe(737_280);
  expect(factorsOf(index(2, 5, 39, 31, 30))).toEqual([2, 5, 39, 31, 30]);
  expect(factorsOf(0)).toEqual([0, 0, 0, 0, 0]);
});

test('areas by hand: square, ellipse; scale is the side, so areas go by its square', () => {
  expect(area(draw(index(0, 5, 0, 16, 16)))).toBe(23 * 23); // pixels whose centres are at most 11 from the middle one's
  expect(area(draw(index(0, 0, 0, 16, 16)))).toBe(11 * 11);
  expect(area(draw(index(1, 5, 0, 16, 16))) / (Math.PI * 15 * 7.5)).toBeCloseTo(1, 1);
});

test('positions move by whole pixels, and no sprite touches the edge', () => {
  for (const shape of [0, 1, 2]) {
    for (let orientation = 0; orientation < 40; orientation += 3) {
      const here = draw(index(shape, 5, orientation, 0, 31));
      const moved = draw(index(shape, 5, orientation, 1, 31));
      expect(moved.subarray(1)).toEqual(here.subarray(0, -1)); // both edges are black, so rows may run on
      expect(here.some((v, i) => v > 0 && (i % 64 === 0 || i >= 63 * 64))).toBe(false);
      expect(area(here)).toBeGreaterThan(250);
    }
  }
});

test('half a turn leaves a square and an ellipse as they were, and turns a heart upside down', () => {
  for (const shape of [0, 1]) expect(draw(index(shape, 3, 20, 10, 10))).toEqual(draw(index(shape, 3, 0, 10, 10)));
  const heart = draw(index(2, 5, 0, 15, 15));
  const turned = draw(index(2, 5, 20, 15, 15));
  expect(turned).not.toEqual(heart);
  expect(area(turned)).toBe(area(heart));
});

test('the set streams: opened at once, read in any order, the same for the same seed', async () => {
  const began = performance.now();
  const all = await openImages('builtin:dsprites');
  expect(performance.now() - began).toBeLessThan(2000);
  expect(all).toMatchObject({ count: 737_280, height: 64, channels: 1, classes: ['square', 'ellipse', 'heart'] });
  expect(all.split.train.length + all.split.validation.length + all.split.test.length).toBe(737_280);
  const some = await openImages('builtin:dsprites-500');
  const again = await openImages('builtin:dsprites-500');
  expect(await some.read([3, 499])).toEqual(await again.read([3, 499]));
  expect(some.fingerprint).toBe(again.fingerprint);
  expect(some.fingerprint).not.toBe(all.fingerprint);
  expect(new Set([...some.split.train, ...some.split.validation, ...some.split.test]).size).toBe(500);
  expect(some.splitOf(some.split.test[0])).toBe('test');
  const { factors } = some;
  expect(factors!.names).toEqual(['shape', 'scale', 'orientation', 'x', 'y']);
  expect(some.labels[7]).toBe(factors!.of(7)[0]);
  expect(some.itemName(7)).toMatch(/^(square|ellipse|heart), scale \d, orientation \d+, x \d+, y \d+$/);
  const values = await some.read([7]);
  expect(new Set(values)).toEqual(new Set([0, 1]));
  expect(Array.from(await some.readBytes([7]))).toEqual(Array.from(values, (v) => v * 255));
  await expect(some.read([500])).rejects.toMatchObject({ code: 'bad-input' });
});

test('other sizes and channels; pages', async () => {
  const small = await openImages('builtin:dsprites-100', { size: 32, channels: 3 });
  const [one] = [await small.read([0])];
  expect(one).toHaveLength(32 * 32 * 3);
  for (let i = 0; i < one.length; i += 3) expect(one[i] === one[i + 1] && one[i] === one[i + 2]).toBe(true);
  const page = await pageOf(small, { label: 'heart', offset: 0, limit: 5, thumbnailSize: 32 });
  expect(page.items).toHaveLength(5);
  expect(page.items.every((item) => item.label === 'heart')).toBe(true);
});

test('a choice that cannot be made is refused', async () => {
  await expect(openImages('builtin:dsprites-0')).rejects.toMatchObject({ code: 'not-found' });
  await expect(openImages('builtin:dsprites-many')).rejects.toMatchObject({ code: 'not-found' });
  expect((await infoOf('builtin:dsprites-100')).split).toEqual({ train: 80, validation: 10, test: 10 });
});
