import { expect, test } from 'vitest';
import { heldOut, itemMetrics, itemsOf } from './evaluate.ts';
import type { Inspected } from './inspector.ts';
import { rectangles } from './memory-set.fixture.ts';

test('a part of a split is taken at equal steps, so that sets sorted by class are not judged by their first classes', () => {
  const images = { ...rectangles(), split: { train: Int32Array.of(1), validation: Int32Array.from({ length: 10 }, (_, i) => 2 * i), test: new Int32Array() } };
  expect(Array.from(itemsOf(images, 'validation', 4))).toEqual([0, 4, 10, 14]);
  expect(itemsOf(images, 'validation', 10)).toBe(images.split.validation);
  expect(Array.from(heldOut(images, 2))).toEqual([0, 10]);
  expect(Array.from(heldOut({ ...images, split: { ...images.split, validation: new Int32Array() } }, 2))).toEqual([1]);
});

test('strangeness is minus the bound, or minus the PSNR where there is none', () => {
  const found = { count: 2, items: { elboNats: Float32Array.of(-80, -120), mse: Float32Array.of(0.01, 0.1) } } as unknown as Inspected;
  expect(Array.from(itemMetrics(found).anomaly)).toEqual([80, 120]);
  const redrawn = itemMetrics({ ...found, items: { mse: Float32Array.of(0.01, 0.1) } }).anomaly;
  expect([redrawn[0], redrawn[1]].map((v) => Math.round(v))).toEqual([-20, -10]);
  expect(itemMetrics({ ...found, items: { codesNats: Float32Array.of(1, 2) } }).anomaly).toBeUndefined();
});
