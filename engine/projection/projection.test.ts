import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { alignTo, createInverse, pca, project, projectFrame } from './index.ts';

/** Rows `sum_c s_c u_ic e_c + noise` with orthogonal axes of known spread. */
function cloud(n: number, d: number, spreads: number[], noise: number, seed = 1): Float32Array {
  const random = rng(seed, 'cloud');
  const axes = spreads.map((_, c) => rng('axis', c).fillNormal(new Float32Array(d)));
  for (const axis of axes) {
    const norm = Math.hypot(...axis);
    for (let j = 0; j < d; j++) axis[j] /= norm;
  }
  const x = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    const u = spreads.map((s) => s * random.normal());
    for (let j = 0; j < d; j++) x[i * d + j] = 0.5 + axes.reduce((sum, axis, c) => sum + u[c] * axis[j], 0) + noise * (random.uniform() - 0.5);
  }
  return x;
}
const largest = (a: Float32Array): number => a.reduce((m, v) => Math.max(m, Math.abs(v)), 0);

test('pca of four points worked out by hand', () => {
  // A rectangle of 6 by 2 about (1, 1) in the plane z = 5: variances 9 and 1, axes x and y.
  const x = Float32Array.of(-2, 0, 5, -2, 2, 5, 4, 0, 5, 4, 2, 5);
  const { mean, components, variances, totalVariance } = pca(x, 4, 3);
  expect([...mean]).toEqual([1, 1, 5]);
  expect(variances[0]).toBeCloseTo(9, 10);
  expect(variances[1]).toBeCloseTo(1, 10);
  expect(variances[2]).toBe(0);
  expect(totalVariance).toBeCloseTo(10, 10);
  expect(Math.abs(components[0])).toBeCloseTo(1, 6);
  expect(Math.abs(components[4])).toBeCloseTo(1, 6);
  expect([...components.subarray(6)]).toEqual([0, 0, 0]);
});

test('the three ways agree: covariance, Gram matrix, iteration', () => {
  const wide = cloud(150, 400, [9, 5, 3, 1], 0.1);
  const gram = pca(wide, 150, 400);
  const iterated = pca(Float32Array.of(...wide, ...wide), 300, 400); // the same cloud twice has the same axes
  for (let c = 0; c < 3; c++) {
    expect(iterated.variances[c] / gram.variances[c]).toBeCloseTo(1, 4);
    let dot = 0;
    for (let j = 0; j < 400; j++) dot += gram.components[c * 400 + j] * iterated.components[c * 400 + j];
    expect(Math.abs(dot)).toBeCloseTo(1, 3);
  }
  const narrow = cloud(500, 20, [4, 2, 1], 0.05);
  const exact = pca(narrow, 500, 20);
  const padded = new Float32Array(500 * 200);
  for (let i = 0; i < 500; i++) padded.set(narrow.subarray(i * 20, i * 20 + 20), i * 200);
  const search = pca(padded, 500, 200);
  for (let c = 0; c < 3; c++) expect(search.variances[c] / exact.variances[c]).toBeCloseTo(1, 4);
});

test('degenerate clouds: all equal, one item, two dimensions', () => {
  expect([...pca(new Float32Array(12).fill(3), 4, 3).components]).toEqual(new Array(9).fill(0));
  const one = projectFrame(Float32Array.of(1, 2, 3, 4), 1, 4);
  expect([...one.positions]).toEqual([0, 0, 0]);
  const flat = projectFrame(Float32Array.of(0, 0, 2, 0, 0, 4, 2, 4), 4, 2);
  expect(flat.explained[0] + flat.explained[1]).toBeCloseTo(1, 6);
  for (let i = 0; i < 4; i++) expect(flat.positions[i * 3 + 2]).toBe(0);
  const next = projectFrame(Float32Array.of(0, 0, 2, 0, 0, 4, 2, 4), 4, 2, flat);
  for (let i = 0; i < 12; i++) expect(next.positions[i]).toBeCloseTo(flat.positions[i], 5);
});

test('values that are not finite and lengths that lie are refused', () => {
  expect(() => pca(Float32Array.of(1, Number.NaN), 2, 1)).toThrow(/not finite/);
  expect(() => pca(new Float32Array(5), 2, 3)).toThrow(/5 values for \[2, 3\]/);
});

test('alignment removes a rotation with a reflection', () => {
  const before = rng(3).fillNormal(new Float32Array(60));
  const turned = new Float32Array(60);
  const [c, s] = [Math.cos(2), Math.sin(2)];
  for (let i = 0; i < 60; i += 3) {
    turned[i] = c * before[i] - s * before[i + 1] + 4; // turned about z, mirrored in z, and moved
    turned[i + 1] = s * before[i] + c * before[i + 1] - 2;
    turned[i + 2] = -before[i + 2];
  }
  const back = alignTo(before, turned);
  const offset = [0, 1, 2].map((a) => back[a] - before[a]);
  for (let i = 0; i < 60; i++) expect(back[i] - before[i]).toBeCloseTo(offset[i % 3], 5);
  expect(() => alignTo(before, new Float32Array(3))).toThrow(/20 items before, 1 now/);
});

test('frames of a drifting cloud neither flip nor jump, and stay in the unit sphere', () => {
  const n = 400, d = 300;
  const start = cloud(n, d, [3, 2.9, 2.8, 0.5], 0.1), drift = cloud(n, d, [0.2, 0.2], 0, 9);
  let frame = projectFrame(start, n, d);
  for (let t = 1; t <= 6; t++) {
    const now = start.map((v, i) => v + 0.1 * t * drift[i]);
    const next = projectFrame(now, n, d, frame);
    let far = 0;
    for (let i = 0; i < n; i++) far = Math.max(far, Math.hypot(next.positions[i * 3], next.positions[i * 3 + 1], next.positions[i * 3 + 2]));
    expect(far).toBeCloseTo(1, 5);
    expect(largest(next.positions.map((v, i) => v - frame.positions[i]))).toBeLessThan(0.08);
    frame = next;
  }
});

test('positions follow from the projection alone, for items old and new', () => {
  const x = cloud(300, 200, [3, 2, 1], 0.1);
  const { positions, projection, explained } = projectFrame(x, 300, 200, projectFrame(cloud(300, 200, [3, 2, 1], 0.1, 7), 300, 200));
  const again = project(x.slice(0, 200 * 5), 5, 200, projection);
  for (let i = 0; i < 15; i++) expect(again[i]).toBeCloseTo(positions[i], 5);
  expect(explained[0] + explained[1] + explained[2]).toBeGreaterThan(0.8);
});

test('the inverse gives an item exactly its latent, and the plane where there is nothing but the plane', () => {
  const n = 200, d = 50;
  const x = cloud(n, d, [3, 2, 1, 1, 1], 0.3);
  const { positions, projection } = projectFrame(x, n, d);
  const inverse = createInverse(projection, positions, x);
  for (const i of [0, 17, 199]) {
    const { latent, confidence, nearest } = inverse([positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2]]);
    expect(latent).toEqual(x.slice(i * d, (i + 1) * d));
    expect([confidence, nearest[0]]).toEqual([1, i]);
  }
  const flat = cloud(n, d, [3, 2, 1], 0);
  const frame = projectFrame(flat, n, d);
  const { latent } = createInverse(frame.projection, frame.positions, flat)([0.3, -0.2, 0.1]);
  const back = project(latent, 1, d, frame.projection);
  [0.3, -0.2, 0.1].forEach((v, a) => expect(back[a]).toBeCloseTo(v, 4));
});

test('the inverse is continuous, its confidence falls with distance, and its result projects back near the point', () => {
  const n = 300, d = 40;
  const x = cloud(n, d, [3, 2, 1, 1], 0.2);
  const { positions, projection } = projectFrame(x, n, d);
  const inverse = createInverse(projection, positions, x);
  const p: [number, number, number] = [positions[0], positions[1], positions[2]];
  const near = inverse([p[0] + 1e-5, p[1], p[2]]);
  expect(largest(near.latent.map((v, j) => v - x[j]))).toBeLessThan(1e-2);
  const confidences = [0, 0.1, 0.5, 2, 10].map((r) => inverse([p[0] + r, p[1] + r, p[2] + r]).confidence);
  for (let i = 1; i < confidences.length; i++) expect(confidences[i]).toBeLessThanOrEqual(confidences[i - 1]);
  expect(confidences.at(-1)).toBeLessThan(1e-6);
  const back = project(inverse([0.2, 0.1, 0]).latent, 1, d, projection);
  expect(Math.hypot(back[0] - 0.2, back[1] - 0.1, back[2])).toBeLessThan(1e-3);
  expect(() => inverse([Number.NaN, 0, 0])).toThrow(/not a point/);
});

test('a frame of 2000 latents of 16384 dimensions, warm, takes about a second', () => {
  const n = 2000, d = 16384;
  const x = rng(5).fillUniform(new Float32Array(n * d));
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) x[i * d + j] += ((i % 7) - 3) * ((j % 5) - 2) * 0.2;
  const first = projectFrame(x, n, d);
  const begun = performance.now();
  const second = projectFrame(x, n, d, first);
  const elapsed = performance.now() - begun;
  expect(largest(second.positions.map((v, i) => v - first.positions[i]))).toBeLessThan(0.3);
  expect(elapsed).toBeLessThan(6000); // generous: the machine may be busy
}, 60_000);
