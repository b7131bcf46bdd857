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

/** Both halves of t-SNE's gradient, the push by Barnes and Hut's tree (van der Maaten 2014, eq. 8 to 10). */
export function tsneForces({ from, to, positions, offsets, targets, weights, tree, theta, pull, push, sums, part }: TsneForcesArgs): void {
  const { centre, mass, side, skip, first, order, sorted, nodes } = tree;
  const near = 1 / (theta * theta);
  let total = 0;
  for (let s = from; s < to; s++) {
    const i = order[s];
    const x = sorted[s * 3], y = sorted[s * 3 + 1], z = sorted[s * 3 + 2];
    let fx = 0, fy = 0, fz = 0, sum = 0;
    let node = 0;
    while (node < nodes) {
      const start = first[node];
      if (start >= 0) {
        for (let p = start * 3, end = p + mass[node] * 3; p < end; p += 3) {
          const dx = x - sorted[p], dy = y - sorted[p + 1], dz = z - sorted[p + 2];
          const q = 1 / (1 + dx * dx + dy * dy + dz * dz);
          const f = q * q;
          sum += q;
          fx += f * dx; fy += f * dy; fz += f * dz;
        }
        node = skip[node];
        continue;
      }
      const dx = x - centre[node * 3], dy = y - centre[node * 3 + 1], dz = z - centre[node * 3 + 2];
      const square = dx * dx + dy * dy + dz * dz;
      if (side[node] * near < square || skip[node] === node + 1) {
        const q = 1 / (1 + square);
        const m = mass[node] * q;
        const f = m * q;
        sum += m;
        fx += f * dx; fy += f * dy; fz += f * dz;
        node = skip[node];
      } else node++;
    }
    total += sum - 1; // itself
    push[i * 3] = fx;
    push[i * 3 + 1] = fy;
    push[i * 3 + 2] = fz;
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
  sums[part] = total;
}
