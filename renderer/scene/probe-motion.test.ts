import { expect, test } from 'vitest';
import { homePose } from './camera/pose.ts';
import { project, viewProjection } from './camera/view-projection.ts';
import { deepened, draggedTo, nudged, probeReach } from './probe-motion.ts';

const pose = homePose();
const view = viewProjection(pose, 1000, 800);

test('a dragged probe follows the pointer and keeps its depth', () => {
  const moved = draggedTo(view, [0.2, 0.1, -0.3], 610, 320);
  const at = project(view, ...moved);
  expect([at.x, at.y]).toEqual([expect.closeTo(610, 3), expect.closeTo(320, 3)]);
  expect(at.depth).toBeCloseTo(project(view, 0.2, 0.1, -0.3).depth, 5);
});

test('pushed deeper, it stays under its pixel', () => {
  const before = project(view, 0.2, 0.1, -0.3);
  const after = project(view, ...deepened(view, [0.2, 0.1, -0.3], 0.25));
  expect([after.x, after.y]).toEqual([expect.closeTo(before.x, 3), expect.closeTo(before.y, 3)]);
  expect(after.depth - before.depth).toBeCloseTo(0.25, 5);
});

test('arrow keys move it by eight pixels', () => {
  const at = project(view, ...nudged(pose, view, [0, 0, 0], 1, 0, 0));
  expect(at.x).toBeCloseTo(508, 3);
  const up = project(view, ...nudged(pose, view, [0, 0, 0], 0, 10, 0));
  expect(up.y).toBeCloseTo(320, 3);
});

test('it cannot be lost in the void', () => {
  expect(Math.hypot(...draggedTo(view, [0, 0, 0], 90_000, 400))).toBeCloseTo(probeReach, 6);
});
