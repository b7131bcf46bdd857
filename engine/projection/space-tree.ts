import { sharedFloats, sharedInts } from './neighbours.ts';

/**
 * A quadtree or octree over points, its nodes in the order of a walk: the first child of a node follows it, and `skip` is
 * what follows its last descendant. Points are sorted along the same walk (Morton order), so those of a leaf stand together.
 */
export interface SpaceTree {
  nodes: number;
  /** Centre of mass. [nodes, 3] */
  centre: Float32Array;
  /** Number of points. [nodes] */
  mass: Float32Array;
  /** Squared side. [nodes] */
  side: Float32Array;
  skip: Int32Array;
  /** First point of a leaf whose points count one by one; -1 for inner nodes, and for leaves that count as one mass. [nodes] */
  first: Int32Array;
  /** Point numbers in walk order. [N] */
  order: Int32Array;
  /** Positions in walk order. [N, 3] */
  sorted: Float32Array;
}

/** Points of a leaf. */
const BUCKET = 4;

/** Room for trees over n points, used again and again. */
export function createSpaceTree(n: number, dims: 2 | 3): { tree: SpaceTree; rebuild(positions: Float32Array): SpaceTree } {
  const bits = dims === 3 ? 10 : 15;
  // A leaf's parent holds more points than a bucket, so there are at most as many chains of nodes as points, each `bits` long; in truth far fewer.
  let room = Math.max(64, n);
  const tree: SpaceTree = {
    nodes: 0, centre: sharedFloats(room * 3), mass: sharedFloats(room), side: sharedFloats(room), skip: sharedInts(room), first: sharedInts(room),
    order: sharedInts(n), sorted: sharedFloats(n * 3),
  };
  const codes = new Uint32Array(n), sortedCodes = new Uint32Array(n);
  const scratch = new Int32Array(n);

  function grow(): void {
    room *= 2;
    const larger = <T extends Float32Array | Int32Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    tree.centre = larger(tree.centre, sharedFloats(room * 3));
    tree.mass = larger(tree.mass, sharedFloats(room));
    tree.side = larger(tree.side, sharedFloats(room));
    tree.skip = larger(tree.skip, sharedInts(room));
    tree.first = larger(tree.first, sharedInts(room));
  }

  /** @param level bits of each coordinate that are still open below this node */
  function add(from: number, to: number, level: number, extent: number): void {
    if (tree.nodes === room) grow();
    const node = tree.nodes++;
    let x = 0, y = 0, z = 0;
    for (let i = from; i < to; i++) {
      x += tree.sorted[i * 3];
      y += tree.sorted[i * 3 + 1];
      z += tree.sorted[i * 3 + 2];
    }
    const count = to - from;
    tree.centre[node * 3] = x / count;
    tree.centre[node * 3 + 1] = y / count;
    tree.centre[node * 3 + 2] = z / count;
    tree.mass[node] = count;
    tree.side[node] = extent * extent;
    tree.first[node] = count <= BUCKET ? from : -1;
    if (count > BUCKET && level > 0) {
      const shift = (level - 1) * dims;
      let start = from;
      while (start < to) {
        const child = sortedCodes[start] >>> shift;
        let end = start + 1;
        while (end < to && sortedCodes[end] >>> shift === child) end++;
        add(start, end, level - 1, extent / 2);
        start = end;
      }
    }
    tree.skip[node] = tree.nodes;
  }

  return {
    tree,
    rebuild(positions) {
      const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
      for (let i = 0; i < n; i++) {
        for (let c = 0; c < dims; c++) {
          const v = positions[i * 3 + c];
          if (v < low[c]) low[c] = v;
          if (v > high[c]) high[c] = v;
        }
      }
      let extent = 0;
      for (let c = 0; c < dims; c++) extent = Math.max(extent, high[c] - low[c]);
      const cells = 2 ** bits;
      const scale = extent > 0 ? (cells - 1e-3) / extent : 0;
      for (let i = 0; i < n; i++) {
        const x = (positions[i * 3] - low[0]) * scale, y = (positions[i * 3 + 1] - low[1]) * scale;
        codes[i] = dims === 3 ? spread3(x) | (spread3(y) << 1) | (spread3((positions[i * 3 + 2] - low[2]) * scale) << 2) : spread2(x) | (spread2(y) << 1);
      }
      sortByCode(codes, tree.order, scratch);
      for (let i = 0; i < n; i++) {
        const from = tree.order[i] * 3;
        sortedCodes[i] = codes[tree.order[i]];
        tree.sorted[i * 3] = positions[from];
        tree.sorted[i * 3 + 1] = positions[from + 1];
        tree.sorted[i * 3 + 2] = positions[from + 2];
      }
      tree.nodes = 0;
      add(0, n, bits, extent);
      return tree;
    },
  };
}

/** Ten bits, two gaps after each. */
function spread3(v: number): number {
  let x = v | 0;
  x = (x | (x << 16)) & 0x030000ff;
  x = (x | (x << 8)) & 0x0300f00f;
  x = (x | (x << 4)) & 0x030c30c3;
  return (x | (x << 2)) & 0x09249249;
}

/** Fifteen bits, a gap after each. */
function spread2(v: number): number {
  let x = v | 0;
  x = (x | (x << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

/** Radix sort, ten bits a pass. @param order written: numbers by rising code */
function sortByCode(codes: Uint32Array, order: Int32Array, scratch: Int32Array): void {
  const n = codes.length;
  let from = scratch, to = order; // three passes end in `order`
  for (let i = 0; i < n; i++) from[i] = i;
  const counts = new Int32Array(1025);
  for (let pass = 0; pass < 3; pass++) {
    const shift = pass * 10;
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[((codes[i] >>> shift) & 1023) + 1]++;
    for (let c = 0; c < 1024; c++) counts[c + 1] += counts[c];
    for (let i = 0; i < n; i++) to[counts[(codes[from[i]] >>> shift) & 1023]++] = from[i];
    [from, to] = [to, from];
  }
}
