/**
 * The camera as a point looked at, two angles and a distance; y is up. Angles in radians, lengths in map units (the cloud
 * fits the unit sphere).
 */
export interface Pose {
  target: [number, number, number];
  /** Turn about the vertical axis; 0 looks along -z. */
  yaw: number;
  /** Height above the horizon, within +-`pitchLimit`. */
  pitch: number;
  distance: number;
}

export const pitchLimit = Math.PI / 2 - 0.02;
export const distanceRange = { min: 0.02, max: 12 } as const;
export const fovDeg = 42;

export const homePose = (): Pose => ({ target: [0, 0, 0], yaw: 0.62, pitch: 0.3, distance: 3.15 });

type Vec3 = [number, number, number];

/** Unit vectors of the camera: right, up, and forward (into the picture). */
export function axesOf(pose: Pick<Pose, 'yaw' | 'pitch'>): { right: Vec3; up: Vec3; forward: Vec3 } {
  const [sy, cy, sp, cp] = [Math.sin(pose.yaw), Math.cos(pose.yaw), Math.sin(pose.pitch), Math.cos(pose.pitch)];
  return { right: [cy, 0, -sy], up: [-sy * sp, cp, -cy * sp], forward: [-sy * cp, -sp, -cy * cp] };
}

export function eyeOf(pose: Pose): Vec3 {
  const { forward } = axesOf(pose);
  return [0, 1, 2].map((i) => pose.target[i] - forward[i] * pose.distance) as Vec3;
}

const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));

export const normalised = (pose: Pose): Pose => ({
  target: pose.target.map((x) => clamp(x, -8, 8)) as Vec3,
  yaw: pose.yaw,
  pitch: clamp(pose.pitch, -pitchLimit, pitchLimit),
  distance: clamp(pose.distance, distanceRange.min, distanceRange.max),
});

/** @param dx, dy in pixels; a drag across the height of the picture turns by half a circle */
export const orbited = (pose: Pose, dx: number, dy: number, height: number): Pose =>
  normalised({ ...pose, yaw: pose.yaw - (dx / height) * Math.PI, pitch: pose.pitch + (dy / height) * Math.PI });

/** Map units in one pixel at depth `depth`. */
export const unitsPerPixel = (depth: number, height: number): number => (2 * depth * Math.tan((fovDeg * Math.PI) / 360)) / height;

/** Moves what is looked at with the pointer. @param dx, dy in pixels */
export function panned(pose: Pose, dx: number, dy: number, height: number): Pose {
  const { right, up } = axesOf(pose);
  const k = unitsPerPixel(pose.distance, height);
  return normalised({ ...pose, target: pose.target.map((x, i) => x - right[i] * dx * k + up[i] * dy * k) as Vec3 });
}

/**
 * Zooms by a factor (below 1 comes nearer) and keeps the point under the pointer where it is.
 * @param px, py pointer from the middle of the picture, in pixels, y down
 */
export function dollied(pose: Pose, factor: number, px: number, py: number, height: number): Pose {
  const distance = clamp(pose.distance * factor, distanceRange.min, distanceRange.max);
  const moved = panned(pose, -px * (1 - distance / pose.distance), -py * (1 - distance / pose.distance), height);
  return { ...moved, distance };
}

/** Flies: moves the eye and what it looks at together. Steps in map units along right, up and forward. */
export function flown(pose: Pose, right: number, up: number, forward: number): Pose {
  const axes = axesOf(pose);
  return normalised({ ...pose, target: pose.target.map((x, i) => x + axes.right[i] * right + axes.up[i] * up + axes.forward[i] * forward) as Vec3 });
}

/** Turns the head in place: the eye stays, what is looked at moves. @param dx, dy in pixels */
export function looked(pose: Pose, dx: number, dy: number, height: number): Pose {
  const eye = eyeOf(pose);
  const turned = orbited(pose, dx * 0.5, dy * 0.5, height);
  const { forward } = axesOf(turned);
  return normalised({ ...turned, target: eye.map((x, i) => x + forward[i] * turned.distance) as Vec3 });
}

/** Between two poses, the short way round; distance in proportion, so that zooming feels even. @param t in [0, 1] */
export function mixed(from: Pose, to: Pose, t: number): Pose {
  const turn = Math.PI * 2;
  const dyaw = ((((to.yaw - from.yaw) % turn) + turn * 1.5) % turn) - Math.PI;
  return {
    target: from.target.map((x, i) => x + (to.target[i] - x) * t) as Vec3,
    yaw: from.yaw + dyaw * t,
    pitch: from.pitch + (to.pitch - from.pitch) * t,
    distance: from.distance * (to.distance / from.distance) ** t,
  };
}

/** The first look at a cloud: most of it, from the front and a little above. @param radius of most of the cloud */
export function overview(centre: readonly [number, number, number], radius: number): Pose {
  return normalised({ ...homePose(), target: [...centre], distance: Math.max(0.3, (Math.min(1, radius * 1.25) / Math.sin((fovDeg * Math.PI) / 360)) * 1.08) });
}

/** The pose that fits a set of items: looks at their middle from where the camera is now. @param positions [N, 3] */
export function framing(pose: Pose, positions: Float32Array, indices: ArrayLike<number>): Pose {
  const target: Vec3 = [0, 0, 0];
  const count = Math.max(1, indices.length);
  for (let j = 0; j < indices.length; j++) for (let a = 0; a < 3; a++) target[a] += positions[indices[j] * 3 + a] / count;
  let radius = 0;
  for (let j = 0; j < indices.length; j++) {
    const o = indices[j] * 3;
    radius = Math.max(radius, Math.hypot(positions[o] - target[0], positions[o + 1] - target[1], positions[o + 2] - target[2]));
  }
  const distance = Math.max(0.32, (radius * 1.15) / Math.sin((fovDeg * Math.PI) / 360));
  return normalised({ ...pose, target, distance });
}
