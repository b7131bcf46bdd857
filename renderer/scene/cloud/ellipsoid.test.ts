import { expect, test } from 'vitest';
import { ellipsoidOutlines } from './ellipsoid.ts';

test('outlines go through the ends of the axes, close, and lie on the surface', () => {
  const centre = [1, 2, 3];
  const axes = [2, 0, 0, 0, 1, 0, 0, 0, 0.5];
  const lines = ellipsoidOutlines(centre, axes, 8);
  expect(lines.length).toBe(3);
  expect([...lines[0].slice(0, 3)]).toEqual([3, 2, 3]);
  expect(lines[0][2 * 3 + 1]).toBeCloseTo(3, 6); // a quarter on: the end of the second axis
  for (const line of lines) {
    for (let a = 0; a < 3; a++) expect(line[24 + a]).toBeCloseTo(line[a], 6);
    for (let i = 0; i < line.length; i += 3) expect(((line[i] - 1) / 2) ** 2 + (line[i + 1] - 2) ** 2 + ((line[i + 2] - 3) / 0.5) ** 2).toBeCloseTo(1, 5);
  }
});
