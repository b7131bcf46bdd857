import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { soloCrew } from './crew.ts';
import { nearestIn, nearestNeighbours } from './knn.ts';
import { placeAmong } from './place.ts';
import { umap } from './umap.ts';

test('nearest of other rows, worked out by hand', async () => {
  const line = { values: Float32Array.of(0, 1, 3, 7), n: 4, d: 1 };
  const found = await nearestIn(line, { values: Float32Array.of(2.5, 7), n: 2, d: 1 }, { k: 2 });
  expect([...found.indices]).toEqual([2, 1, 3, 2]);
  expect([...found.distances]).toEqual([0.5, 1.5, 0, 4]);
  await expect(nearestIn(line, { values: new Float32Array(4), n: 2, d: 2 }, { k: 1 })).rejects.toMatchObject({ code: 'bad-input' });
});

test('without epochs a new row lies at the weighted mean of its neighbours, a copy near its original', async () => {
  const line = { values: Float32Array.of(0, 10, 20), n: 3, d: 1 };
  const layout = Float32Array.of(0, 0, 1, 0, 2, 0);
  const neighbours = await nearestIn(line, { values: Float32Array.of(5), n: 1, d: 1 }, { k: 2 });
  expect([...(await placeAmong(layout, neighbours, { dims: 2, epochs: 0 }, soloCrew))]).toEqual([0.5, 0]);
});

test('new rows of a cluster land in its part of the map, and nothing else moves', async () => {
  const random = rng(4, 'place');
  const d = 8, classes = 4;
  const centres = random.fillNormal(new Float32Array(classes * d));
  const draw = (n: number) => ({ n, d, values: Float32Array.from({ length: n * d }, (_, i) => 4 * centres[(Math.floor(i / d) % classes) * d + (i % d)] + random.normal()) });
  const old = draw(400), fresh = draw(80);
  const start = Float32Array.from({ length: 1200 }, (_, i) => old.values[Math.floor(i / 3) * d + (i % 3)]);
  const layout = await umap(await nearestNeighbours(old, { k: 14 }), { dims: 3, start, epochs: 150 }, soloCrew);
  const kept = layout.slice();
  const among = await nearestIn(old, fresh, { k: 15 });
  const placed = await placeAmong(layout, among, { dims: 3 }, soloCrew);
  expect(layout).toEqual(kept);
  expect(placed).toEqual(await placeAmong(layout, among, { dims: 3 }, soloCrew));
  const near = await nearestIn({ values: layout, n: 400, d: 3 }, { values: placed, n: 80, d: 3 }, { k: 5 });
  let same = 0;
  for (let e = 0; e < near.indices.length; e++) if (near.indices[e] % classes === Math.floor(e / 5) % classes) same++;
  expect(same / near.indices.length).toBeGreaterThan(0.98);
});
