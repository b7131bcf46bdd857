import { ranges, type Crew } from './crew.ts';
import { sharedFloats, sharedInts, type Neighbours } from './neighbours.ts';

/** A symmetric weighted graph by rows: the bonds of row i are at `offsets[i]` to `offsets[i + 1]`, by rising target. */
export interface Graph {
  n: number;
  offsets: Int32Array<SharedArrayBuffer>;
  targets: Int32Array<SharedArrayBuffer>;
  weights: Float32Array<SharedArrayBuffer>;
}

/** The fuzzy union of every row's own view of its neighbourhood (UMAP section 3.1): `w = a + b - a b`. */
export async function fuzzyGraph({ n, k, indices, distances }: Neighbours, crew: Crew): Promise<Graph> {
  const weights = sharedFloats(n * k);
  await crew.run('fuzzyWeights', ranges(n, crew.size * 2).map((range) => ({ ...range, k, distances, weights })));
  return union(n, k, indices, weights, (a, b) => a + b - a * b);
}

/**
 * Makes directed bonds symmetric.
 * @param join of both directions' weights, 0 where there is none
 */
export function union(n: number, k: number, indices: Int32Array, weights: Float32Array, join: (a: number, b: number) => number): Graph {
  // Bonds that point to each row, by rising source.
  const starts = new Int32Array(n + 1);
  for (let e = 0; e < n * k; e++) starts[indices[e] + 1]++;
  for (let i = 0; i < n; i++) starts[i + 1] += starts[i];
  const next = starts.slice(0, n);
  const source = new Int32Array(n * k);
  const back = new Float32Array(n * k);
  for (let i = 0, e = 0; i < n; i++) {
    for (let j = 0; j < k; j++, e++) {
      const to = next[indices[e]]++;
      source[to] = i;
      back[to] = weights[e];
    }
  }
  const offsets = sharedInts(n + 1);
  const targets = sharedInts(2 * n * k);
  const joined = sharedFloats(2 * n * k);
  const order = Int32Array.from({ length: k }, (_, j) => j);
  let at = 0;
  for (let i = 0; i < n; i++) {
    const own = i * k;
    order.sort((a, b) => indices[own + a] - indices[own + b]);
    let o = 0, b = starts[i];
    while (o < k || b < starts[i + 1]) {
      const mine = o < k ? indices[own + order[o]] : Infinity;
      const theirs = b < starts[i + 1] ? source[b] : Infinity;
      const target = Math.min(mine, theirs);
      const w = join(mine === target ? weights[own + order[o]] : 0, theirs === target ? back[b] : 0);
      if (mine === target) o++;
      if (theirs === target) b++;
      if (w > 0) {
        targets[at] = target;
        joined[at++] = w;
      }
    }
    offsets[i + 1] = at;
  }
  return { n, offsets, targets: targets.subarray(0, at), weights: joined.subarray(0, at) };
}
