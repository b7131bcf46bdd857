import { BufferAttribute, BufferGeometry, Ray, Vector3 } from 'three';
import { PointsBVH } from 'three-mesh-bvh';
import { bench, describe } from 'vitest';
import { homePose } from '../camera/pose.ts';
import { unproject, viewProjection } from '../camera/view-projection.ts';
import { CellGrid } from './cell-grid.ts';
import { itemSize } from './point-size.ts';

/** Normal deviates in eight clusters, seeded. [N, 3] */
function clusters(count: number): Float32Array {
  let state = 7;
  const random = (): number => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
  return Float32Array.from({ length: count * 3 }, (_, i) => {
    const cluster = Math.floor(i / 3) % 8;
    return ((cluster >> i % 3) & 1 ? 0.45 : -0.45) + (random() + random() + random() - 1.5) * 0.5;
  });
}

const view = viewProjection(homePose(), 1280, 800);

for (const count of [4_500, 100_000, 1_000_000]) {
  describe(`${count} items`, () => {
    const positions = clusters(count);
    const size = itemSize(count);
    const grid = new CellGrid(positions);
    let tree: PointsBVH | null = null;
    const treeOf = (): PointsBVH => new PointsBVH(new BufferGeometry().setAttribute('position', new BufferAttribute(positions.slice(), 3)));
    let k = 0;
    const pointer = (): [number, number] => [340 + ((++k * 97) % 600), 120 + ((k * 61) % 560)];

    bench('pick: grid of cells', () => void grid.pick(view, ...pointer(), size));
    bench(
      'pick: bounding-volume tree, ray with a fixed radius',
      () => {
        const ray = new Ray(new Vector3(...view.eye), new Vector3(...unproject(view, ...pointer(), 1)).sub(new Vector3(...view.eye)).normalize());
        const radius = size.point;
        const nearest = new Vector3();
        let best = Infinity;
        tree!.shapecast({
          intersectsBounds: (box) => ray.intersectsBox(box.clone().expandByScalar(radius)),
          intersectsPoint: (point: unknown) => {
            const at = point as Vector3;
            ray.closestPointToPoint(at, nearest);
            if (nearest.distanceToSquared(at) < radius * radius) best = Math.min(best, nearest.distanceTo(ray.origin));
            return false;
          },
        } as Parameters<PointsBVH['shapecast']>[0]);
      },
      { setup: () => void (tree ??= treeOf()) },
    );
    const once = { iterations: 3, time: 0, warmupIterations: 1, warmupTime: 0 };
    bench('build: grid of cells', () => void new CellGrid(positions), once);
    bench('build: bounding-volume tree', () => void treeOf(), once);
  });
}
