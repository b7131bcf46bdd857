import { AtelierError } from '../core/errors.ts';
import type { Projection } from '../core/projection.ts';

export interface Unprojected {
  /** [D] */
  latent: Float32Array;
  /** 0 (far from all items) to 1 (at an item): exp(-(d / 3s)^2 / 2), s the typical distance of nearest neighbours. */
  confidence: number;
  /** Items, nearest first. */
  nearest: number[];
  /** Distance to each of `nearest`, in units of the map. */
  distances: number[];
}

export interface InverseOptions {
  /** How many items share in the residual. */
  neighbours?: number;
}

export type Inverse = (position: readonly [number, number, number]) => Unprojected;

/**
 * Turns positions of the map back into latents. The plane of the map alone, `mean + components^T position / scale`, loses what
 * the other D - 3 directions hold; the items near by tell it: their residuals are added, weighted by inverse squared distance
 * (Shepard 1968). The weights make it exact: at an item's own position the result is its latent, bit by bit.
 * @param positions [N, 3]
 * @param latents [N, D]
 * @throws AtelierError 'bad-input' when sizes disagree
 */
export function createInverse(projection: Projection, positions: Float32Array, latents: Float32Array, options: InverseOptions = {}): Inverse {
  const d = projection.mean.length;
  const n = positions.length / 3;
  if (n < 1 || latents.length !== n * d || projection.components.length !== 3 * d) {
    throw new AtelierError('bad-input', `createInverse: ${n} positions, ${latents.length} latent values, ${d} dimensions.`, 'Pass the latents of exactly the items of the frame.');
  }
  const k = Math.min(n, options.neighbours ?? 8);
  const typical = typicalSpacing(positions, n);
  const { mean, components, scale } = projection;
  return (position) => {
    if (!position.every(Number.isFinite)) throw new AtelierError('bad-input', `The position (${position.join(', ')}) is not a point.`, 'Pass three finite numbers.');
    const { nearest, distances } = nearestItems(positions, n, position, k);
    const confidence = typical > 0 ? Math.exp(-0.5 * (distances[0] / (3 * typical)) ** 2) : distances[0] === 0 ? 1 : 0;
    const at = (i: number): Float32Array => latents.subarray(i * d, (i + 1) * d);
    if (distances[0] === 0) return { latent: at(nearest[0]).slice(), confidence, nearest, distances };
    const weights = distances.map((r) => 1 / (r * r));
    const sum = weights.reduce((a, b) => a + b, 0);
    // Weighted residuals and the plane together: sum of w (z_i - C^T p_i / scale) + C^T p / scale; the mean cancels.
    const shift = [0, 0, 0];
    for (let a = 0; a < 3; a++) {
      let mixed = 0;
      nearest.forEach((i, j) => (mixed += (weights[j] / sum) * positions[i * 3 + a]));
      shift[a] = (position[a] - mixed) / scale;
    }
    const latent = new Float32Array(d);
    nearest.forEach((i, j) => {
      const w = weights[j] / sum;
      const z = at(i);
      for (let c = 0; c < d; c++) latent[c] += w * (z[c] - mean[c]);
    });
    for (let c = 0; c < d; c++) latent[c] += mean[c] + shift[0] * components[c] + shift[1] * components[d + c] + shift[2] * components[2 * d + c];
    return { latent, confidence, nearest, distances };
  };
}

/** The k items nearest to a point, nearest first (a plain scan: a million items take some milliseconds). */
export function nearestItems(positions: Float32Array, n: number, [x, y, z]: readonly [number, number, number], k: number): { nearest: number[]; distances: number[] } {
  const nearest: number[] = [];
  const squares: number[] = [];
  for (let i = 0; i < n; i++) {
    const dx = positions[i * 3] - x, dy = positions[i * 3 + 1] - y, dz = positions[i * 3 + 2] - z;
    const s = dx * dx + dy * dy + dz * dz;
    if (nearest.length === k && !(s < squares[k - 1])) continue;
    let at = nearest.length;
    while (at > 0 && squares[at - 1] > s) at--;
    nearest.splice(at, 0, i);
    squares.splice(at, 0, s);
    if (nearest.length > k) {
      nearest.pop();
      squares.pop();
    }
  }
  return { nearest, distances: squares.map(Math.sqrt) };
}

/** Median distance to the nearest other item, over up to 200 items spread through the set. */
export function typicalSpacing(positions: Float32Array, n: number): number {
  const step = Math.max(1, Math.floor(n / 200));
  const found: number[] = [];
  for (let i = 0; i < n; i += step) {
    const { distances } = nearestItems(positions, n, [positions[i * 3], positions[i * 3 + 1], positions[i * 3 + 2]], 2);
    if (distances.length === 2 && distances[1] > 0) found.push(distances[1]);
  }
  found.sort((a, b) => a - b);
  return found.length > 0 ? found[found.length >> 1] : 0;
}
