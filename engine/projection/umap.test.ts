import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { createCrew, soloCrew } from './crew.ts';
import { forceTable } from './force-table.ts';
import { fuzzyGraph } from './fuzzy-graph.ts';
import { nearestNeighbours } from './knn.ts';
import { pca, project } from './index.ts';
import { layoutQuality } from './quality.ts';
import { fitCurve } from './umap-curve.ts';
import { umap } from './umap.ts';

const D = 12;
function clusters(n: number, count = 5): { values: Float32Array; n: number; d: number } {
  const random = rng(5, 'umap clusters');
  const centres = random.fillNormal(new Float32Array(count * D));
  const values = new Float32Array(n * D);
  for (let i = 0; i < n; i++) for (let j = 0; j < D; j++) values[i * D + j] = 4 * centres[(i % count) * D + j] + random.normal();
  return { values, n, d: D };
}
const startOf = ({ values, n, d }: { values: Float32Array; n: number; d: number }): Float32Array => {
  const { mean, components } = pca(values, n, d);
  return project(values, n, d, { mean, components, scale: 1 });
};

test('the curve is the one umap-learn fits', () => {
  const close = fitCurve(0.1, 1);
  expect(close.a).toBeCloseTo(1.577, 2);
  expect(close.b).toBeCloseTo(0.895, 2);
  const none = fitCurve(0, 1);
  expect(none.a).toBeCloseTo(1.932, 2);
  expect(none.b).toBeCloseTo(0.791, 2);
});

test('looked-up forces are the slopes of the loss', () => {
  const { a, b } = fitCurve(0.1, 1);
  const { attract, repel, shift, first } = forceTable(a, b);
  const bits = new Int32Array(1), float = new Float32Array(bits.buffer);
  for (const square of [1e-4, 0.03, 1, 7.7, 900]) {
    float[0] = square;
    const slot = (bits[0] >> shift) - first;
    // d/dx of log(1 + a x^2b) along x is (2ab x^(2b-2) / (1 + a x^2b)) x.
    const loss = (x: number): number => Math.log(1 + a * x ** (2 * b));
    const x = Math.sqrt(square), h = x * 1e-5;
    expect((attract[slot] * x) / ((loss(x - h) - loss(x + h)) / (2 * h))).toBeCloseTo(1, 1);
    expect(repel[slot] / ((2 * b) / ((0.001 + square) * (1 + a * square ** b)))).toBeCloseTo(1, 1);
  }
});

test('strengths add up to log2 of the neighbours, and the union is symmetric', async () => {
  const data = clusters(200);
  const neighbours = await nearestNeighbours(data, { k: 7 });
  const { offsets, targets, weights } = await fuzzyGraph(neighbours, soloCrew);
  const weight = new Map<string, number>();
  for (let i = 0; i < data.n; i++) for (let e = offsets[i]; e < offsets[i + 1]; e++) weight.set(`${i} ${targets[e]}`, weights[e]);
  for (const [key, w] of weight) {
    const [i, j] = key.split(' ');
    expect(weight.get(`${j} ${i}`)).toBe(w);
    expect(w).toBeGreaterThan(0);
    expect(w).toBeLessThanOrEqual(1);
  }
  // The union is at least each row's own strengths, which add up to log2(8) = 3.
  for (let i = 0; i < data.n; i++) {
    let sum = 0;
    for (let e = offsets[i]; e < offsets[i + 1]; e++) sum += weights[e];
    expect(sum).toBeGreaterThan(2.999);
  }
});

test('clusters come apart, neighbours stay, and the same seed gives the same layout', async () => {
  const data = clusters(600);
  const neighbours = await nearestNeighbours(data, { k: 14 });
  const options = { dims: 3 as const, start: startOf(data), epochs: 150, seed: 4 };
  const a = await umap(neighbours, options, soloCrew);
  expect(a).toEqual(await umap(neighbours, options, soloCrew));
  expect(a).not.toEqual(await umap(neighbours, { ...options, seed: 5 }, soloCrew));
  const near = await nearestNeighbours({ values: a, n: data.n, d: 3 }, { k: 5 });
  let same = 0;
  for (let e = 0; e < near.indices.length; e++) if (near.indices[e] % 5 === Math.floor(e / 5) % 5) same++;
  expect(same / near.indices.length).toBeGreaterThan(0.99);
  const { trustworthiness } = await layoutQuality(data, a, 3, {}, soloCrew);
  expect(trustworthiness).toBeGreaterThan(0.9);
});

test('two dimensions stay in the plane; two rows, duplicates and one dimension are laid out', async () => {
  const line = { values: Float32Array.of(1, 2), n: 2, d: 1 };
  const two = await umap(await nearestNeighbours(line, { k: 14 }), { dims: 2, start: Float32Array.of(0, 0, 1, 0) }, soloCrew);
  expect(two).toHaveLength(4);
  expect([...two].every(Number.isFinite)).toBe(true);
  const equal = { values: new Float32Array(60).fill(1), n: 30, d: 2 };
  const one = await umap(await nearestNeighbours(equal, { k: 14 }), { dims: 2, start: new Float32Array(60) }, soloCrew);
  expect([...one].every(Number.isFinite)).toBe(true);
  await expect(umap(await nearestNeighbours(line, { k: 1 }), { dims: 3, start: new Float32Array(2) }, soloCrew)).rejects.toMatchObject({ code: 'bad-input' });
});

test('supervision draws classes apart that the data mixes', async () => {
  const random = rng(8, 'mixed');
  const data = { values: random.fillNormal(new Float32Array(300 * 4)), n: 300, d: 4 };
  const neighbours = await nearestNeighbours(data, { k: 14 });
  const start = random.fillNormal(new Float32Array(600));
  const classes = Int32Array.from({ length: 300 }, (_, i) => i % 2);
  const purity = async (given?: Int32Array): Promise<number> => {
    const y = await umap(neighbours, { dims: 2, start, epochs: 200, classes: given }, soloCrew);
    const near = await nearestNeighbours({ values: y, n: 300, d: 2 }, { k: 5 });
    let same = 0;
    for (let e = 0; e < near.indices.length; e++) if (near.indices[e] % 2 === Math.floor(e / 5) % 2) same++;
    return same / near.indices.length;
  };
  expect(await purity()).toBeLessThan(0.65);
  expect(await purity(classes)).toBeGreaterThan(0.8);
});

test('can be called off, and shows layouts on the way', async () => {
  const data = clusters(400);
  const neighbours = await nearestNeighbours(data, { k: 10 });
  const signal = { aborted: false };
  let shown = 0;
  const running = umap(neighbours, {
    dims: 3, start: startOf(data), epochs: 100_000, signal,
    onLayout: (positions) => {
      shown++;
      expect(positions).toHaveLength(1200);
      if (shown === 2) signal.aborted = true;
    },
  }, soloCrew);
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  expect(shown).toBe(2);
});

test('threads change the time, not the layout', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atelier-crew-'));
  const file = join(folder, 'layout-worker.mjs');
  await build({ entryPoints: [fileURLToPath(new URL('./layout-worker.ts', import.meta.url))], outfile: file, bundle: true, platform: 'node', format: 'esm' });
  const crew = createCrew(3, pathToFileURL(file));
  try {
    expect(crew.size).toBe(3);
    const data = clusters(500);
    const neighbours = await nearestNeighbours(data, { k: 14 });
    const options = { dims: 3 as const, start: startOf(data), epochs: 60, seed: 1 };
    expect(await umap(neighbours, options, crew)).toEqual(await umap(neighbours, options, soloCrew));
    const positions = options.start;
    expect(await layoutQuality(data, positions, 3, {}, crew)).toEqual(await layoutQuality(data, positions, 3, {}, soloCrew));
  } finally {
    await crew.close();
    await rm(folder, { recursive: true });
  }
});
