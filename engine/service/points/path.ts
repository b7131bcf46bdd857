import { AtelierError } from '../../core/errors.ts';
import type { Rows } from '../../projection/index.ts';
import type { Core } from '../core.ts';
import { inWorker } from '../workers.ts';
import type { Decoder, Placed } from './decoder.ts';
import type { Source } from './sources.ts';

const GRAPH_NEIGHBOURS = 10;
const MOST_GRAPH = 100_000;

/** Points between stations, each at a share of the whole way by distance. `mix` gives the latent of a share of a leg. */
export function along(stations: readonly Placed[], frames: number, mix: (a: Float32Array, b: Float32Array, t: number) => Float32Array): { latent: Float32Array; leg: number; t: number }[] {
  const lengths = stations.slice(1).map((b, i) => distance(stations[i].latent, b.latent));
  const total = lengths.reduce((a, b) => a + b, 0);
  return Array.from({ length: frames }, (_, f) => {
    const share = f / (frames - 1);
    let leg = 0;
    let t = 0;
    if (total === 0) {
      leg = Math.min(lengths.length - 1, Math.floor(share * lengths.length));
      t = share * lengths.length - leg;
    } else {
      let rest = share * total;
      while (leg < lengths.length - 1 && rest > lengths[leg]) rest -= lengths[leg++];
      t = lengths[leg] > 0 ? Math.min(1, rest / lengths[leg]) : 1;
    }
    return { latent: mix(stations[leg].latent, stations[leg + 1].latent, t), leg, t };
  });
}

export const straight = (a: Float32Array, b: Float32Array, t: number): Float32Array => a.map((v, i) => v + t * (b[i] - v));

/** On a great circle about a centre (Shoemake 1985), lengths going over evenly. */
export function greatCircle(centre: Float32Array): (a: Float32Array, b: Float32Array, t: number) => Float32Array {
  return (a, b, t) => {
    const u = a.map((v, i) => v - centre[i]), w = b.map((v, i) => v - centre[i]);
    const nu = norm(u), nw = norm(w);
    if (nu === 0 || nw === 0) return straight(a, b, t);
    let dot = 0;
    for (let i = 0; i < u.length; i++) dot += (u[i] / nu) * (w[i] / nw);
    const angle = Math.acos(Math.min(1, Math.max(-1, dot)));
    if (Math.sin(angle) < 1e-4) return straight(a, b, t);
    const p = Math.sin((1 - t) * angle) / Math.sin(angle), q = Math.sin(t * angle) / Math.sin(angle);
    const length = nu + t * (nw - nu);
    return u.map((v, i) => centre[i] + length * ((p * v) / nu + (q * w[i]) / nw));
  };
}

/**
 * From point to point over neighbours in the original space, by the least sum of squared distances, which goes where data is
 * dense. Places that are no points begin at the nearest one. Parts that nothing connects are crossed at once.
 */
export async function throughGraph(core: Core, source: Source, decoder: Decoder, stations: readonly Placed[]): Promise<{ stations: Placed[]; through: Int32Array }> {
  const near = await graphOf(core, source);
  const rows = source.near.rows();
  const through: number[] = [];
  const out: Placed[] = [stations[0]];
  for (let leg = 0; leg + 1 < stations.length; leg++) {
    const path = shortestPath(near, rows.n, stations[leg].nearest[0], stations[leg + 1].nearest[0]);
    for (const index of path) {
      through.push(index);
      out.push(decoder.at({ index }));
    }
    out.push(stations[leg + 1]);
  }
  // A station that is a point stands twice: once is enough.
  const distinct = out.filter((s, i) => i === 0 || distance(s.latent, out[i - 1].latent) > 0);
  return { stations: distinct.length > 1 ? distinct : [out[0], out[0]], through: Int32Array.from(through.filter((p, i) => i === 0 || p !== through[i - 1])) };
}

export interface Graph {
  k: number;
  /** [N, k] */
  indices: Int32Array;
  distances: Float32Array;
}

/** Points that lead from one to another, both included; only the two where nothing connects them. Dijkstra 1959. */
export function shortestPath({ k, indices, distances }: Graph, n: number, from: number, to: number): number[] {
  if (from === to) return [from];
  const { offsets, targets, weights } = bothWays(k, indices, distances, n);
  const best = new Float64Array(n).fill(Infinity);
  const before = new Int32Array(n).fill(-1);
  best[from] = 0;
  const heap: [number, number][] = [[0, from]];
  while (heap.length > 0) {
    const [cost, at] = pop(heap);
    if (at === to) break;
    if (cost > best[at]) continue;
    for (let e = offsets[at]; e < offsets[at + 1]; e++) {
      const next = cost + weights[e];
      if (next < best[targets[e]]) {
        best[targets[e]] = next;
        before[targets[e]] = at;
        push(heap, [next, targets[e]]);
      }
    }
  }
  if (before[to] < 0) return [from, to];
  const path = [to];
  while (path[0] !== from) path.unshift(before[path[0]]);
  return path;
}

function bothWays(k: number, indices: Int32Array, distances: Float32Array, n: number): { offsets: Int32Array; targets: Int32Array; weights: Float64Array } {
  const offsets = new Int32Array(n + 1);
  for (let i = 0; i < n; i++) {
    offsets[i + 1] += k;
    for (let j = 0; j < k; j++) offsets[indices[i * k + j] + 1]++;
  }
  for (let i = 0; i < n; i++) offsets[i + 1] += offsets[i];
  const next = offsets.slice(0, n);
  const targets = new Int32Array(2 * n * k), weights = new Float64Array(2 * n * k);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) {
      const other = indices[i * k + j], w = distances[i * k + j] ** 2;
      targets[next[i]] = other;
      weights[next[i]++] = w;
      targets[next[other]] = i;
      weights[next[other]++] = w;
    }
  }
  return { offsets, targets, weights };
}

function push(heap: [number, number][], item: [number, number]): void {
  let i = heap.push(item) - 1;
  for (let up = (i - 1) >> 1; i > 0 && heap[up][0] > heap[i][0]; up = (i - 1) >> 1) {
    [heap[up], heap[i]] = [heap[i], heap[up]];
    i = up;
  }
}

function pop(heap: [number, number][]): [number, number] {
  const top = heap[0];
  const last = heap.pop()!;
  if (heap.length === 0) return top;
  heap[0] = last;
  for (let i = 0; ; ) {
    let least = i;
    for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && heap[child][0] < heap[least][0]) least = child;
    if (least === i) return top;
    [heap[least], heap[i]] = [heap[i], heap[least]];
    i = least;
  }
}

async function graphOf(core: Core, source: Source): Promise<Graph> {
  const known = source.near.known('euclidean');
  if (known && known.k >= Math.min(GRAPH_NEIGHBOURS, known.n - 1)) return known;
  const rows = source.near.rows();
  if (rows.n > MOST_GRAPH) throw new AtelierError('bad-input', `The graph of ${rows.n} points is not at hand.`, 'Project them by UMAP first: its neighbours are kept.');
  const k = Math.min(GRAPH_NEIGHBOURS, rows.n - 1);
  const found = await inWorker(core.workers, 'grow', { rows, points: Int32Array.from({ length: rows.n }, (_, i) => i), k, metric: 'euclidean' });
  const width = found.length / rows.n;
  const indices = new Int32Array(new SharedArrayBuffer(rows.n * k * 4)), distances = new Float32Array(new SharedArrayBuffer(rows.n * k * 4));
  for (let i = 0; i < rows.n; i++) {
    let at = 0;
    for (let j = 0; j < width && at < k; j++) {
      const other = found[i * width + j];
      if (other === i) continue;
      indices[i * k + at] = other;
      distances[i * k + at++] = rowDistance(rows, i, other);
    }
  }
  const graph = { n: rows.n, k, indices, distances, recall: 1 };
  source.near.keep('euclidean', graph);
  return graph;
}

function rowDistance({ values, d }: Rows, a: number, b: number): number {
  let s = 0;
  for (let j = 0; j < d; j++) s += (values[a * d + j] - values[b * d + j]) ** 2;
  return Math.sqrt(s);
}
function distance(a: Float32Array, b: Float32Array): number {
  let s = 0;
  for (let i = 0; i < a.length; i++) s += (a[i] - b[i]) ** 2;
  return Math.sqrt(s);
}
const norm = (a: Float32Array): number => {
  let s = 0;
  for (const v of a) s += v * v;
  return Math.sqrt(s);
};
