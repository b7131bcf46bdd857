import { expect, test } from 'vitest';
import { homePose } from './camera/pose.ts';
import { project, viewProjection } from './camera/view-projection.ts';
import { itemSize } from './cloud/point-size.ts';
import { svgOf } from './svg.ts';

const view = viewProjection(homePose(), 800, 600);
const scene = { view, size: itemSize(3), ground: [1, 1, 1] as const, ink: [0, 0, 0] as const };

test('each point is a circle where the scene shows it, the farthest first; what is behind the camera or hidden is left out', () => {
  const [ex, ey, ez] = view.eye;
  // Two in sight, the second farther away; one behind the camera; one hidden.
  const positions = Float32Array.of(0.2, 0.1, 0, -ex * 0.3, -ey * 0.3, -ez * 0.3, ex * 2, ey * 2, ez * 2, 0, 0, 0);
  const rgba = Uint8Array.of(255, 0, 0, 255, 0, 0, 255, 51, 9, 9, 9, 255, 9, 9, 9, 0);
  const svg = svgOf({ ...scene, positions, rgba, labels: [] });
  const circles = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="[\d.]+" fill="(#\w+)"( fill-opacity="([\d.]+)")?\/>/g)];
  expect(circles.map((circle) => [circle[3], circle[5]])).toEqual([['#0000ff', '0.20'], ['#ff0000', undefined]]);
  const at = project(view, 0.2, 0.1, 0);
  expect(Number(circles[1][1])).toBeCloseTo(at.x, 0);
  expect(Number(circles[1][2])).toBeCloseTo(at.y, 0);
});

test('names are written so that no sign of them is taken for markup', () => {
  const svg = svgOf({ ...scene, positions: new Float32Array(0), rgba: new Uint8Array(0), labels: [{ text: 'a <b> & "c"', position: [0, 0, 0] }] });
  expect(svg).toContain('>a &#60;b&#62; &#38; &#34;c&#34;</text>');
  expect(svg).not.toContain('<b>');
});
