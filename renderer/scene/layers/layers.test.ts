import { Scene, type BufferGeometry, type Material, type Mesh, type Texture } from 'three';
import { expect, test } from 'vitest';
import { homePose } from '../camera/pose.ts';
import { viewProjection } from '../camera/view-projection.ts';
import { Cloud } from '../cloud/cloud.ts';
import { itemSize } from '../cloud/point-size.ts';
import { GroundLayer } from './ground-layer.ts';
import type { Frame, Layer, Theme } from './layer.ts';
import { LineLayer } from './line-layer.ts';
import { MarkerLayer } from './marker-layer.ts';
import { PointsLayer } from './points-layer.ts';
import { ThumbnailLayer } from './thumbnail-layer.ts';
import { ThumbnailSlots } from './thumbnail-slots.ts';

const theme: Theme = { ground: [0.05, 0.05, 0.06], ink: [0.9, 0.9, 0.9], accent: [0.3, 0.7, 0.9], dark: true };

function frameOf(positions: Float32Array, now = 0): Frame {
  const cloud = new Cloud();
  cloud.advance(positions, false, 0);
  const pose = homePose();
  return { now, view: viewProjection(pose, 800, 600), pose, cloud, size: itemSize(cloud.count), pixelRatio: 1, moving: false, part: { from: 0, count: Infinity, alone: false } };
}

const spiral = (count: number): Float32Array => Float32Array.from({ length: count * 3 }, (_, i) => Math.sin(i * 12.9898) * 0.8);

/** Everything below a scene that has to be freed, and how much of it was. */
function watch(scene: Scene, textures: Texture[] = []): { made: number; freed: () => number } {
  const owned = new Set<BufferGeometry | Material | Texture>(textures);
  scene.traverse((object) => {
    const { geometry, material } = object as Mesh;
    if (geometry) owned.add(geometry);
    if (material) owned.add(material as Material);
  });
  let freed = 0;
  for (const thing of owned) (thing as Material).addEventListener('dispose', () => freed++);
  return { made: owned.size, freed: () => freed };
}

test('every layer frees what it made and leaves the scene', () => {
  const scene = new Scene();
  const thumbnails = new ThumbnailLayer();
  thumbnails.setSource({ side: 4, read: (item, out) => (out.fill(item), true) });
  const points = new PointsLayer();
  const layers: Layer[] = [new GroundLayer(), points, new LineLayer(), thumbnails, new MarkerLayer()];
  const frame = frameOf(spiral(200));
  points.setColors(new Uint8Array(800).fill(255));
  for (const layer of layers) {
    layer.setScene(scene);
    layer.setTheme(theme);
    layer.update(frame);
  }
  expect(scene.children).toHaveLength(layers.length);
  const { made, freed } = watch(scene);
  for (const layer of layers) layer.dispose();
  expect(made).toBe(layers.length * 2);
  expect(freed()).toBe(made);
  expect(scene.children).toHaveLength(0);
});

test('the array of thumbnails is freed with its layer and when another source comes', () => {
  const slots = new ThumbnailSlots({ side: 2, read: () => true }, 2);
  let freed = 0;
  slots.texture.addEventListener('dispose', () => freed++);
  slots.dispose();
  expect(freed).toBe(1);
});

test('slots are reused, the one unused for longest first, never one in use', () => {
  const slots = new ThumbnailSlots({ side: 1, read: (item, out) => (out.fill(item), true) }, 2);
  expect([slots.load(10, new Set()), slots.load(11, new Set())].sort()).toEqual([0, 1]);
  const of10 = slots.get(10);
  const of11 = slots.get(11);
  slots.get(10);
  expect(slots.load(12, new Set())).toBe(of11);
  expect(slots.get(11)).toBe(-1);
  expect(slots.load(13, new Set([10, 12]))).toBe(-1);
  expect(slots.load(13, new Set([12]))).toBe(of10);
});

test('a picture that is not there yet leaves its slot free', () => {
  const slots = new ThumbnailSlots({ side: 1, read: (item) => item === 2 }, 1);
  expect(slots.load(1, new Set())).toBe(-1);
  expect(slots.load(2, new Set())).toBe(0);
});

test('points are one draw with two sets of positions, and keep their buffers from frame to frame', () => {
  const scene = new Scene();
  const layer = new PointsLayer();
  layer.setScene(scene);
  layer.setColors(new Uint8Array(400).fill(255));
  const frame = frameOf(spiral(100));
  layer.update(frame);
  const { geometry } = scene.children[0] as Mesh;
  expect(geometry.getAttribute('previous')).toBe(geometry.getAttribute('position'));
  let before: unknown[] = [];
  for (let glide = 1; glide <= 3; glide++) {
    frame.cloud.advance(spiral(100).map((x) => x / (1 + glide)), true, 0);
    frame.cloud.update(1e6 * glide);
    layer.update(frame);
    const now = ['position', 'previous'].map((name) => geometry.getAttribute(name));
    expect(now.map(({ array }) => array)).toEqual([frame.cloud.to, frame.cloud.from]);
    if (glide > 1) expect(now).toEqual(before);
    before = now;
  }
  expect(geometry.index?.count).toBe(100);
  layer.dispose();
});

test('while the picture moves a part of many points is drawn, spread over all and a little larger; at rest all of them', () => {
  const scene = new Scene();
  const layer = new PointsLayer();
  layer.setScene(scene);
  layer.setColors(new Uint8Array(400_000).fill(255));
  const frame = frameOf(spiral(100_000));
  layer.update({ ...frame, moving: true, part: { from: 0, count: 20_000, alone: true } });
  const { geometry, material } = scene.children[0] as Mesh;
  const { diameter } = (material as unknown as { uniforms: Record<string, { value: number }> }).uniforms;
  const large = diameter.value;
  expect(geometry.drawRange.count).toBe(20_000);
  expect(new Set(geometry.index!.array).size).toBe(100_000);
  layer.update(frame);
  expect(geometry.drawRange.count).toBe(Infinity);
  layer.update({ ...frame, part: { from: 60_000, count: 20_000, alone: false } });
  expect(geometry.drawRange).toMatchObject({ start: 60_000, count: 20_000 });
  expect(large).toBeGreaterThan(diameter.value);
  layer.dispose();
});

test('points wait until there are as many colours as items', () => {
  const scene = new Scene();
  const layer = new PointsLayer();
  layer.setScene(scene);
  layer.setColors(new Uint8Array(40));
  layer.update(frameOf(spiral(100)));
  expect(scene.children[0].visible).toBe(false);
  layer.setColors(new Uint8Array(400));
  layer.update(frameOf(spiral(100)));
  expect(scene.children[0].visible).toBe(true);
  layer.dispose();
});

test('thumbnails fade in, come to rest, and can be picked where they stand', () => {
  const layer = new ThumbnailLayer();
  layer.setSource({ side: 2, read: () => true });
  const positions = new Float32Array(3);
  expect(layer.update(frameOf(positions, 16))).toBe(true);
  let frames = 0;
  while (layer.update(frameOf(positions, 32 + frames * 50)) && frames < 20) frames++;
  expect(frames).toBeGreaterThan(1);
  expect(frames).toBeLessThan(8);
  expect(layer.pick(frameOf(positions), 400, 300)).toBe(0);
  expect(layer.pick(frameOf(positions), 30, 30)).toBe(-1);
  layer.dispose();
});

test('lines beyond the room there is are left out', () => {
  const scene = new Scene();
  const lines = new LineLayer();
  lines.setScene(scene);
  for (let i = 0; i < 5000; i++) lines.add([0, 0, 0], [1, 1, 1], theme.ink, 1);
  lines.update(frameOf(spiral(1)));
  expect((scene.children[0] as Mesh).geometry.drawRange.count).toBe(8192);
  lines.clear();
  lines.update(frameOf(spiral(1)));
  expect(scene.children[0].visible).toBe(false);
  lines.dispose();
});
