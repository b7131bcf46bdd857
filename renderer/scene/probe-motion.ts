import { unitsPerPixel, type Pose } from './camera/pose.ts';
import { project, unproject, type ViewProjection } from './camera/view-projection.ts';

type Vec3 = [number, number, number];

/** The probe may leave the cloud, but not get lost. In map units. */
export const probeReach = 1.6;

/** Follows the pointer on the plane through the probe that faces the camera. @param x, y pixels from the top left */
export function draggedTo(view: ViewProjection, probe: Readonly<Vec3>, x: number, y: number): Vec3 {
  const { depth } = project(view, ...probe);
  return held(unproject(view, x, y, Math.max(depth, view.near * 2)));
}

/** Moves along the line of sight; the probe stays under the same pixel. @param amount map units, away from the camera */
export function deepened(view: ViewProjection, probe: Readonly<Vec3>, amount: number): Vec3 {
  const at = project(view, ...probe);
  return held(unproject(view, at.x, at.y, Math.max(view.near * 4, at.depth + amount)));
}

/** One step of the arrow keys: eight pixels at the probe's depth. @param right, up, away -1, 0 or 1; times ten with shift */
export function nudged(pose: Pose, view: ViewProjection, probe: Readonly<Vec3>, right: number, up: number, away: number): Vec3 {
  const { depth } = project(view, ...probe);
  const step = 8 * unitsPerPixel(Math.max(depth, pose.distance * 0.2), view.height);
  return held([0, 1, 2].map((i) => probe[i] + step * (view.right[i] * right + view.up[i] * up + view.forward[i] * away)) as Vec3);
}

function held(point: Vec3): Vec3 {
  const length = Math.hypot(...point);
  return length <= probeReach ? point : (point.map((x) => (x * probeReach) / length) as Vec3);
}
