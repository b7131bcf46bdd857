import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { densityClusters } from './clusters.ts';
import { ellipsoid } from './ellipsoid.ts';
import { softHull } from './hull.ts';
import { localInverse } from './local-inverse.ts';

/** A curved sheet in five dimensions, laid out flat. */
function sheet(n: number): { positions: Float32Array; latents: Float32Array; truth: (u: number, v: number) => number[] } {
  const random = rng(4, 'sheet');
  const truth = (u: number, v: number): number[] => [u, v, 0.3 * u * u, 0.2 * u * v, Math.sin(v)];
  const positions = new Float32Array(n * 3), latents = new Float32Array(n * 5);
  for (let i = 0; i < n; i++) {
    const u = 4 * random.uniform() - 2, v = 4 * random.uniform() - 2;
    positions.set([u, v, 0], i * 3);
    latents.set(truth(u, v), i * 5);
  }
  return { positions, latents, truth };
}
const far = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.sqrt(Array.from(a).reduce((s, v, i) => s + (v - b[i]) ** 2, 0));

test('at a point its own latent comes back, with full confidence', () => {
  const { positions, latents } = sheet(200);
  const found = localInverse(positions, latents, 5)([positions[30], positions[31], 0]);
  expect([...found.latent]).toEqual([...latents.subarray(50, 55)]);
  expect(found.confidence).toBe(1);
  expect(found.nearest[0]).toBe(10);
});

test('between points it is far nearer to the truth than the nearest point, and the weights sum to 1', () => {
  const { positions, latents, truth } = sheet(400);
  const invert = localInverse(positions, latents, 5);
  const random = rng(5, 'probe');
  let ours = 0, nearest = 0;
  for (let i = 0; i < 100; i++) {
    const u = 3 * random.uniform() - 1.5, v = 3 * random.uniform() - 1.5;
    const found = invert([u, v, 0]);
    expect(found.weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    ours += far(found.latent, truth(u, v));
    nearest += far(latents.subarray(found.nearest[0] * 5, found.nearest[0] * 5 + 5), truth(u, v));
  }
  expect(ours).toBeLessThan(0.35 * nearest);
});

test('confidence falls away from data and where neighbours disagree', () => {
  const { positions, latents } = sheet(400);
  const invert = localInverse(positions, latents, 5);
  const inside = invert([0.1, 0.1, 0]).confidence;
  expect(inside).toBeGreaterThan(0.7);
  expect(invert([9, 9, 0]).confidence).toBeLessThan(1e-6);
  const random = rng(6, 'noise');
  const torn = localInverse(positions, latents.map(() => random.normal()), 5);
  expect(torn([0.1, 0.1, 0]).confidence).toBeLessThan(0.9 * inside);
  expect(invert([50, -50, 3]).latent.every((v) => Math.abs(v) < 20)).toBe(true);
});

test('held-out points are not used; equal places, one point and bad positions are no trouble', () => {
  const { positions, latents } = sheet(50);
  const found = localInverse(positions, latents, 5, { except: (i) => i === 7 })([positions[21], positions[22], 0]);
  expect(found.nearest).not.toContain(7);
  const heap = localInverse(new Float32Array(30), Float32Array.from({ length: 20 }, (_, i) => i), 2);
  expect([...heap([0, 0, 0]).latent]).toEqual([0, 1]);
  expect(heap([1, 0, 0]).latent.every(Number.isFinite)).toBe(true);
  expect([...localInverse(Float32Array.of(1, 2, 3), Float32Array.of(5), 1)([0, 0, 0]).latent]).toEqual([5]);
  expect(() => heap([NaN, 0, 0])).toThrow(/not a point/);
  expect(() => localInverse(positions, latents, 4)).toThrow(/latent values/);
});

test.each([[2, 0.5], [3, 0.5], [3, 0]] as const)('clouds in %i dimensions are told apart at detail %f; what lies between is none', (dims, detail) => {
  const random = rng(7, 'clouds');
  const centres = [[0, 0, 0], [8, 0, 2], [0, 8, -3]];
  const n = 1500;
  const positions = Float32Array.from({ length: n * 3 }, (_, i) => (dims === 2 && i % 3 === 2 ? 0 : centres[Math.floor(i / 3) % 3][i % 3] + 0.7 * random.normal()));
  const { codes, count } = densityClusters(positions, dims, detail);
  expect(count).toBe(3);
  let wrong = 0, none = 0;
  const first = [codes.find((c, i) => i % 3 === 0 && c >= 0), codes.find((c, i) => i % 3 === 1 && c >= 0), codes.find((c, i) => i % 3 === 2 && c >= 0)];
  expect(new Set(first).size).toBe(3);
  codes.forEach((c, i) => (c < 0 ? none++ : c !== first[i % 3] && wrong++));
  expect(wrong).toBeLessThan(5);
  expect(none).toBeLessThan(0.15 * n);
});

test('equal points are one cluster, no points none', () => {
  expect(densityClusters(new Float32Array(30), 3)).toEqual({ codes: new Int32Array(10), count: 1 });
  expect(densityClusters(new Float32Array(0), 2).count).toBe(0);
});

test('a hull stands about its inner points and is closed', () => {
  const random = rng(8, 'ball');
  const positions = Float32Array.from({ length: 3000 }, (_, i) => random.normal() * (i % 3 === 0 ? 3 : 1) + 5);
  const { centre, corners, triangles } = softHull(Int32Array.from({ length: 1000 }, (_, i) => i), positions, 3);
  expect(centre.every((c) => Math.abs(c - 5) < 0.3)).toBe(true);
  const reach = [0, 1, 2].map((a) => Math.max(...Array.from({ length: corners.length / 3 }, (_, v) => Math.abs(corners[v * 3 + a] - centre[a]))));
  expect(reach[0]).toBeGreaterThan(1.4 * reach[1]);
  const edges = new Map<string, number>();
  for (let t = 0; t < triangles.length; t += 3) for (let e = 0; e < 3; e++) {
    const key = [triangles[t + e], triangles[t + ((e + 1) % 3)]].sort((a, b) => a - b).join(' ');
    edges.set(key, (edges.get(key) ?? 0) + 1);
  }
  expect([...edges.values()].every((count) => count === 2)).toBe(true);
  const flat = softHull(Int32Array.of(0, 1, 2), Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0), 2);
  expect(flat.triangles).toHaveLength(0);
  expect(flat.corners.every((v, i) => i % 3 !== 2 || v === 0)).toBe(true);
});

test('the axes of an ellipsoid are deviations along the directions of the covariance', () => {
  const axes = ellipsoid(Float64Array.of(4, 0, 0, 0, 9, 0, 0, 0, 0));
  expect([...axes].map(Math.abs)).toEqual([0, 3, 0, 2, 0, 0, 0, 0, 0]);
});
