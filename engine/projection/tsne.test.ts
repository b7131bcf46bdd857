import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { ranges, soloCrew } from './crew.ts';
import { nearestNeighbours } from './knn.ts';
import { sharedFloats } from './neighbours.ts';
import { perplexityWeights } from './perplexity-weights.ts';
import { layoutQuality } from './quality.ts';
import { createSpaceTree } from './space-tree.ts';
import { tsneForces } from './tsne-forces.ts';
import { neighboursFor, tsne } from './tsne.ts';

function clusters(n: number, d: number, count: number): { values: Float32Array; n: number; d: number } {
  const random = rng(2, 'tsne clusters');
  const centres = random.fillNormal(new Float32Array(count * d));
  const values = new Float32Array(n * d);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) values[i * d + j] = 4 * centres[(i % count) * d + j] + random.normal();
  return { values, n, d };
}
const cloud = (n: number, flat: boolean): Float32Array => {
  const out = rng(7, 'tree').fillNormal(new Float32Array(n * 3));
  if (flat) for (let i = 0; i < n; i++) out[i * 3 + 2] = 0;
  return out;
};

test('affinities have the perplexity asked for; equal distances share equally', () => {
  const k = 30;
  const distances = Float32Array.from({ length: 2 * k }, (_, j) => (j < k ? 1 + j * 0.1 : 2));
  const weights = new Float32Array(2 * k);
  perplexityWeights({ from: 0, to: 2, k, perplexity: 8, distances, weights });
  const first = [...weights.subarray(0, k)];
  expect(first.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  expect(Math.exp(-first.reduce((a, w) => a + (w > 0 ? w * Math.log(w) : 0), 0))).toBeCloseTo(8, 2);
  for (const w of weights.subarray(k)) expect(w).toBeCloseTo(1 / k, 6);
});

test.each([2, 3] as const)('the tree in %i dimensions holds every point once, in nested cells', (dims) => {
  const n = 700;
  const { rebuild } = createSpaceTree(n, dims);
  const positions = cloud(n, dims === 2);
  const tree = rebuild(positions);
  expect([...tree.order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  expect(tree.mass[0]).toBe(n);
  expect(tree.skip[0]).toBe(tree.nodes);
  for (let node = 0; node < tree.nodes; node++) {
    if (tree.first[node] >= 0) continue;
    let mass = 0;
    for (let child = node + 1; child < tree.skip[node]; child = tree.skip[child]) {
      mass += tree.mass[child];
      expect(tree.side[child]).toBeCloseTo(tree.side[node] / 4, 4);
    }
    expect(mass).toBe(tree.mass[node]);
  }
});

test.each([2, 3] as const)("forces in %i dimensions are the slope of the loss, and the tree's are close to the exact ones", (dims) => {
  const n = 300;
  const positions = sharedFloats(n * 3);
  positions.set(cloud(n, dims === 2));
  const { rebuild } = createSpaceTree(n, dims);
  const forces = (theta: number): { push: Float32Array; pull: Float32Array; z: number } => {
    const tree = rebuild(positions);
    const push = new Float32Array(n * 3), pull = new Float32Array(n * 3), sums = new Float64Array(2);
    // A ring of bonds of equal weight.
    const offsets = Int32Array.from({ length: n + 1 }, (_, i) => 2 * i);
    const targets = Int32Array.from({ length: 2 * n }, (_, e) => ((e >> 1) + (e % 2 === 0 ? 1 : n - 1)) % n);
    const weights = new Float32Array(2 * n).fill(1 / (2 * n));
    ranges(n, 2).forEach((range, part) => tsneForces({ ...range, part, positions, offsets, targets, weights, tree, theta, pull, push, sums }));
    return { push, pull, z: sums[0] + sums[1] };
  };
  const exact = forces(1e-3);
  // KL = sum p log p / q = const - sum p log(similarity) + log Z; its slope is 4 (pull - push / Z).
  const loss = (): number => {
    let z = 0, bonds = 0;
    const similarity = (i: number, j: number): number => 1 / (1 + (positions[i * 3] - positions[j * 3]) ** 2 + (positions[i * 3 + 1] - positions[j * 3 + 1]) ** 2 + (positions[i * 3 + 2] - positions[j * 3 + 2]) ** 2);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j) z += similarity(i, j);
    for (let i = 0; i < n; i++) bonds += Math.log(similarity(i, (i + 1) % n)) / n;
    return Math.log(z) - bonds;
  };
  for (const c of [0, 4, 3 * 17 + (dims - 1)]) {
    const before = positions[c], h = 0.01;
    positions[c] = before + h;
    const up = loss();
    positions[c] = before - h;
    const down = loss();
    positions[c] = before;
    expect(4 * (exact.pull[c] - exact.push[c] / exact.z)).toBeCloseTo((up - down) / (2 * h), 4);
  }
  const quick = forces(0.5);
  expect(Math.abs(quick.z / exact.z - 1)).toBeLessThan(0.01);
  let error = 0, size = 0;
  for (let c = 0; c < n * 3; c++) {
    error += (quick.push[c] - exact.push[c]) ** 2;
    size += exact.push[c] ** 2;
  }
  expect(Math.sqrt(error / size)).toBeLessThan(0.03);
});

test.each([2, 3] as const)('t-SNE in %i dimensions keeps neighbours together, and the same seed gives the same layout', async (dims) => {
  const data = clusters(400, 10, 4);
  const neighbours = await nearestNeighbours(data, { k: neighboursFor(20) });
  const start = Float32Array.from({ length: 400 * dims }, (_, i) => data.values[Math.floor(i / dims) * 10 + (i % dims)]);
  const options = { dims, start, perplexity: 20, earlyRounds: 100, rounds: 150, seed: 3 };
  const y = await tsne(neighbours, options, soloCrew);
  expect(y).toEqual(await tsne(neighbours, options, soloCrew));
  const { trustworthiness } = await layoutQuality(data, y, dims, {}, soloCrew);
  expect(trustworthiness).toBeGreaterThan(0.93);
});

test('t-SNE of two rows, duplicates, and called off', async () => {
  const two = await nearestNeighbours({ values: Float32Array.of(1, 2), n: 2, d: 1 }, { k: 90 });
  const y = await tsne(two, { dims: 2, start: Float32Array.of(-1, 0, 1, 0) }, soloCrew);
  expect([...y].every(Number.isFinite)).toBe(true);
  const equal = await nearestNeighbours({ values: new Float32Array(100).fill(1), n: 50, d: 2 }, { k: 90 });
  const flat = await tsne(equal, { dims: 3, start: new Float32Array(150), earlyRounds: 20, rounds: 20 }, soloCrew);
  expect([...flat].every(Number.isFinite)).toBe(true);
  await expect(tsne(two, { dims: 2, start: new Float32Array(4), signal: { aborted: true } }, soloCrew)).rejects.toMatchObject({ code: 'cancelled' });
});
