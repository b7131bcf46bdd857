import { expect, test } from 'vitest';
import { soloCrew } from './crew.ts';
import { nearestNeighbours } from './knn.ts';
import { layoutQuality, neighbourRecall } from './quality.ts';

const line = { values: Float32Array.of(0, 1, 2.5, 4.5, 7, 10), n: 6, d: 1 };

test('a faithful layout is perfect, whatever its scale', async () => {
  const positions = Float32Array.from([...line.values].flatMap((v) => [v * 3, 0]));
  const q = await layoutQuality(line, positions, 2, { k: 2 }, soloCrew);
  expect(q).toMatchObject({ trustworthiness: 1, continuity: 1, k: 2, sampled: 6 });
  expect([...q.rows.trustworthiness, ...q.rows.continuity]).toEqual(new Array(12).fill(1));
});

test('two ends swapped, worked out by hand', async () => {
  // Data 0 1 2.5 4.5 7 10 (rows a to f); in the layout a and f have changed places. k = 1, norm 1 * (12 - 3 - 1) = 8.
  // Layout neighbour and its rank in the data: a: e, 4th (3 too far); b: f, 5th (4); c: b, 1st; d: c, 1st; e: d, 1st; f: b, 4th (3).
  const swapped = Float32Array.of(10, 1, 2.5, 4.5, 7, 0);
  const q = await layoutQuality(line, swapped, 1, { k: 1 }, soloCrew);
  expect(q.trustworthiness).toBeCloseTo(1 - (2 / 8) * ((3 + 4 + 3) / 6), 12);
  // True neighbour and its rank in the layout: a: b at 9, 4th of e3 d5.5 c7.5 b9 (3); b: a at 9, 5th (4); c: b, 1st; d: c, 1st; e: d at 2.5, 1st; f: e at 7, 4th (3).
  expect(q.continuity).toBeCloseTo(1 - (2 / 8) * ((3 + 4 + 3) / 6), 12);
});

test('recall counts shared neighbours row by row', async () => {
  const a = await nearestNeighbours(line, { k: 2 });
  const b = await nearestNeighbours({ ...line, values: Float32Array.of(10, 1, 2.5, 4.5, 7, 0) }, { k: 2 });
  // Data: a bc, b ac, c bd, d ce, e df (f 3, c 4.5), f ed. Layout: a ed, b fc, c bd, d ce, e da, f bc.
  expect([...neighbourRecall(a, b, 2)]).toEqual([0, 0.5, 1, 1, 0.5, 0]);
});

test('a sample stands for the whole, and tiny sets have nothing to get wrong', async () => {
  const n = 400;
  const grid = Float32Array.from({ length: n * 2 }, (_, i) => (i % 2 === 0 ? (i >> 1) % 20 : Math.floor((i >> 1) / 20)) + 0.001 * ((i * 7919) % 13));
  const folded = grid.map((v, i) => (i % 2 === 0 ? Math.abs(v - 9.7) : v)); // left half onto right half
  const rows = { values: grid, n, d: 2 };
  const whole = await layoutQuality(rows, folded, 2, { sample: n }, soloCrew);
  const part = await layoutQuality(rows, folded, 2, { sample: 150, seed: 1 }, soloCrew);
  expect(whole.trustworthiness).toBeLessThan(0.95);
  expect(whole.continuity).toBeGreaterThan(whole.trustworthiness);
  expect(part.trustworthiness).toBeCloseTo(whole.trustworthiness, 1);
  const two = await layoutQuality({ values: Float32Array.of(1, 2), n: 2, d: 1 }, Float32Array.of(0, 0, 1, 1), 2, {}, soloCrew);
  expect(two.trustworthiness).toBe(1);
});
