import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { auroc, frechetDistance, manifoldScores, normalQuantile, thresholdAt } from './index.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

const normals = (n: number, d: number, seed: number) => rng(seed, 'set').fillNormal(new Float32Array(n * d));

test('eigenvalues by hand, and sums that any symmetric matrix keeps', () => {
  expect(Array.from(symmetricEigenvalues(Float64Array.of(2, 1, 1, 2), 2)).sort()).toEqual([expect.closeTo(1, 12), expect.closeTo(3, 12)]);
  expect(Array.from(symmetricEigenvalues(Float64Array.of(2, 0, 0, 0, 3, 4, 0, 4, 9), 3)).sort((a, b) => a - b)).toEqual([expect.closeTo(1, 12), expect.closeTo(2, 12), expect.closeTo(11, 12)]);
  const n = 40;
  const x = normals(n, n, 3);
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j] = x[i * n + j] + x[j * n + i];
  let [trace, squares] = [0, 0];
  for (let i = 0; i < n; i++) trace += a[i * n + i];
  for (const v of a) squares += v * v;
  const values = symmetricEigenvalues(a, n);
  expect(values.reduce((s, v) => s + v, 0)).toBeCloseTo(trace, 9);
  expect(values.reduce((s, v) => s + v * v, 0)).toBeCloseTo(squares, 7);
  expect(Array.from(symmetricEigenvalues(new Float64Array(9), 3))).toEqual([0, 0, 0]);
});

test('Frechet distance of a set with itself is 0, more items than features or fewer', () => {
  expect(frechetDistance(normals(200, 8, 1), normals(200, 8, 1), 8)).toBeCloseTo(0, 6);
  expect(frechetDistance(normals(20, 64, 1), normals(20, 64, 1), 64)).toBeCloseTo(0, 6);
  const flat = normals(100, 3, 1).map((v, i) => (i % 3 === 2 ? 5 : v)); // a feature that never changes
  expect(frechetDistance(flat, flat, 3)).toBeCloseTo(0, 6);
});

test('Frechet distance by hand: means 3 apart, deviations 1 and 2 in one dimension', () => {
  // of {-1, 1} / sqrt(2) the sample variance is 1, of {1, 5} with mean 3 it is 8
  const a = Float32Array.of(-Math.SQRT1_2, Math.SQRT1_2);
  const b = Float32Array.of(1, 5);
  expect(frechetDistance(a, b, 1)).toBeCloseTo(9 + 1 + 8 - 2 * Math.sqrt(8), 4);
  // independent dimensions add up
  const c = Float32Array.of(-1, 0, 1, 0, 0, 2, 0, -2); // variances 2/3 and 8/3, uncorrelated
  const e = Float32Array.of(-3, 0, 3, 0, 0, 1, 0, -1); // 18/3 and 2/3
  const expected = (Math.sqrt(2 / 3) - Math.sqrt(6)) ** 2 + (Math.sqrt(8 / 3) - Math.sqrt(2 / 3)) ** 2;
  expect(frechetDistance(c, e, 2)).toBeCloseTo(expected, 5);
});

test('both ways to the Frechet distance agree', () => {
  // The same 30 points of 10 features, and again with 30 features of nought: one goes by covariances, the other by products of items.
  const a = normals(30, 10, 1);
  const b = normals(30, 10, 2).map((v) => 1.5 * v + 0.2);
  const wider = (x: Float32Array) => Float32Array.from({ length: 30 * 40 }, (_, i) => (i % 40 < 10 ? x[Math.floor(i / 40) * 10 + (i % 40)] : 0));
  expect(frechetDistance(wider(a), wider(b), 40)).toBeCloseTo(frechetDistance(a, b, 10), 5);
});

test('precision, recall and coverage: equal sets 1, far sets 0, half the modes half the recall', () => {
  const a = normals(120, 4, 1);
  expect(manifoldScores(a, a, 4)).toEqual({ precision: 1, recall: 1, coverage: 1 });
  expect(manifoldScores(a, a.map((v) => v + 50), 4)).toEqual({ precision: 0, recall: 0, coverage: 0 });
  const twoModes = a.map((v, i) => v + (i < 240 ? 0 : 100));
  const oneMode = normals(120, 4, 2);
  const found = manifoldScores(twoModes, oneMode, 4);
  expect(found.recall).toBeLessThanOrEqual(0.5);
  expect(found.coverage).toBeLessThanOrEqual(0.5);
  expect(found.recall).toBeGreaterThan(0.3);
  expect(found.precision).toBeGreaterThan(0.8);
});

test('AUROC by hand, with ties; 1, 0 and one half at the ends', () => {
  expect(auroc([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
  expect(auroc([4, 3, 2, 1], [0, 0, 1, 1])).toBe(0);
  expect(auroc([1, 1, 1, 1], [0, 1, 0, 1])).toBe(0.5);
  expect(auroc([1, 2, 2, 3], [0, 1, 0, 1])).toBe((1 + 0.5 + 1 + 1) / 4);
  expect(auroc([1, 2], [0, 0])).toBeNaN();
});

test('the threshold lets the wanted part of normal items through', () => {
  const normal = Array.from({ length: 100 }, (_, i) => i);
  expect(thresholdAt(normal, 0.05)).toBe(94); // 95 to 99 score above
  expect(thresholdAt(normal, 0)).toBe(99);
  expect(thresholdAt([3], 0.05)).toBe(3);
});

test('quantiles of the normal distribution, as in tables', () => {
  expect(normalQuantile(0.5)).toBe(0);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 8);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306, 7);
});
