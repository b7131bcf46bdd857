import { expect, test } from 'vitest';
import { hullEdges } from './hull-edges.ts';

test('a tetrahedron has six edges, each told once', () => {
  const corners = Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);
  const edges = hullEdges(corners, Int32Array.of(0, 1, 2, 0, 3, 1, 0, 2, 3, 1, 3, 2));
  expect(edges.length).toBe(6);
  expect([...edges[0]]).toEqual([0, 0, 0, 1, 0, 0]);
  expect(hullEdges(corners, new Int32Array(0))).toEqual([]);
});
