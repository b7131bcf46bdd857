import type { Projection } from '../core/projection.ts';
import { rotate, rotationTo } from './align.ts';
import { pca } from './pca.ts';
import { forward } from './products.ts';

export interface ProjectedFrame {
  /** [N, 3], within the unit sphere. */
  positions: Float32Array;
  projection: Projection;
  /** Fraction of the latents' variance along each axis. */
  explained: [number, number, number];
}

/**
 * Lays latents out in three dimensions: principal components, turned onto the frame before so that nothing flips or jumps,
 * scaled so that the farthest item lies on the unit sphere.
 * @param latents [N, D]
 * @param previous the frame before, of the same items; its components also make the search quicker
 */
export function projectFrame(latents: Float32Array, n: number, d: number, previous?: Pick<ProjectedFrame, 'positions' | 'projection'>, seed = 0): ProjectedFrame {
  const warm = previous?.projection.components;
  const found = pca(latents, n, d, 3, { seed, previous: warm?.length === 3 * d ? warm : undefined });
  let components = found.components;
  let positions = project(latents, n, d, { mean: found.mean, components, scale: 1 });
  if (previous && previous.positions.length === positions.length) {
    const r = rotationTo(previous.positions, positions);
    const turned = new Float32Array(3 * d);
    for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) {
      const w = r[a * 3 + b];
      for (let j = 0; j < d; j++) turned[a * d + j] += w * components[b * d + j];
    }
    components = turned;
    positions = rotate(r, positions);
  }
  const squares = [0, 0, 0];
  let farthest = 0;
  for (let i = 0; i < n; i++) {
    let r = 0;
    for (let a = 0; a < 3; a++) {
      const v = positions[i * 3 + a] ** 2;
      squares[a] += v;
      r += v;
    }
    farthest = Math.max(farthest, r);
  }
  const scale = farthest > 0 ? 1 / Math.sqrt(farthest) : 1;
  for (let i = 0; i < positions.length; i++) positions[i] *= scale;
  const share = (s: number): number => (found.totalVariance > 0 ? Math.min(1, s / n / found.totalVariance) : 0);
  return { positions, projection: { mean: found.mean, components, scale }, explained: [share(squares[0]), share(squares[1]), share(squares[2])] };
}

/** Positions of latents that need not be in the frame. @param latents [N, D] @returns [N, 3] */
export function project(latents: Float32Array, n: number, d: number, { mean, components, scale }: Projection): Float32Array {
  const four = new Float32Array(4 * d);
  four.set(components);
  const y = forward(latents, n, d, mean, four, 4);
  const out = new Float32Array(n * 3);
  for (let i = 0; i < n; i++) for (let a = 0; a < 3; a++) out[i * 3 + a] = y[i * 4 + a] * scale;
  return out;
}
