import { expect, test } from 'vitest';
import { homePose } from '../camera/pose.ts';
import { project, viewProjection } from '../camera/view-projection.ts';
import { bitsOf, combined, countBits, emptyBits, hasPoint, inverted, pointsOf } from './point-bits.ts';
import { pointsUnder, ScreenMask } from './screen-mask.ts';

test('a set of points is its bits, least first, and back', () => {
  const bits = bitsOf([0, 3, 9, 9, 12], 13);
  expect([...bits]).toEqual([0b1001, 0b10010]);
  expect([...pointsOf(bits)]).toEqual([0, 3, 9, 12]);
  expect(countBits(bits)).toBe(4);
  expect([hasPoint(bits, 3), hasPoint(bits, 4)]).toEqual([true, false]);
  expect([...pointsOf(bitsOf([-1, 13, 99], 13))]).toEqual([]);
});

test('sets are replaced, joined, taken away, intersected and turned round', () => {
  const a = bitsOf([1, 2, 8], 10);
  const b = bitsOf([2, 9], 10);
  const after = (mode: Parameters<typeof combined>[0]): number[] => [...pointsOf(combined(mode, a, b))];
  expect(after('replace')).toEqual([2, 9]);
  expect(after('add')).toEqual([1, 2, 8, 9]);
  expect(after('subtract')).toEqual([1, 8]);
  expect(after('intersect')).toEqual([2]);
  expect([...pointsOf(inverted(a, 10))]).toEqual([0, 3, 4, 5, 6, 7, 9]);
  expect(countBits(inverted(emptyBits(16), 16))).toBe(16);
  expect(() => combined('add', a, emptyBits(99))).toThrow('different maps');
});

/** Even-odd rule for one point: what the painted polygon must answer at the middle of each pixel. */
function within(corners: number[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = corners.length - 2; i < corners.length; j = i, i += 2) {
    const [xa, ya, xb, yb] = [corners[j], corners[j + 1], corners[i], corners[i + 1]];
    if (ya > y !== yb > y && x < xa + ((y - ya) / (yb - ya)) * (xb - xa)) inside = !inside;
  }
  return inside;
}

test('a lasso covers the pixels whose middle lies within it, crossings and corners outside included', () => {
  const star = [50, -10, 80, 75, 5, 20.3, 95, 22, 20, 73.7];
  const mask = new ScreenMask(100, 70).polygon(star);
  for (let y = 0; y < 70; y++) for (let x = 0; x < 100; x++) expect([x, y, mask.covers(x, y)]).toEqual([x, y, within(star, x + 0.5, y + 0.5)]);
});

test('a box is taken by any two corners', () => {
  const mask = new ScreenMask(20, 20).box(15, 12, 5, 3);
  expect(mask.pixels.reduce((sum, pixel) => sum + pixel, 0)).toBe(10 * 9);
  expect([mask.covers(5, 3), mask.covers(14.9, 11.9), mask.covers(15, 5), mask.covers(-1, 5)]).toEqual([true, true, false, false]);
});

test('a brush covers what is within its radius of the stroke', () => {
  const mask = new ScreenMask(60, 40).stroke(10, 20, 40, 20, 6);
  for (let y = 0; y < 40; y++) {
    for (let x = 0; x < 60; x++) {
      const [px, py] = [x + 0.5, y + 0.5];
      expect(mask.covers(x, y)).toBe(Math.hypot(px - Math.min(40, Math.max(10, px)), py - 20) <= 6);
    }
  }
});

test('the points in a frustum are those that project into the shape; behind the camera and hidden ones are not', () => {
  let state = 5;
  const random = (): number => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
  const count = 3000;
  // Some stand behind the camera.
  const positions = Float32Array.from({ length: count * 3 }, () => (random() * 2 - 1) * 4);
  const presence = new Uint8Array(count * 4).fill(255);
  for (let i = 0; i < count; i += 7) presence[i * 4 + 3] = 36;
  const view = viewProjection(homePose(), 800, 600);
  const outline = [100, 100, 700, 150, 500, 580, 260, 240];
  const found = pointsUnder(new ScreenMask(800, 600).polygon(outline), view, positions, presence);
  let inside = 0;
  for (let i = 0; i < count; i++) {
    const at = project(view, positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2]);
    const expected = at.depth >= view.near && i % 7 !== 0 && within(outline, Math.floor(at.x) + 0.5, Math.floor(at.y) + 0.5) && at.x >= 0 && at.y >= 0 && at.x < 800 && at.y < 600;
    expect(hasPoint(found, i)).toBe(expected);
    if (expected) inside++;
  }
  expect(inside).toBeGreaterThan(100);
});
