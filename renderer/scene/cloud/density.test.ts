import { expect, test } from 'vitest';
import { densityOf } from './density.ts';

/** Seeded. */
function uniform(): () => number {
  let state = 5;
  return () => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
}

test('a tight heap is dense, what is strewn is not; the mean is 1', () => {
  const random = uniform();
  const heap = Array.from({ length: 900 }, () => [0, 0, 0].map(() => 0.5 + 0.04 * (random() - 0.5)));
  const strewn = Array.from({ length: 900 }, () => [0, 0, 0].map(() => random() * 2 - 1));
  const density = densityOf(Float32Array.from([...heap, ...strewn].flat()));
  const mean = (part: Float32Array): number => part.reduce((a, b) => a + b, 0) / part.length;
  expect(mean(density)).toBeCloseTo(1, 4);
  expect(mean(density.subarray(0, 900))).toBeGreaterThan(20 * mean(density.subarray(900)));
});

test('twice as many points at the same places are as dense in proportion', () => {
  const random = uniform();
  const once = Float32Array.from({ length: 600 }, () => random());
  const twice = Float32Array.from([...once, ...once]);
  const a = densityOf(once), b = densityOf(twice);
  for (let i = 0; i < 200; i++) expect(b[i]).toBeCloseTo(a[i], 4);
});

test('evenly spread points are about equally dense inside', () => {
  const positions: number[] = [];
  for (let x = 0; x < 43; x++) for (let y = 0; y < 43; y++) for (let z = 0; z < 5; z++) positions.push(x, y, z * 9);
  const density = densityOf(Float32Array.from(positions));
  const inside = density.filter((_, i) => positions[i * 3] > 5 && positions[i * 3] < 37 && positions[i * 3 + 1] > 5 && positions[i * 3 + 1] < 37 && positions[i * 3 + 2] === 18);
  expect(Math.max(...inside) / Math.min(...inside)).toBeLessThan(1.6);
});

test.each([[new Float32Array(0)], [new Float32Array(3)], [new Float32Array(30).fill(2)]])('no extent, no density: all are 1', (positions) => {
  expect([...densityOf(positions)]).toEqual(new Array(positions.length / 3).fill(1));
});
