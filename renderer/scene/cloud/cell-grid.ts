import { project, type ScreenPoint, type ViewProjection } from '../camera/view-projection.ts';
import { pointPx, type ItemSize } from './point-size.ts';

/**
 * Items sorted into the cells of a regular grid, for questions asked on the screen: what is under the pointer, what stands
 * near the camera. A counting sort, so that a million items are ready in some ten milliseconds and every new frame of a
 * training can have its own; a bounding-volume tree takes a hundred times longer to build and answers no sooner here.
 */
export class CellGrid {
  readonly count: number;
  /** Item indices, cell by cell. [N] */
  readonly order: Uint32Array;
  /** First entry of each filled cell in `order`, and the end. [C + 1] */
  readonly starts: Uint32Array;
  /** Bounding sphere of each filled cell: x, y, z, radius. [C, 4] */
  readonly spheres: Float32Array;
  readonly #positions: Float32Array;

  /** @param positions [N, 3]; kept, not copied */
  constructor(positions: Float32Array) {
    this.#positions = positions;
    const count = (this.count = positions.length / 3);
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    for (let i = 0; i < positions.length; i += 3) {
      for (let a = 0; a < 3; a++) {
        const x = positions[i + a];
        if (x < low[a]) low[a] = x;
        if (x > high[a]) high[a] = x;
      }
    }
    const side = Math.max(1, Math.min(32, Math.round(Math.cbrt(count / 16))));
    const scale = [0, 1, 2].map((a) => (high[a] > low[a] ? (side * 0.999999) / (high[a] - low[a]) : 0));
    const cellOf = new Uint32Array(count);
    const fill = new Uint32Array(side ** 3 + 1);
    for (let i = 0; i < count; i++) {
      const o = i * 3;
      const cell =
        (((positions[o] - low[0]) * scale[0]) | 0) +
        side * ((((positions[o + 1] - low[1]) * scale[1]) | 0) + side * (((positions[o + 2] - low[2]) * scale[2]) | 0));
      cellOf[i] = cell;
      fill[cell + 1]++;
    }
    const starts: number[] = [0];
    for (let c = 0; c < side ** 3; c++) {
      if (fill[c + 1] > 0) starts.push(starts[starts.length - 1] + fill[c + 1]);
      fill[c + 1] += fill[c];
    }
    this.starts = Uint32Array.from(starts);
    this.order = new Uint32Array(count);
    const next = fill.slice();
    for (let i = 0; i < count; i++) this.order[next[cellOf[i]]++] = i;
    this.spheres = this.#bounds();
  }

  #bounds(): Float32Array {
    const { starts, order } = this;
    const p = this.#positions;
    const spheres = new Float32Array((starts.length - 1) * 4);
    for (let c = 0; c + 1 < starts.length; c++) {
      let [x0, y0, z0, x1, y1, z1] = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
      for (let j = starts[c]; j < starts[c + 1]; j++) {
        const o = order[j] * 3;
        if (p[o] < x0) x0 = p[o];
        if (p[o] > x1) x1 = p[o];
        if (p[o + 1] < y0) y0 = p[o + 1];
        if (p[o + 1] > y1) y1 = p[o + 1];
        if (p[o + 2] < z0) z0 = p[o + 2];
        if (p[o + 2] > z1) z1 = p[o + 2];
      }
      spheres[c * 4] = (x0 + x1) / 2;
      spheres[c * 4 + 1] = (y0 + y1) / 2;
      spheres[c * 4 + 2] = (z0 + z1) / 2;
      spheres[c * 4 + 3] = Math.hypot(x1 - x0, y1 - y0, z1 - z0) / 2 + 1e-6;
    }
    return spheres;
  }

  /**
   * The item under the pointer: the frontmost whose disc covers it, else the one whose rim is nearest.
   * @param slopPx how far beside its rim a point may still be caught
   * @param presence [N, 4] bytes; items with an alpha byte below `least` are passed over
   * @returns the item, or -1
   */
  pick(view: ViewProjection, x: number, y: number, size: ItemSize, slopPx = 5, presence?: Uint8Array, least = 128): number {
    const { order, starts, spheres } = this;
    const p = this.#positions;
    const at: ScreenPoint = { x: 0, y: 0, depth: 0 };
    let best = -1;
    let bestDepth = Infinity;
    let bestRim = slopPx;
    for (let c = 0; c + 1 < starts.length; c++) {
      const radius = spheres[c * 4 + 3];
      project(view, spheres[c * 4], spheres[c * 4 + 1], spheres[c * 4 + 2], at);
      if (at.depth < view.near - radius) continue;
      const nearest = at.depth - radius;
      if (nearest > bestDepth) continue;
      if (nearest > view.near) {
        const reach = reachPx(view, at, radius, nearest) + pointPx(size, view.pixelsPerUnit, nearest) / 2 + slopPx;
        if (Math.abs(at.x - x) > reach || Math.abs(at.y - y) > reach) continue;
      }
      for (let j = starts[c]; j < starts[c + 1]; j++) {
        const i = order[j];
        if (presence && presence[i * 4 + 3] < least) continue;
        project(view, p[i * 3], p[i * 3 + 1], p[i * 3 + 2], at);
        if (at.depth < view.near) continue;
        const rim = Math.hypot(at.x - x, at.y - y) - Math.max(2, pointPx(size, view.pixelsPerUnit, at.depth) / 2);
        if (rim <= 0) {
          if (at.depth >= bestDepth) continue;
          bestDepth = at.depth;
          best = i;
        } else if (bestDepth === Infinity && rim < bestRim) {
          bestRim = rim;
          best = i;
        }
      }
    }
    return best;
  }

  /**
   * Items nearer to the camera than `depth`, in no order, at most about `limit`, cells in front first.
   * @param visit called with the item and its place on the screen (the object is reused)
   */
  near(view: ViewProjection, depth: number, limit: number, visit: (item: number, at: ScreenPoint) => void): void {
    const { order, starts, spheres } = this;
    const p = this.#positions;
    const at: ScreenPoint = { x: 0, y: 0, depth: 0 };
    const cells: { cell: number; nearest: number }[] = [];
    for (let c = 0; c + 1 < starts.length; c++) {
      project(view, spheres[c * 4], spheres[c * 4 + 1], spheres[c * 4 + 2], at);
      const radius = spheres[c * 4 + 3];
      const nearest = at.depth - radius;
      if (nearest > depth || at.depth + radius < view.near) continue;
      if (nearest > view.near) {
        const reach = reachPx(view, at, radius, nearest);
        if (at.x < -reach || at.x > view.width + reach || at.y < -reach || at.y > view.height + reach) continue;
      }
      cells.push({ cell: c, nearest });
    }
    cells.sort((a, b) => a.nearest - b.nearest);
    let seen = 0;
    for (const { cell } of cells) {
      for (let j = starts[cell]; j < starts[cell + 1]; j++) {
        const i = order[j];
        project(view, p[i * 3], p[i * 3 + 1], p[i * 3 + 2], at);
        if (at.depth < view.near || at.depth > depth || at.x < 0 || at.y < 0 || at.x > view.width || at.y > view.height) continue;
        seen++;
        visit(i, at);
      }
      if (seen > limit) return;
    }
  }
}

/** How far from its middle a sphere may be seen, in pixels; a little more than exact towards the rim of the picture. */
function reachPx(view: ViewProjection, middle: ScreenPoint, radius: number, nearest: number): number {
  const aside = Math.max(Math.abs(middle.x - view.width / 2), Math.abs(middle.y - view.height / 2));
  return (radius / nearest) * (view.pixelsPerUnit + aside);
}
