/**
 * Dense regions of a layout: points are counted in a grid, the counts smoothed, each cell goes to the peak that it climbs to,
 * and peaks without a valley between them become one (mode seeking on a grid, after Koontz, Narendra and Fukunaga 1976).
 */
export interface Clusters {
  /** Cluster of each point by falling size, -1 between them. [N] */
  codes: Int32Array;
  count: number;
}

/** A cluster smaller than this share of the points is none. */
const SMALLEST = 0.004;
/** Cells below this share of their peak are between the clusters. */
const SHALLOW = 0.04;

/**
 * @param positions [N, 3]; flat layouts have z = 0
 * @param detail 0 (few, large) to 1 (many, small)
 */
export function densityClusters(positions: Float32Array, dims: 2 | 3, detail = 0.5): Clusters {
  const n = positions.length / 3;
  const codes = new Int32Array(n).fill(-1);
  const { low, side } = extent(positions, n);
  if (n === 0 || side === 0) return { codes: codes.fill(0), count: n > 0 ? 1 : 0 };
  // Finer with detail, and no finer than the points allow.
  const wanted = dims === 2 ? 24 + 104 * detail : 12 + 44 * detail;
  const g = Math.max(4, Math.min(Math.round(wanted), Math.round((dims === 2 ? 1.2 : 1.8) * n ** (1 / dims))));
  const depth = dims === 2 ? 1 : g;
  const cells = g * g * depth;
  const cellOf = new Int32Array(n);
  const density = new Float32Array(cells);
  for (let i = 0; i < n; i++) {
    const at = [0, 1, 2].map((a) => Math.min(g - 1, Math.max(0, Math.floor(((positions[i * 3 + a] - low[a]) / side) * g))));
    const cell = (dims === 2 ? 0 : at[2] * g * g) + at[1] * g + at[0];
    cellOf[i] = cell;
    density[cell]++;
  }
  for (let pass = 0; pass < 2; pass++) blur(density, g, depth);
  const steps = around(dims);
  const next = climb(density, g, depth, steps);
  const peakOf = new Int32Array(cells).fill(-1);
  for (let c = 0; c < cells; c++) if (density[c] > 0) peakOf[c] = follow(next, c);
  merge(density, peakOf, g, depth, steps, 0.92 - 0.5 * (1 - detail));
  const size = new Map<number, number>();
  const into = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const peak = peakOf[cellOf[i]];
    into[i] = density[cellOf[i]] >= SHALLOW * density[peak] ? peak : -1;
    if (into[i] >= 0) size.set(peak, (size.get(peak) ?? 0) + 1);
  }
  const kept = [...size].filter(([, count]) => count >= Math.max(3, SMALLEST * n)).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const number = new Map(kept.map(([peak], id) => [peak, id]));
  for (let i = 0; i < n; i++) codes[i] = number.get(into[i]) ?? -1;
  return { codes, count: kept.length };
}

function extent(positions: Float32Array, n: number): { low: number[]; side: number } {
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < n * 3; i++) {
    const a = i % 3;
    low[a] = Math.min(low[a], positions[i]);
    high[a] = Math.max(high[a], positions[i]);
  }
  return { low, side: Math.max(...high.map((h, a) => h - low[a]), 0) };
}

const around = (dims: 2 | 3): [number, number, number][] => {
  const out: [number, number, number][] = [];
  for (let z = dims === 3 ? -1 : 0; z <= (dims === 3 ? 1 : 0); z++) for (let y = -1; y <= 1; y++) for (let x = -1; x <= 1; x++) if (x || y || z) out.push([x, y, z]);
  return out;
};

/** Binomial weights 1 2 1 along each axis, in place. */
function blur(density: Float32Array, g: number, depth: number): void {
  const copy = new Float32Array(density.length);
  const strides = depth > 1 ? [1, g, g * g] : [1, g];
  for (const stride of strides) {
    copy.set(density);
    for (let c = 0; c < density.length; c++) {
      const at = Math.floor(c / stride) % g;
      density[c] = (2 * copy[c] + (at > 0 ? copy[c - stride] : 0) + (at < g - 1 ? copy[c + stride] : 0)) / 4;
    }
  }
}

function* beside(c: number, g: number, depth: number, steps: readonly [number, number, number][]): Generator<number> {
  const x = c % g, y = Math.floor(c / g) % g, z = Math.floor(c / (g * g));
  for (const [dx, dy, dz] of steps) {
    const a = x + dx, b = y + dy, d = z + dz;
    if (a >= 0 && a < g && b >= 0 && b < g && d >= 0 && d < depth) yield (d * g + b) * g + a;
  }
}

function climb(density: Float32Array, g: number, depth: number, steps: readonly [number, number, number][]): Int32Array {
  return Int32Array.from(density, (own, c) => {
    let best = c, most = own;
    if (own > 0) for (const other of beside(c, g, depth, steps)) if (density[other] > most || (density[other] === most && other < best)) {
      best = other;
      most = density[other];
    }
    return best;
  });
}

function follow(next: Int32Array, from: number): number {
  let at = from;
  while (next[at] !== at) at = next[at];
  return at;
}

/** Joins peaks whose highest pass is nearly as high as the lower of them. */
function merge(density: Float32Array, peakOf: Int32Array, g: number, depth: number, steps: readonly [number, number, number][], share: number): void {
  const passes = new Map<string, { a: number; b: number; height: number }>();
  for (let c = 0; c < density.length; c++) {
    if (density[c] <= 0) continue;
    for (const other of beside(c, g, depth, steps)) {
      if (other < c || density[other] <= 0 || peakOf[other] === peakOf[c]) continue;
      const [a, b] = [peakOf[c], peakOf[other]].sort((p, q) => p - q);
      const height = Math.min(density[c], density[other]);
      const key = `${a} ${b}`;
      if ((passes.get(key)?.height ?? 0) < height) passes.set(key, { a, b, height });
    }
  }
  const root = new Map<number, number>();
  const find = (p: number): number => {
    const up = root.get(p);
    return up === undefined || up === p ? p : find(up);
  };
  for (const { a, b, height } of [...passes.values()].sort((p, q) => q.height - p.height)) {
    const [p, q] = [find(a), find(b)];
    if (p === q || height < share * Math.min(density[p], density[q])) continue;
    if (density[p] >= density[q]) root.set(q, p);
    else root.set(p, q);
  }
  for (let c = 0; c < peakOf.length; c++) if (peakOf[c] >= 0) peakOf[c] = find(peakOf[c]);
}
