import { expect, test } from 'vitest';
import { heldOut, itemsOf } from './evaluate.ts';
import { rectangles } from './memory-set.fixture.ts';

test('a part of a split is taken at equal steps, so that sets sorted by class are not judged by their first classes', () => {
  const images = { ...rectangles(), split: { train: Int32Array.of(1), validation: Int32Array.from({ length: 10 }, (_, i) => 2 * i), test: new Int32Array() } };
  expect(Array.from(itemsOf(images, 'validation', 4))).toEqual([0, 4, 10, 14]);
  expect(itemsOf(images, 'validation', 10)).toBe(images.split.validation);
  expect(Array.from(heldOut(images, 2))).toEqual([0, 10]);
  expect(Array.from(heldOut({ ...images, split: { ...images.split, validation: new Int32Array() } }, 2))).toEqual([1]);
});
