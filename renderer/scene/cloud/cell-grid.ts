import type { ScreenPoint, ViewProjection } from '../camera/view-projection.ts';
import { pointPx, type ItemSize } from './point-size.ts';

/** Cells along one edge of a block. */
const blockSide = 4;

/** Bounding spheres of groups of what stands next to each other in a list. */
interface Groups {
  /** First entry of each group, and the end. [G + 1] */
  starts: Uint32Array<ArrayBuffer>;
  /** x, y, z, radius. [G, 4] */
  spheres: Float32Array<ArrayBuffer>;
}

/** Items sorted into the cells of a regular grid, cells into blocks. Plain arrays, so that a worker can hand them over. */
export interface CellSort {
  /** Item indices, cell by cell. [N] */
  order: Uint32Array<ArrayBuffer>;
  /** Filled cells, over `order`. */
  cells: Groups;
  /** Filled blocks, over the cells. */
  blocks: Groups;
}

/**
 * A counting sort, so that every new frame of a training can have its own; a bounding-volume tree takes some ten times longer to
 * build and is not needed (see `pick.bench.ts`).
 * @param positions [N, 3]
 */
export function sortIntoCells(positions: Float32Array): CellSort {
  const count = positions.length / 3;
  const side = Math.max(1, Math.min(8, Math.round(Math.cbrt(count / 16) / blockSide))) * blockSide;
  const cellOf = cellIndices(positions, side);
  const fill = new Uint32Array(side ** 3 + 1);
  for (let i = 0; i < count; i++) fill[cellOf[i] + 1]++;
  const starts: number[] = [0];
  const blockStarts: number[] = [];
  let block = -1;
  for (let c = 0; c < side ** 3; c++) {
    if (fill[c + 1] > 0) {
      const of = Math.floor(c / blockSide ** 3);
      if (of !== block) blockStarts.push(starts.length - 1);
      block = of;
      starts.push(starts[starts.length - 1] + fill[c + 1]);
    }
    fill[c + 1] += fill[c];
  }
  blockStarts.push(starts.length - 1);
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[fill[cellOf[i]]++] = i;
  const cellStarts = Uint32Array.from(starts);
  const boxes = boxesOf(positions, order, cellStarts);
  return { order, cells: { starts: cellStarts, spheres: spheresOf(boxes) }, blocks: { starts: Uint32Array.from(blockStarts), spheres: spheresOf(joined(boxes, blockStarts)) } };
}

/** Answers questions asked on the screen: what is under the pointer, what stands near the camera. */
export class CellGrid {
  readonly count: number;
  readonly order: Uint32Array;
  readonly cells: Groups;
  readonly blocks: Groups;
  readonly #positions: Float32Array;

  /** @param positions [N, 3]; kept, not copied @param sort of these positions, where it was made elsewhere */
  constructor(positions: Float32Array, sort: CellSort = sortIntoCells(positions)) {
    this.#positions = positions;
    this.count = positions.length / 3;
    this.order = sort.order;
    this.cells = sort.cells;
    this.blocks = sort.blocks;
  }

  /**
   * The item under the pointer: the frontmost whose disc covers it, else the one whose rim is nearest.
   * @param slopPx how far beside its rim a point may still be caught
   * @param presence [N, 4] bytes; items with an alpha byte below `least` are passed over
   * @returns the item, or -1
   */
  pick(view: ViewProjection, x: number, y: number, size: ItemSize, slopPx = 5, presence?: Uint8Array, least = 64): number {
    const { order, cells, blocks } = this;
    const p = this.#positions;
    const scale = view.pixelsPerUnit;
    const { eye, right, up, forward } = view;
    const px = x - view.width / 2;
    const py = view.height / 2 - y;
    let best = -1;
    let bestDepth = Infinity;
    let bestRim = slopPx;

    const mayHold = (spheres: Float32Array, group: number): boolean => {
      const o = group * 4;
      const radius = spheres[o + 3];
      const dx = spheres[o] - eye[0];
      const dy = spheres[o + 1] - eye[1];
      const dz = spheres[o + 2] - eye[2];
      const depth = dx * forward[0] + dy * forward[1] + dz * forward[2];
      const nearest = depth - radius;
      if (depth + radius < view.near || nearest > bestDepth) return false;
      if (nearest <= view.near) return true;
      const sx = ((dx * right[0] + dy * right[1] + dz * right[2]) * scale) / depth;
      const sy = ((dx * up[0] + dy * up[1] + dz * up[2]) * scale) / depth;
      const beyond = pointPx(size, scale, nearest) / 2 + slopPx;
      // A sphere aside of the middle is seen drawn out: radius / nearest times (scale + distance from the middle) bounds it.
      const k = radius / nearest;
      return Math.abs(sx - px) <= k * (scale + Math.abs(sx)) + beyond && Math.abs(sy - py) <= k * (scale + Math.abs(sy)) + beyond;
    };

    for (let b = 0; b + 1 < blocks.starts.length; b++) {
      if (!mayHold(blocks.spheres, b)) continue;
      for (let c = blocks.starts[b]; c < blocks.starts[b + 1]; c++) {
        if (!mayHold(cells.spheres, c)) continue;
        for (let j = cells.starts[c]; j < cells.starts[c + 1]; j++) {
          const i = order[j];
          if (presence && presence[i * 4 + 3] < least) continue;
          const o = i * 3;
          const dx = p[o] - eye[0];
          const dy = p[o + 1] - eye[1];
          const dz = p[o + 2] - eye[2];
          const depth = dx * forward[0] + dy * forward[1] + dz * forward[2];
          if (depth < view.near || depth >= bestDepth) continue;
          const k = scale / depth;
          const ex = (dx * right[0] + dy * right[1] + dz * right[2]) * k - px;
          const ey = (dx * up[0] + dy * up[1] + dz * up[2]) * k - py;
          const rim = Math.sqrt(ex * ex + ey * ey) - Math.max(2, pointPx(size, scale, depth) / 2);
          if (rim <= 0) {
            bestDepth = depth;
            best = i;
          } else if (bestDepth === Infinity && rim < bestRim) {
            bestRim = rim;
            best = i;
          }
        }
      }
    }
    return best;
  }

  /**
   * Items in the picture and nearer to the camera than `depth`, at most about `limit`, cells in front first.
   * @param visit called with the item and its place on the screen (the object is reused)
   */
  near(view: ViewProjection, depth: number, limit: number, visit: (item: number, at: ScreenPoint) => void): void {
    const { order, cells, blocks } = this;
    const p = this.#positions;
    const { eye, right, up, forward, pixelsPerUnit: scale } = view;
    const [halfWidth, halfHeight] = [view.width / 2, view.height / 2];
    const nearestOf = (spheres: Float32Array, group: number): number => {
      const o = group * 4;
      const radius = spheres[o + 3];
      const dx = spheres[o] - eye[0];
      const dy = spheres[o + 1] - eye[1];
      const dz = spheres[o + 2] - eye[2];
      const middle = dx * forward[0] + dy * forward[1] + dz * forward[2];
      const nearest = middle - radius;
      if (nearest > depth || middle + radius < view.near) return Infinity;
      if (nearest <= view.near) return nearest;
      const sx = Math.abs(((dx * right[0] + dy * right[1] + dz * right[2]) * scale) / middle);
      const sy = Math.abs(((dx * up[0] + dy * up[1] + dz * up[2]) * scale) / middle);
      const k = radius / nearest;
      return sx - k * (scale + sx) > halfWidth || sy - k * (scale + sy) > halfHeight ? Infinity : nearest;
    };
    const found: { cell: number; nearest: number }[] = [];
    for (let b = 0; b + 1 < blocks.starts.length; b++) {
      if (nearestOf(blocks.spheres, b) === Infinity) continue;
      for (let c = blocks.starts[b]; c < blocks.starts[b + 1]; c++) {
        const nearest = nearestOf(cells.spheres, c);
        if (nearest < Infinity) found.push({ cell: c, nearest });
      }
    }
    found.sort((a, b) => a.nearest - b.nearest);
    const at: ScreenPoint = { x: 0, y: 0, depth: 0 };
    let seen = 0;
    for (const { cell } of found) {
      for (let j = cells.starts[cell]; j < cells.starts[cell + 1]; j++) {
        const i = order[j];
        const dx = p[i * 3] - eye[0];
        const dy = p[i * 3 + 1] - eye[1];
        const dz = p[i * 3 + 2] - eye[2];
        at.depth = dx * forward[0] + dy * forward[1] + dz * forward[2];
        if (at.depth < view.near || at.depth > depth) continue;
        const k = scale / at.depth;
        at.x = halfWidth + (dx * right[0] + dy * right[1] + dz * right[2]) * k;
        at.y = halfHeight - (dx * up[0] + dy * up[1] + dz * up[2]) * k;
        if (at.x < 0 || at.y < 0 || at.x > view.width || at.y > view.height) continue;
        seen++;
        visit(i, at);
      }
      if (seen > limit) return;
    }
  }
}

/** [C, 6]: least and greatest x, y, z of each cell. */
function boxesOf(positions: Float32Array, order: Uint32Array, starts: Uint32Array): Float32Array {
  const boxes = new Float32Array((starts.length - 1) * 6);
  for (let c = 0; c + 1 < starts.length; c++) {
    let [x0, y0, z0, x1, y1, z1] = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
    for (let j = starts[c]; j < starts[c + 1]; j++) {
      const o = order[j] * 3;
      const x = positions[o];
      const y = positions[o + 1];
      const z = positions[o + 2];
      if (x < x0) x0 = x;
      if (x > x1) x1 = x;
      if (y < y0) y0 = y;
      if (y > y1) y1 = y;
      if (z < z0) z0 = z;
      if (z > z1) z1 = z;
    }
    boxes.set([x0, y0, z0, x1, y1, z1], c * 6);
  }
  return boxes;
}

/** The cell of each item; cells of one block stand next to each other. [N] */
function cellIndices(positions: Float32Array, side: number): Uint32Array {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let a = 0; a < 3; a++) {
    for (let i = a; i < positions.length; i += 3) {
      const x = positions[i];
      if (x < low[a]) low[a] = x;
      if (x > high[a]) high[a] = x;
    }
  }
  const scale = low.map((x, a) => (high[a] > x ? (side * 0.999999) / (high[a] - x) : 0));
  const blocks = side / blockSide;
  // What a step along each axis adds to the index: blocks first, cells within them last.
  const steps = [0, 1, 2].map((a) =>
    Uint32Array.from({ length: side }, (_, c) => Math.floor(c / blockSide) * blocks ** a * blockSide ** 3 + (c % blockSide) * blockSide ** a),
  );
  const [sx, sy, sz] = steps;
  const cells = new Uint32Array(positions.length / 3);
  for (let i = 0, o = 0; i < cells.length; i++, o += 3) {
    cells[i] =
      sx[((positions[o] - low[0]) * scale[0]) | 0] + sy[((positions[o + 1] - low[1]) * scale[1]) | 0] + sz[((positions[o + 2] - low[2]) * scale[2]) | 0];
  }
  return cells;
}

function joined(boxes: Float32Array, starts: readonly number[]): Float32Array {
  const out = new Float32Array((starts.length - 1) * 6);
  for (let g = 0; g + 1 < starts.length; g++) {
    for (let a = 0; a < 6; a++) {
      let edge = boxes[starts[g] * 6 + a];
      for (let b = starts[g] + 1; b < starts[g + 1]; b++) edge = a < 3 ? Math.min(edge, boxes[b * 6 + a]) : Math.max(edge, boxes[b * 6 + a]);
      out[g * 6 + a] = edge;
    }
  }
  return out;
}

function spheresOf(boxes: Float32Array): Float32Array<ArrayBuffer> {
  const spheres = new Float32Array((boxes.length / 6) * 4);
  for (let g = 0; g * 6 < boxes.length; g++) {
    const [x0, y0, z0, x1, y1, z1] = boxes.subarray(g * 6, g * 6 + 6);
    spheres.set([(x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2, Math.hypot(x1 - x0, y1 - y0, z1 - z0) / 2 + 1e-6], g * 4);
  }
  return spheres;
}
