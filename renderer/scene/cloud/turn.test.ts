import { expect, test } from 'vitest';
import { heldStill } from './turn.ts';

// Extents 3, 2 and 1 along the axes: the cross-covariance with itself is diag(18, 8, 2).
const cross = Float32Array.of(3, 0, 0, -3, 0, 0, 0, 2, 0, 0, -2, 0, 0, 0, 1, 0, 0, -1);
const moved = (by: (p: number[]) => number[]): Float32Array => {
  const out: number[] = [];
  for (let i = 0; i < cross.length; i += 3) out.push(...by([...cross.subarray(i, i + 3)]));
  return Float32Array.from(out);
};

test('a cloud that only grows or drifts is held still', () => {
  expect(heldStill(cross, moved(([x, y, z]) => [2 * x + 5, 2 * y - 1, 2 * z]))).toBeCloseTo(1, 6);
});

test('a flipped axis counts against it as much as it is long', () => {
  expect(heldStill(cross, moved(([x, y, z]) => [x, -y, z]))).toBeCloseTo((18 - 8 + 2) / 28, 6);
});

test('swapped axes and a quarter turn are turnings', () => {
  expect(heldStill(cross, moved(([x, y, z]) => [y, -x, z]))).toBeCloseTo(2 / 28, 6);
  expect(heldStill(cross, moved(([x, y, z]) => [y, x, z]))).toBeCloseTo(2 / 28, 6);
});

test('with nothing to compare, nothing turned', () => {
  expect(heldStill(new Float32Array(0), new Float32Array(0))).toBe(1);
  expect(heldStill(new Float32Array(6), new Float32Array(6))).toBe(1);
});
