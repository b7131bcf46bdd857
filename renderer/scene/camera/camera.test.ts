import { Matrix4, PerspectiveCamera, Vector3 } from 'three';
import { expect, test } from 'vitest';
import { axesOf, dollied, eyeOf, flown, fovDeg, framing, homePose, looked, mixed, normalised, orbited, panned, pitchLimit } from './pose.ts';
import { CameraRig } from './rig.ts';
import { project, unproject, viewProjection } from './view-projection.ts';

const close = (values: readonly number[], digits = 5): unknown[] => values.map((x) => expect.closeTo(x, digits));

test('axes are orthonormal and right-handed', () => {
  const { right, up, forward } = axesOf({ yaw: 0.7, pitch: -0.4 });
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
  for (const axis of [right, up, forward]) expect(dot(axis, axis)).toBeCloseTo(1, 10);
  expect([dot(right, up), dot(right, forward), dot(up, forward)]).toEqual(close([0, 0, 0], 10));
  expect(new Vector3(...right).cross(new Vector3(...up)).toArray()).toEqual(close(forward.map((x) => -x), 10));
});

test('projection agrees with three.js', () => {
  const pose = { ...homePose(), target: [0.1, -0.2, 0.3] as [number, number, number] };
  const camera = new PerspectiveCamera(fovDeg, 1280 / 800, 0.005, 40);
  const eye = new Vector3(...eyeOf(pose));
  camera.position.copy(eye);
  camera.quaternion.setFromRotationMatrix(new Matrix4().lookAt(eye, new Vector3(...pose.target), new Vector3(0, 1, 0)));
  camera.updateMatrixWorld();
  const view = viewProjection(pose, 1280, 800);
  const points: [number, number, number][] = [[0, 0, 0], [0.5, 0.4, -0.8], [-1, 0.9, 0.2]];
  for (const point of points) {
    const clip = new Vector3(...point).project(camera);
    const at = project(view, ...point);
    expect(at.x).toBeCloseTo((clip.x * 0.5 + 0.5) * 1280, 3);
    expect(at.y).toBeCloseTo((0.5 - clip.y * 0.5) * 800, 3);
  }
});

test('unproject takes a pixel back to its point', () => {
  const view = viewProjection(homePose(), 900, 700);
  const at = project(view, 0.3, -0.5, 0.7);
  expect(unproject(view, at.x, at.y, at.depth)).toEqual(close([0.3, -0.5, 0.7]));
});

test('zooming keeps the point under the pointer where it is', () => {
  const pose = homePose();
  const before = viewProjection(pose, 1000, 800);
  const point = unproject(before, 700, 250, pose.distance);
  const after = viewProjection(dollied(pose, 0.6, 700 - 500, 250 - 400, 800), 1000, 800);
  const at = project(after, ...point);
  expect([at.x, at.y]).toEqual(close([700, 250], 2));
});

test('panning moves what is looked at with the pointer', () => {
  const pose = homePose();
  const at = project(viewProjection(panned(pose, 50, -30, 800), 1000, 800), 0, 0, 0);
  expect([at.x, at.y]).toEqual(close([550, 370], 2));
});

test('orbit stops short of the poles, and zoom within its range', () => {
  expect(orbited(homePose(), 0, 1e5, 800).pitch).toBe(pitchLimit);
  expect(normalised({ ...homePose(), distance: 1e9 }).distance).toBe(12);
});

test('looking around leaves the eye in its place; flying moves it', () => {
  const pose = homePose();
  expect(eyeOf(looked(pose, 120, 40, 800))).toEqual(close(eyeOf(pose)));
  const ahead = flown(pose, 0, 0, 0.5);
  const { forward } = axesOf(pose);
  expect(eyeOf(ahead)).toEqual(close(eyeOf(pose).map((x, i) => x + forward[i] * 0.5)));
});

test('between two poses the camera turns the short way', () => {
  const from = { ...homePose(), yaw: 3 };
  const to = { ...homePose(), yaw: -3 };
  expect(mixed(from, to, 0.5).yaw).toBeCloseTo(Math.PI, 5);
  expect(mixed({ ...from, distance: 1 }, { ...to, distance: 4 }, 0.5).distance).toBeCloseTo(2, 10);
});

test('framing looks at the middle of the items from far enough', () => {
  const positions = Float32Array.of(1, 0, 0, -1, 0, 0, 9, 9, 9);
  const pose = framing(homePose(), positions, [0, 1]);
  expect(pose.target).toEqual([0, 0, 0]);
  const view = viewProjection(pose, 800, 800);
  const at = project(view, 1, 0, 0);
  expect(at.x).toBeLessThan(800);
  expect(at.x).toBeGreaterThan(0);
});

test('the rig glides for 400 ms, then rests; without motion it jumps', () => {
  const rig = new CameraRig();
  const goal = { ...homePose(), distance: 1 };
  rig.glideTo(goal, 1000);
  expect(rig.update(1200)).toBe(true);
  expect(rig.pose.distance).toBeGreaterThan(1);
  expect(rig.update(1400)).toBe(false);
  expect(rig.pose).toEqual(goal);
  rig.motion = false;
  rig.glideTo({ ...goal, distance: 2 }, 2000);
  expect(rig.pose.distance).toBe(2);
  rig.mode = 'turntable';
  expect(rig.update(2100)).toBe(false);
  rig.motion = true;
  const { yaw } = rig.pose;
  expect(rig.update(2116)).toBe(true);
  expect(rig.pose.yaw).toBeGreaterThan(yaw);
});
