import { expect, test } from 'vitest';
import { attributeOf } from './attribute.ts';
import type { Placed } from './decoder.ts';
import { rankCorrelation } from './evaluate-inverse.ts';
import { along, greatCircle, shortestPath, straight } from './path.ts';

const station = (...latent: number[]): Placed => ({ latent: Float32Array.from(latent), position: [0, 0, 0], confidence: 1, nearest: [0], distances: [0] });

test('frames are spread by distance over the legs, ends included', () => {
  const steps = along([station(0), station(1), station(4)], 5, straight);
  expect(steps.map((s) => s.latent[0])).toEqual([0, 1, 2, 3, 4]);
  expect(steps.map((s) => s.leg)).toEqual([0, 0, 1, 1, 1]);
  const still = along([station(2), station(2), station(2)], 3, straight);
  expect(still.map((s) => s.latent[0])).toEqual([2, 2, 2]);
});

test('a great circle keeps the length about its centre and turns evenly', () => {
  const mix = greatCircle(Float32Array.of(1, 0));
  const half = mix(Float32Array.of(3, 0), Float32Array.of(1, 2), 0.5);
  expect([half[0] - 1, half[1]].map((v) => v.toFixed(5))).toEqual([Math.SQRT2.toFixed(5), Math.SQRT2.toFixed(5)]);
  const longer = mix(Float32Array.of(2, 0), Float32Array.of(1, 3), 0.5);
  expect(Math.hypot(longer[0] - 1, longer[1])).toBeCloseTo(2, 5);
  expect([...mix(Float32Array.of(1, 0), Float32Array.of(5, 0), 0.25)]).toEqual([2, 0]);
});

test('the shortest path by squares prefers short steps, and what nothing connects is crossed at once', () => {
  // Points on a line at 0, 1, 2, 3, and 50; each knows its nearest, and 0 also knows 3.
  const graph = { k: 2, indices: Int32Array.of(1, 3, 0, 2, 1, 3, 2, 1, 3, 2), distances: Float32Array.of(1, 3, 1, 1, 1, 1, 1, 2, 47, 48) };
  expect(shortestPath(graph, 5, 0, 3)).toEqual([0, 1, 2, 3]);
  expect(shortestPath(graph, 5, 4, 4)).toEqual([4]);
  const apart = { k: 1, indices: Int32Array.of(1, 0, 3, 2), distances: Float32Array.of(1, 1, 1, 1) };
  expect(shortestPath(apart, 4, 0, 3)).toEqual([0, 3]);
});

test('an attribute is the difference of two means; its accuracy leaves each row out of its own', () => {
  const rows = { values: Float32Array.of(0, 0, 2, 0, 10, 4, 12, 4), n: 4, d: 2 };
  const found = attributeOf(rows, Int32Array.of(0, 1), Int32Array.of(2, 3));
  expect([...found.direction]).toEqual([10, 4]);
  expect(found.length).toBeCloseTo(Math.sqrt(116), 5);
  expect(found.accuracy).toBe(1);
  expect(attributeOf(rows, Int32Array.of(0, 2), Int32Array.of(1, 3)).accuracy).toBe(0);
});

test('rank correlation shares the ranks of equals', () => {
  expect(rankCorrelation([1, 2, 3, 4], [10, 20, 30, 500])).toBeCloseTo(1, 12);
  expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
  expect(rankCorrelation([1, 1, 1], [3, 2, 1])).toBe(0);
  expect(rankCorrelation([1, 2, 2, 3], [1, 3, 3, 4])).toBeCloseTo(1, 12);
});
