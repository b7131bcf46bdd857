import type { SpaceTree } from './space-tree.ts';

export interface TsneForcesArgs {
  /** Points `tree.order[from]` to `tree.order[to - 1]`. */
  from: number;
  to: number;
  /** [N, 3] */
  positions: Float32Array;
  offsets: Int32Array;
  targets: Int32Array;
  /** Symmetric affinities; all together add up to 1. [bonds] */
  weights: Float32Array;
  tree: SpaceTree;
  /** A cell whose side is less than theta times its distance counts as one mass. */
  theta: number;
  /** Written: pull of the bonds, and push not yet divided by the sum of all similarities. [N, 3] */
  pull: Float32Array;
  push: Float32Array;
  /** Written at `part`: this part's share of that sum. */
  sums: Float64Array;
  part: number;
}

/** Points that walk the tree together: neighbours in its order. */
const GROUP = 8;
/** Room for the masses that act on a group; when they are more, they act in several portions. */
const PORTION = 4096;

/**
 * Both halves of t-SNE's gradient, the push by Barnes and Hut's tree (van der Maaten 2014, eq. 8 to 10). A group of points walks
 * the tree once, judging distances from the nearest place of its bounding ball, and each then feels what the group has met.
 */
export function tsneForces(args: TsneForcesArgs): void {
  const { from, to, tree, push, sums, part } = args;
  const { order, sorted } = tree;
  const met = new Float64Array(PORTION * 4);
  const felt = new Float64Array(GROUP * 4);
  let total = 0;
  for (let start = from; start < to; start += GROUP) {
    const end = Math.min(to, start + GROUP);
    felt.fill(0);
    walk(tree, start, end, args.theta, met, felt);
    for (let s = start; s < end; s++) {
      const i = order[s] * 3, f = (s - start) * 4;
      push[i] = felt[f];
      push[i + 1] = felt[f + 1];
      push[i + 2] = felt[f + 2];
      total += felt[f + 3] - 1; // itself
      pullOf(args, order[s], sorted[s * 3], sorted[s * 3 + 1], sorted[s * 3 + 2]);
    }
  }
  sums[part] = total;
}

function walk(tree: SpaceTree, start: number, end: number, theta: number, met: Float64Array, felt: Float64Array): void {
  const { centre, mass, side, skip, first, sorted, nodes } = tree;
  const near = 1 / theta;
  let gx = 0, gy = 0, gz = 0, radius = 0;
  for (let p = start * 3; p < end * 3; p += 3) {
    gx += sorted[p] / (end - start);
    gy += sorted[p + 1] / (end - start);
    gz += sorted[p + 2] / (end - start);
  }
  for (let p = start * 3; p < end * 3; p += 3) radius = Math.max(radius, (sorted[p] - gx) ** 2 + (sorted[p + 1] - gy) ** 2 + (sorted[p + 2] - gz) ** 2);
  radius = Math.sqrt(radius);
  let count = 0;
  let node = 0;
  while (node < nodes) {
    if (count > (PORTION - 64) * 4) {
      feel(sorted, start, end, met, count, felt);
      count = 0;
    }
    const points = first[node];
    if (points >= 0) {
      for (let p = points * 3, last = p + mass[node] * 3; p < last; p += 3) {
        met[count++] = sorted[p];
        met[count++] = sorted[p + 1];
        met[count++] = sorted[p + 2];
        met[count++] = 1;
      }
      node = skip[node];
      continue;
    }
    const at = node * 3;
    const dx = gx - centre[at], dy = gy - centre[at + 1], dz = gz - centre[at + 2];
    const far = Math.sqrt(side[node]) * near + radius;
    if (far * far < dx * dx + dy * dy + dz * dz || skip[node] === node + 1) {
      met[count++] = centre[at];
      met[count++] = centre[at + 1];
      met[count++] = centre[at + 2];
      met[count++] = mass[node];
      node = skip[node];
    } else node++;
  }
  feel(sorted, start, end, met, count, felt);
}

/** Adds to each point of a group: force, and sum of similarities. @param felt [GROUP, 4] */
function feel(sorted: Float32Array, start: number, end: number, met: Float64Array, count: number, felt: Float64Array): void {
  for (let s = start; s < end; s++) {
    const x = sorted[s * 3], y = sorted[s * 3 + 1], z = sorted[s * 3 + 2];
    let fx = 0, fy = 0, fz = 0, sum = 0;
    for (let m = 0; m < count; m += 4) {
      const dx = x - met[m], dy = y - met[m + 1], dz = z - met[m + 2];
      const q = 1 / (1 + dx * dx + dy * dy + dz * dz);
      const w = met[m + 3] * q;
      const f = w * q;
      sum += w;
      fx += f * dx; fy += f * dy; fz += f * dz;
    }
    const at = (s - start) * 4;
    felt[at] += fx;
    felt[at + 1] += fy;
    felt[at + 2] += fz;
    felt[at + 3] += sum;
  }
}

function pullOf({ positions, offsets, targets, weights, pull }: TsneForcesArgs, i: number, x: number, y: number, z: number): void {
  let ax = 0, ay = 0, az = 0;
  for (let e = offsets[i], end = offsets[i + 1]; e < end; e++) {
    const at = targets[e] * 3;
    const dx = x - positions[at], dy = y - positions[at + 1], dz = z - positions[at + 2];
    const f = weights[e] / (1 + dx * dx + dy * dy + dz * dz);
    ax += f * dx; ay += f * dy; az += f * dz;
  }
  pull[i * 3] = ax;
  pull[i * 3 + 1] = ay;
  pull[i * 3 + 2] = az;
}
