import type { Rng } from '../core/rng.ts';
import { assign, drawByWeight, squaredDistance } from './kmeans.ts';

/** A moved code counts as this much above the limit; by how slowly the count decays, it has so long to find use. */
const GRACE = 1.3;

/**
 * Moves codes that are hardly used to encoder outputs that are badly represented (random restarts, Dhariwal et al. 2020,
 * appendix B.1, but drawn by squared error instead of uniformly, so that a plain background does not win them all).
 * @param z encoder outputs of a batch, `[n, D]`
 * @param book `[K, D]`, changed in place
 * @param count moving average of how often each code is used in a batch, `[K]`, changed in place
 * @param options.threshold fraction of the mean use below which a code counts as dead
 * @returns indices of the codes that moved
 */
export function reviveCodes(
  z: Float32Array,
  book: Float32Array,
  count: Float32Array,
  d: number,
  rng: Rng,
  options: { threshold: number; mostPerCall?: number },
): number[] {
  const k = count.length;
  const mean = count.reduce((a, b) => a + b, 0) / k;
  const limit = options.threshold * mean;
  const dead = [...count.keys()].filter((c) => count[c] < limit).sort((a, b) => count[a] - count[b]).slice(0, options.mostPerCall ?? k);
  if (dead.length === 0) return dead;
  const n = z.length / d;
  const distance = new Float32Array(n);
  assign(z, book, d, new Int32Array(n), distance);
  for (const code of dead) {
    const total = distance.reduce((a, b) => a + b, 0);
    const point = total > 0 ? drawByWeight(distance, total, rng) : rng.int(n);
    book.set(z.subarray(point * d, point * d + d), code * d);
    count[code] = GRACE * limit;
    // What the moved code now covers needs no second one.
    for (let i = 0; i < n; i++) distance[i] = Math.min(distance[i], squaredDistance(z, i * d, book, code * d, d));
  }
  return dead;
}
