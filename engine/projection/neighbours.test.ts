import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { nearestNeighbours } from './knn.ts';
import type { Rows } from './neighbours.ts';

const rows = (values: number[], d: number): Rows => ({ values: Float32Array.from(values), n: values.length / d, d });
const of = (a: { k: number; indices: Int32Array }, i: number): number[] => [...a.indices.subarray(i * a.k, (i + 1) * a.k)];

function clusters(n: number, d: number, count: number): Rows {
  const random = rng(3, 'clusters');
  const centres = random.fillNormal(new Float32Array(count * d));
  const values = new Float32Array(n * d);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) values[i * d + j] = 3 * centres[(i % count) * d + j] + random.normal();
  return { values, n, d };
}

test('neighbours on a line, worked out by hand', async () => {
  const found = await nearestNeighbours(rows([0, 1, 3, 7], 1), { k: 2 });
  expect([0, 1, 2, 3].map((i) => of(found, i))).toEqual([[1, 2], [0, 2], [1, 0], [2, 1]]);
  expect([...found.distances]).toEqual([1, 3, 1, 2, 2, 3, 4, 6]);
  expect(found.recall).toBe(1);
});

test('cosine looks at directions only; a zero row is at distance 1 from all', async () => {
  const found = await nearestNeighbours(rows([1, 0, 100, 1, 0, 2, 0, 0], 2), { k: 3, metric: 'cosine' });
  expect(of(found, 0)).toEqual([1, 2, 3]);
  expect(found.distances[0]).toBeCloseTo(1 - 100 / Math.hypot(100, 1), 6);
  expect([...found.distances.subarray(9)]).toEqual([1, 1, 1]);
});

test('duplicates are neighbours at distance 0, and never the row itself', async () => {
  const found = await nearestNeighbours(rows(new Array(40).fill(2.5), 2), { k: 5 });
  for (let i = 0; i < 20; i++) {
    expect(of(found, i)).not.toContain(i);
    expect(new Set(of(found, i)).size).toBe(5);
  }
  expect(Math.max(...found.distances)).toBe(0);
});

test('two rows, one row, and 10,000 dimensions', async () => {
  const two = await nearestNeighbours(rows([1, 4], 1), { k: 15 });
  expect([two.k, ...two.indices, ...two.distances]).toEqual([1, 1, 0, 3, 3]);
  expect((await nearestNeighbours(rows([1, 4], 2), { k: 15 })).k).toBe(0);
  const wide = await nearestNeighbours(clusters(30, 10_000, 3), { k: 4 });
  for (let i = 0; i < 30; i++) expect(of(wide, i).every((j) => j % 3 === i % 3)).toBe(true);
});

test('a cloud far from the origin is not blurred by single precision', async () => {
  const found = await nearestNeighbours(rows([10000, 10000.01, 10000.03, 10000.07], 1), { k: 1 });
  expect([...found.indices]).toEqual([1, 0, 1, 2]);
});

test('searching by cells finds what the exact search finds, and knows its recall', async () => {
  const data = clusters(4000, 16, 25);
  const exact = await nearestNeighbours(data, { k: 10 });
  const byCells = await nearestNeighbours(data, { k: 10, exactUpTo: 100, recall: 0.98 });
  let same = 0;
  for (let i = 0; i < data.n; i++) {
    const truth = new Set(of(exact, i));
    for (const j of of(byCells, i)) if (truth.has(j)) same++;
  }
  const recall = same / (data.n * 10);
  expect(byCells.recall).toBeGreaterThanOrEqual(0.98);
  expect(byCells.recall).toBeLessThan(1);
  expect(recall).toBeGreaterThan(0.97);
  expect(Math.abs(recall - byCells.recall)).toBeLessThan(0.01);
});

test('bad rows are named', async () => {
  await expect(nearestNeighbours(rows([1, 2, 3, NaN, 5, 6], 2), { k: 1 })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('row 1') });
  await expect(nearestNeighbours({ values: new Float32Array(5), n: 2, d: 3 }, { k: 1 })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(nearestNeighbours(rows([1, 2], 1), { k: 0 })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(nearestNeighbours(rows([1, 2], 1), { k: 1, signal: { aborted: true } })).rejects.toMatchObject({ code: 'cancelled' });
});
