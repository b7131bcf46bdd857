import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

/**
 * Frechet distance of two sets of features, taken as Gaussians: |mu_a - mu_b|^2 + tr(A + B - 2 (A B)^(1/2)) (Dowson and Landau 1982; with the
 * features of a network, Heusel et al. 2017). 0 for a set and itself; biased upwards for small sets, so compare only equal sizes and the same extractor.
 * @param a `[N, D]` @param b `[M, D]`, N and M at least 2
 */
export function frechetDistance(a: Float32Array, b: Float32Array, d: number): number {
  const first = centred(a, d);
  const second = centred(b, d);
  let means = 0;
  for (let j = 0; j < d; j++) means += (first.mean[j] - second.mean[j]) ** 2;
  const trace = squareSum(first.rows) + squareSum(second.rows);
  const root = Math.min(first.count, second.count) < d ? rootOfGram(first, second, d) : rootOfCovariances(first, second, d);
  return Math.max(0, means + trace - 2 * root);
}

interface Centred {
  count: number;
  mean: Float64Array;
  /** `[N, D]`: (x - mean) / sqrt(N - 1), so that the covariance is rows^T rows. */
  rows: Float64Array;
}

function centred(x: Float32Array, d: number): Centred {
  const count = x.length / d;
  const mean = new Float64Array(d);
  for (let i = 0; i < x.length; i++) mean[i % d] += x[i];
  for (let j = 0; j < d; j++) mean[j] /= count;
  const scale = 1 / Math.sqrt(Math.max(1, count - 1));
  return { count, mean, rows: Float64Array.from(x, (v, i) => (v - mean[i % d]) * scale) };
}

const squareSum = (values: Float64Array): number => values.reduce((sum, v) => sum + v * v, 0);

/** tr (A B)^(1/2) as the sum of the singular values of a b^T, with the smaller side squared. */
function rootOfGram(a: Centred, b: Centred, d: number): number {
  const [small, large] = a.count <= b.count ? [a, b] : [b, a];
  const cross = timesTransposed(small.rows, large.rows, small.count, large.count, d);
  return sumOfRoots(timesTransposed(cross, cross, small.count, small.count, large.count), small.count);
}

/** tr (A B)^(1/2) by the eigenvalues of L^T B L with A = L L^T: the sum of the singular values of b L. */
function rootOfCovariances(a: Centred, b: Centred, d: number): number {
  const lower = cholesky(gram(a.rows, a.count, d), d);
  const covariance = gram(b.rows, b.count, d);
  // [D, D] rows are columns of L, so that both products run along rows.
  const columns = new Float64Array(d * d);
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) columns[j * d + i] = lower[i * d + j];
  const half = timesTransposed(columns, covariance, d, d, d);
  return sumOfRoots(timesTransposed(half, columns, d, d, d), d);
}

const sumOfRoots = (matrix: Float64Array, n: number): number => symmetricEigenvalues(matrix, n).reduce((sum, v) => sum + Math.sqrt(Math.max(0, v)), 0);

/** x^T x of rows `[N, D]`. */
function gram(rows: Float64Array, n: number, d: number): Float64Array {
  const columns = new Float64Array(d * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) columns[j * n + i] = rows[i * d + j];
  return timesTransposed(columns, columns, d, d, n);
}

/** a b^T of rows `[n, k]` and `[m, k]`, in blocks that stay in the cache. */
function timesTransposed(a: Float64Array, b: Float64Array, n: number, m: number, k: number): Float64Array {
  const out = new Float64Array(n * m);
  const block = Math.max(4, Math.floor(16_384 / k) * 4);
  for (let from = 0; from < m; from += block) {
    const to = Math.min(m, from + block);
    for (let i = 0; i < n; i++) {
      const x = i * k;
      let j = from;
      for (; j + 3 < to; j += 4) {
        const [y0, y1, y2, y3] = [j * k, (j + 1) * k, (j + 2) * k, (j + 3) * k];
        let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        for (let c = 0; c < k; c++) {
          const v = a[x + c];
          s0 += v * b[y0 + c];
          s1 += v * b[y1 + c];
          s2 += v * b[y2 + c];
          s3 += v * b[y3 + c];
        }
        const at = i * m + j;
        out[at] = s0;
        out[at + 1] = s1;
        out[at + 2] = s2;
        out[at + 3] = s3;
      }
      for (; j < to; j++) {
        let sum = 0;
        for (let c = 0; c < k; c++) sum += a[x + c] * b[j * k + c];
        out[i * m + j] = sum;
      }
    }
  }
  return out;
}

/** Of a positive semidefinite matrix: a direction without variance gives a column of noughts. */
function cholesky(a: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n);
  let top = 0;
  for (let i = 0; i < n; i++) top = Math.max(top, a[i * n + i]);
  for (let j = 0; j < n; j++) {
    let pivot = a[j * n + j];
    for (let c = 0; c < j; c++) pivot -= l[j * n + c] ** 2;
    if (pivot <= 1e-12 * top) continue;
    const root = Math.sqrt(pivot);
    l[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let sum = a[i * n + j];
      for (let c = 0; c < j; c++) sum -= l[i * n + c] * l[j * n + c];
      l[i * n + j] = sum / root;
    }
  }
  return l;
}
