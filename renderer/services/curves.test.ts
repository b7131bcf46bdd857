import { expect, test } from 'vitest';
import { aligned, Curves, decimate, Series, smooth } from './curves.ts';

test('smoothing keeps a constant, starts at the first value and skips what is not a number', () => {
  expect([...smooth([3, 3, 3], 0.9)].map((v) => Number(v.toFixed(12)))).toEqual([3, 3, 3]);
  expect(smooth([5, 1], 0.5)[0]).toBe(5);
  // weights 0.25 and 0.5 over 0.75
  expect(smooth([5, 1], 0.5)[1]).toBeCloseTo((0.25 * 5 + 0.5 * 1) / 0.75, 12);
  expect([...smooth([1, NaN, 1], 0.5)]).toEqual([1, 1, 1]);
  expect([...smooth([1, 2, 4], 0)]).toEqual([1, 2, 4]);
});

test('a resumed run overwrites the steps after its checkpoint', () => {
  const series = new Series();
  for (let step = 1; step <= 600; step++) series.push(step, step);
  series.push(300, -1);
  expect(series.length).toBe(300);
  expect(series.last).toBe(-1);
  expect(series.steps[298]).toBe(299);
});

test('rows become series by split; text and the bookkeeping columns are left out', () => {
  const curves = new Curves();
  curves.add([
    { step: 1, split: 'train', time: 0.1, loss: 4 },
    { step: 2, split: 'train', time: 0.2, loss: 2, note: 'x' },
    { step: 2, split: 'validation', time: 0.3, loss: 3, psnrDb: 20 },
  ]);
  expect(curves.names().sort()).toEqual(['loss', 'psnrDb']);
  expect([...curves.series.train.get('loss')!.values]).toEqual([4, 2]);
  expect(curves.series.validation.get('psnrDb')!.last).toBe(20);
  expect(curves.lastStep).toBe(2);
});

test('thinning keeps ends and extremes', () => {
  const values = Float64Array.from({ length: 10_000 }, (_, i) => Math.sin(i / 50));
  values[7777] = 99;
  const kept = decimate(values, 400);
  expect(kept.length).toBeLessThanOrEqual(400);
  expect(kept[0]).toBe(0);
  expect(kept[kept.length - 1]).toBe(9999);
  expect([...kept]).toContain(7777);
  expect([...kept]).toEqual([...kept].sort((a, b) => a - b));
  expect([...decimate([1, 2, 3], 10)]).toEqual([0, 1, 2]);
});

test('two curves share one axis', () => {
  const [x, a, b] = aligned({ steps: [1, 2, 3], values: [10, 20, 30] }, { steps: [2, 4], values: [5, 6] });
  expect(x).toEqual([1, 2, 3, 4]);
  expect(a).toEqual([10, 20, 30, null]);
  expect(b).toEqual([null, 5, null, 6]);
});
