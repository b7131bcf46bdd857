import { expect, test } from 'vitest';
import { homePose } from '../camera/pose.ts';
import { project, viewProjection } from '../camera/view-projection.ts';
import { CellGrid } from './cell-grid.ts';
import { classCentres } from './class-centres.ts';
import { Cloud } from './cloud.ts';
import { extentOf } from './extent.ts';
import { depthOrder } from './depth-order.ts';
import { itemSize, pointPx } from './point-size.ts';
import { chooseThumbnails } from './thumbnail-choice.ts';

/** A seeded cloud in the unit ball. [N, 3] */
function ball(count: number): Float32Array {
  let state = 11;
  const random = (): number => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
  const out = new Float32Array(count * 3);
  for (let i = 0; i < count; ) {
    const p = [random() * 2 - 1, random() * 2 - 1, random() * 2 - 1];
    if (Math.hypot(...p) > 1) continue;
    out.set(p, i++ * 3);
  }
  return out;
}

const view = viewProjection(homePose(), 1280, 800);

/** Every item looked at: what `pick` must answer. */
function pickAll(positions: Float32Array, x: number, y: number, slop: number): number {
  const size = itemSize(positions.length / 3);
  let [best, bestDepth, bestRim] = [-1, Infinity, slop];
  for (let i = 0; i < positions.length / 3; i++) {
    const at = project(view, positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2]);
    if (at.depth < view.near) continue;
    const rim = Math.hypot(at.x - x, at.y - y) - Math.max(2, pointPx(size, view.pixelsPerUnit, at.depth) / 2);
    if (rim <= 0 && at.depth < bestDepth) [best, bestDepth] = [i, at.depth];
    else if (rim > 0 && bestDepth === Infinity && rim < bestRim) [best, bestRim] = [i, rim];
  }
  return best;
}

test('the grid holds every item once, within the sphere of its cell', () => {
  const positions = ball(3000);
  const grid = new CellGrid(positions);
  expect([...grid.order].sort((a, b) => a - b)).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  const { starts, spheres } = grid.cells;
  for (let c = 0; c + 1 < starts.length; c++) {
    const [x, y, z, radius] = spheres.subarray(c * 4, c * 4 + 4);
    for (let j = starts[c]; j < starts[c + 1]; j++) {
      const o = grid.order[j] * 3;
      expect(Math.hypot(positions[o] - x, positions[o + 1] - y, positions[o + 2] - z)).toBeLessThanOrEqual(radius + 1e-5);
    }
  }
});

test('picking finds what looking at every item finds', () => {
  const positions = ball(30_000);
  const grid = new CellGrid(positions);
  expect(grid.blocks.starts.length).toBeGreaterThan(8);
  let found = 0;
  for (let k = 0; k < 120; k++) {
    const [x, y] = [(k * 97) % 1280, (k * 61) % 800];
    const expected = pickAll(positions, x, y, 5);
    const picked = grid.pick(view, x, y, itemSize(30_000), 5);
    expect(picked).toBe(expected);
    if (expected >= 0) found++;
  }
  expect(found).toBeGreaterThan(30);
});

test('what stands near the camera is what looking at every item finds', () => {
  const positions = ball(30_000);
  const found = new Set<number>();
  new CellGrid(positions).near(view, 2.6, Infinity, (item) => found.add(item));
  const expected = new Set<number>();
  for (let i = 0; i < 30_000; i++) {
    const at = project(view, positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2]);
    if (at.depth <= 2.6 && at.x >= 0 && at.y >= 0 && at.x <= 1280 && at.y <= 800) expected.add(i);
  }
  expect(found).toEqual(expected);
  expect(found.size).toBeGreaterThan(1000);
});

test('dimmed items are not picked, and an empty or degenerate cloud does no harm', () => {
  const one = new CellGrid(Float32Array.of(0, 0, 0));
  expect(one.pick(view, 640, 400, itemSize(1))).toBe(0);
  expect(one.pick(view, 640, 400, itemSize(1), 5, Uint8Array.of(0, 0, 0, 36))).toBe(-1);
  expect(new CellGrid(new Float32Array(0)).pick(view, 640, 400, itemSize(0))).toBe(-1);
  expect(new CellGrid(new Float32Array(300)).count).toBe(100);
});

test('a pick among 100,000 items stays under 2 ms', () => {
  const grid = new CellGrid(ball(100_000));
  const size = itemSize(100_000);
  for (let k = 0; k < 50; k++) grid.pick(view, (k * 31) % 1280, (k * 17) % 800, size);
  const times = Array.from({ length: 200 }, (_, k) => {
    const start = performance.now();
    grid.pick(view, (k * 97) % 1280, (k * 61) % 800, size);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  expect(times[100]).toBeLessThan(2);
});

test('depth order runs from far to near', () => {
  const positions = ball(500);
  const order = new Uint32Array(500);
  depthOrder(view, positions, positions, 1, order);
  const depth = (i: number): number => project(view, positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2]).depth;
  expect([...order].sort((a, b) => a - b)[499]).toBe(499);
  for (let j = 1; j < 500; j++) expect(depth(order[j])).toBeLessThanOrEqual(depth(order[j - 1]) + 2 / 4000);
});

test('items glide for 600 ms from where they are seen, even when overtaken', () => {
  const cloud = new Cloud();
  cloud.advance(Float32Array.of(0, 0, 0), true, 0);
  expect(cloud.mix).toBe(1);
  cloud.advance(Float32Array.of(1, 0, 0), true, 0);
  expect(cloud.update(300)).toBe(true);
  expect(cloud.at(0)[0]).toBeCloseTo(0.5, 6);
  cloud.advance(Float32Array.of(1, 2, 0), true, 300);
  expect(cloud.at(0)[0]).toBeCloseTo(0.5, 6);
  expect(cloud.update(900)).toBe(false);
  expect(cloud.at(0)).toEqual([1, 2, 0]);
  cloud.advance(Float32Array.of(5, 5, 5), false, 1000);
  expect(cloud.at(0)).toEqual([5, 5, 5]);
});

test('another number of items is there at once', () => {
  const cloud = new Cloud();
  cloud.advance(new Float32Array(3), true, 0);
  cloud.advance(new Float32Array(6), true, 0);
  expect([cloud.count, cloud.mix]).toEqual([2, 1]);
});

test('points shrink as they grow in number, within bounds', () => {
  expect(itemSize(100).point).toBeGreaterThan(itemSize(10_000).point);
  expect(itemSize(1e9).point).toBe(0.0035);
  expect(pointPx(itemSize(1000), 500, 1e-6)).toBe(itemSize(1000).maxPx);
});

test('thumbnails hardly cover each other, those asked for are there, dimmed ones are not', () => {
  const positions = ball(3000);
  const cloud = new Cloud();
  cloud.advance(positions, false, 0);
  const grid = new CellGrid(positions);
  const colors = new Uint8Array(3000 * 4).fill(255);
  for (let i = 0; i < 1500; i++) colors[i * 4 + 3] = 36;
  const side = itemSize(3000).thumbnail;
  const chosen = chooseThumbnails(view, cloud, grid, side, 200, [7], new Map(), colors);
  expect(chosen[0]).toMatchObject({ item: 7, always: true, strength: 1 });
  expect(chosen.length).toBeGreaterThan(30);
  expect(chosen.slice(1).every(({ item }) => item >= 1500)).toBe(true);
  const boxes = chosen.slice(1).map(({ item, px }) => ({ ...project(view, positions[item * 3], positions[item * 3 + 1], positions[item * 3 + 2]), px }));
  for (let i = 0; i < boxes.length; i++) {
    for (let j = 0; j < i; j++) {
      const reach = (boxes[i].px + boxes[j].px) / 2;
      const [dx, dy] = [Math.abs(boxes[i].x - boxes[j].x), Math.abs(boxes[i].y - boxes[j].y)];
      const overlap = Math.max(0, reach - dx) * Math.max(0, reach - dy);
      expect(overlap).toBeLessThan(0.3 * Math.min(boxes[i].px, boxes[j].px) ** 2);
    }
  }
});

test('the middle of a class is not pulled away by one far item', () => {
  const positions = Float32Array.of(0, 0, 0, 0.1, 0, 0, -0.1, 0, 0, 9, 0, 0, 5, 5, 5);
  const [first, second] = classCentres(positions, Int32Array.of(0, 0, 0, 0, 2), 3);
  expect(first).toMatchObject({ label: 0, count: 4 });
  expect(Math.abs(first.position[0])).toBeLessThan(0.2);
  expect(second).toEqual({ label: 2, count: 1, position: [5, 5, 5] });
});

test('the extent holds most items and lets the few far ones be', () => {
  const positions = ball(1000).map((x) => x * 0.3 + 0.2);
  positions.set([50, 50, 50], 0);
  const { centre, radius } = extentOf(positions);
  for (const x of centre) expect(x).toBeCloseTo(0.2, 1);
  expect(radius).toBeGreaterThan(0.25);
  expect(radius).toBeLessThan(0.31);
  expect(extentOf(new Float32Array(0)).radius).toBe(1);
});

test('of very many items a part tells where the names belong; rare classes are not passed over', () => {
  const count = 300_000;
  const labels = Int32Array.from({ length: count }, (_, i) => (i === 7 ? 2 : i % 2));
  const positions = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) positions.set([labels[i], (i % 100) / 100 - 0.495, -labels[i]], i * 3);
  const centres = classCentres(positions, labels, 3);
  expect(centres.map(({ label }) => label)).toEqual([0, 1, 2]);
  for (const { label, position } of centres.slice(0, 2)) {
    expect(position[0]).toBeCloseTo(label, 6);
    expect(Math.abs(position[1])).toBeLessThan(0.05);
  }
  expect(centres[0].count).toBeGreaterThan(count / 2 - 10);
  expect(centres[2].position).toEqual([...positions.subarray(21, 24)]);
});
