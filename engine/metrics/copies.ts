import { radii, squaredDistance } from './manifold-scores.ts';

/**
 * Part of some pictures that are nearer to a training picture than any other training picture is to it: copies, or as good as. Held-out
 * pictures show how often that is chance (after the data-copying test of Meehan et al. 2020).
 * @param train `[N, D]`, N above 1 @param rows `[M, D]` @param d D
 */
export function copiedShare(train: Float32Array, rows: Float32Array, d: number): number {
  const apart = radii(train, d, 1);
  const n = train.length / d;
  const m = rows.length / d;
  let copied = 0;
  for (let i = 0; i < m; i++) {
    let least = Infinity;
    let nearest = 0;
    for (let j = 0; j < n; j++) {
      const distance = squaredDistance(rows, i * d, train, j * d, d);
      if (distance < least) [least, nearest] = [distance, j];
    }
    if (least < apart[nearest]) copied++;
  }
  return copied / m;
}

/** Variances of all features together. @param rows `[N, D]` */
export function featureVariance(rows: Float32Array, d: number): number {
  const n = rows.length / d;
  let sum = 0;
  for (let j = 0; j < d; j++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += rows[i * d + j] / n;
    for (let i = 0; i < n; i++) sum += (rows[i * d + j] - mean) ** 2 / n;
  }
  return sum;
}
