import type { Rng } from '../core/rng.ts';

/**
 * k-means by Lloyd's rounds from a k-means++ like start (Arthur and Vassilvitskii 2007), on the host.
 * The start draws `k` points by their squared distance to those drawn before, which spreads the centres over rare kinds of points.
 * @param points `[n, d]`, row-major
 * @param rounds Lloyd rounds; empty centres move to the points that are worst represented
 * @returns centres `[k, d]` and how many points each has, `[k]`
 */
export function kmeans(points: Float32Array, d: number, k: number, rounds: number, rng: Rng): { centres: Float32Array; counts: Float32Array } {
  const n = points.length / d;
  const centres = new Float32Array(k * d);
  const counts = new Float32Array(k);
  const distance = new Float32Array(n).fill(Infinity);
  const place = (c: number, point: number) => centres.set(points.subarray(point * d, point * d + d), c * d);
  let at = rng.int(n);
  for (let c = 0; c < k; c++) {
    place(c, at);
    let total = 0;
    for (let i = 0; i < n; i++) {
      distance[i] = Math.min(distance[i], squaredDistance(points, i * d, centres, c * d, d));
      total += distance[i];
    }
    at = total > 0 ? drawByWeight(distance, total, rng) : rng.int(n);
  }
  const nearest = new Int32Array(n);
  for (let round = 0; round <= rounds; round++) {
    assign(points, centres, d, nearest, distance);
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[nearest[i]]++;
    if (round === rounds) break;
    centres.fill(0);
    for (let i = 0; i < n; i++) {
      const c = nearest[i] * d;
      for (let j = 0; j < d; j++) centres[c + j] += points[i * d + j];
    }
    let total = 0;
    for (let i = 0; i < n; i++) total += distance[i];
    for (let c = 0; c < k; c++) {
      if (counts[c] > 0) for (let j = 0; j < d; j++) centres[c * d + j] /= counts[c];
      else place(c, total > 0 ? drawByWeight(distance, total, rng) : rng.int(n));
    }
  }
  return { centres, counts };
}

/** Index of each point's nearest centre, and its squared distance. */
export function assign(points: Float32Array, centres: Float32Array, d: number, nearest: Int32Array, distance: Float32Array): void {
  const n = points.length / d;
  const k = centres.length / d;
  const norms = new Float32Array(k);
  for (let c = 0; c < k; c++) for (let j = 0; j < d; j++) norms[c] += centres[c * d + j] ** 2;
  for (let i = 0; i < n; i++) {
    let best = Infinity;
    let at = 0;
    for (let c = 0; c < k; c++) {
      let dot = 0;
      for (let j = 0, p = i * d, q = c * d; j < d; j++) dot += points[p + j] * centres[q + j];
      const score = norms[c] - 2 * dot;
      if (score < best) {
        best = score;
        at = c;
      }
    }
    nearest[i] = at;
    distance[i] = squaredDistance(points, i * d, centres, at * d, d);
  }
}

/** Index drawn with probability weight[i] / total. */
export function drawByWeight(weight: Float32Array, total: number, rng: Rng): number {
  let left = rng.uniform() * total;
  for (let i = 0; i < weight.length; i++) {
    left -= weight[i];
    if (left < 0) return i;
  }
  return weight.length - 1;
}

export function squaredDistance(a: Float32Array, i: number, b: Float32Array, j: number, d: number): number {
  let sum = 0;
  for (let c = 0; c < d; c++) sum += (a[i + c] - b[j + c]) ** 2;
  return sum;
}
