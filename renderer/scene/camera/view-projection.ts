import { axesOf, eyeOf, fovDeg, type Pose } from './pose.ts';

/** Everything needed to say where a point of the map stands on the screen. Plain numbers, so that it runs without WebGL. */
export interface ViewProjection {
  width: number;
  height: number;
  /** Rows of the view matrix: right, up, back; then the eye. */
  right: readonly [number, number, number];
  up: readonly [number, number, number];
  forward: readonly [number, number, number];
  eye: readonly [number, number, number];
  /** Pixels that one map unit covers at depth 1. */
  pixelsPerUnit: number;
  near: number;
}

export const nearPlane = 0.005;

export function viewProjection(pose: Pose, width: number, height: number): ViewProjection {
  const { right, up, forward } = axesOf(pose);
  return { width, height, right, up, forward, eye: eyeOf(pose), pixelsPerUnit: height / (2 * Math.tan((fovDeg * Math.PI) / 360)), near: nearPlane };
}

export interface ScreenPoint {
  /** Pixels from the top left. */
  x: number;
  y: number;
  /** Distance along the view; behind the camera when below `near`. */
  depth: number;
}

export function project(view: ViewProjection, x: number, y: number, z: number, out: ScreenPoint = { x: 0, y: 0, depth: 0 }): ScreenPoint {
  const [dx, dy, dz] = [x - view.eye[0], y - view.eye[1], z - view.eye[2]];
  const depth = dx * view.forward[0] + dy * view.forward[1] + dz * view.forward[2];
  const scale = view.pixelsPerUnit / Math.max(depth, view.near);
  out.x = view.width / 2 + (dx * view.right[0] + dy * view.right[1] + dz * view.right[2]) * scale;
  out.y = view.height / 2 - (dx * view.up[0] + dy * view.up[1] + dz * view.up[2]) * scale;
  out.depth = depth;
  return out;
}

/** The point of the map under a pixel at a given depth; the inverse of `project`. */
export function unproject(view: ViewProjection, px: number, py: number, depth: number): [number, number, number] {
  const scale = depth / view.pixelsPerUnit;
  const a = (px - view.width / 2) * scale;
  const b = (view.height / 2 - py) * scale;
  return [0, 1, 2].map((i) => view.eye[i] + view.forward[i] * depth + view.right[i] * a + view.up[i] * b) as [number, number, number];
}
