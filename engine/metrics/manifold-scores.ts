export interface ManifoldScores {
  /** Part of the samples that lie within the manifold of the data. */
  precision: number;
  /** Part of the data that lies within the manifold of the samples. */
  recall: number;
  /** Part of the data with a sample among their k nearest (Naeem et al. 2020): low where modes are missing. */
  coverage: number;
}

/**
 * Improved precision and recall (Kynkaanniemi et al. 2019) and coverage (Naeem et al. 2020): a set's manifold is the union of balls around
 * its items that reach to the k-th nearest of the others.
 * @param real `[N, D]` @param made `[M, D]`; N and M above k
 */
export function manifoldScores(real: Float32Array, made: Float32Array, d: number, k = 3): ManifoldScores {
  const n = real.length / d;
  const m = made.length / d;
  const ballsOfReal = radii(real, d, k);
  const ballsOfMade = radii(made, d, k);
  const precise = new Uint8Array(m);
  let recalled = 0;
  let covered = 0;
  for (let i = 0; i < n; i++) {
    let inside = false;
    let near = false;
    for (let j = 0; j < m; j++) {
      const distance = squaredDistance(real, i * d, made, j * d, d);
      if (distance <= ballsOfReal[i]) {
        precise[j] = 1;
        near = true;
      }
      if (distance <= ballsOfMade[j]) inside = true;
    }
    if (inside) recalled++;
    if (near) covered++;
  }
  return { precision: precise.reduce((a, b) => a + b, 0) / m, recall: recalled / n, coverage: covered / n };
}

/** Squared distance of each row to the k-th nearest other one. */
export function radii(rows: Float32Array, d: number, k: number): Float64Array {
  const n = rows.length / d;
  const nearest = new Float64Array(n * k).fill(Infinity);
  const offer = (i: number, distance: number): void => {
    if (distance >= nearest[i * k + k - 1]) return;
    let at = i * k + k - 1;
    for (; at > i * k && nearest[at - 1] > distance; at--) nearest[at] = nearest[at - 1];
    nearest[at] = distance;
  };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const distance = squaredDistance(rows, i * d, rows, j * d, d);
      offer(i, distance);
      offer(j, distance);
    }
  }
  return Float64Array.from({ length: n }, (_, i) => nearest[i * k + k - 1]);
}

export function squaredDistance(a: Float32Array, i: number, b: Float32Array, j: number, d: number): number {
  let sum = 0;
  for (let c = 0; c < d; c++) {
    const by = a[i + c] - b[j + c];
    sum += by * by;
  }
  return sum;
}
