import { AtelierError } from '../core/errors.ts';
import { rng } from '../core/rng.ts';
import { symmetricEigen } from './eigen.ts';
import { backward, columnMeans, forward, orthonormalise } from './products.ts';

export interface Pca {
  /** [D] */
  mean: Float32Array;
  /** [k, D], orthonormal rows by falling variance; zero rows where the data has fewer directions. */
  components: Float32Array;
  /** Variance along each component (divided by N). [k] */
  variances: Float64Array;
  /** Sum of the variances of all columns. */
  totalVariance: number;
}

export interface PcaOptions {
  /** Components of an earlier frame [k, D]: a start that converges in fewer passes. */
  previous?: Float32Array;
  seed?: number;
}

const EXACT_SIDE = 160;
const EXTRA = 5;
const MAX_PASSES = 12;
/** A warm start goes on where the frame before ended, so its axes keep converging over the frames. */
const WARM_PASSES = 2;
/** Relative change of the captured variance at which a start from nothing has converged. */
const TOLERANCE = 1e-4;

/**
 * Principal components of the rows of a matrix. Exact (covariance or Gram matrix) when one side is short; else block
 * power iteration on the centred matrix (Halko, Martinsson and Tropp 2011, algorithm 4.4) with five extra vectors, which
 * reads the matrix twice a pass and never forms it again.
 * @param matrix [N, D]
 * @throws AtelierError 'bad-input' when the length is not N*D or a value is not finite
 */
export function pca(matrix: Float32Array, n: number, d: number, k = 3, options: PcaOptions = {}): Pca {
  if (matrix.length !== n * d || n < 1 || d < 1) throw new AtelierError('bad-input', `pca: ${matrix.length} values for [${n}, ${d}].`, 'Pass N*D values with N and D at least 1.');
  const mean = columnMeans(matrix, n, d);
  let total = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0, at = i * d; j < d; j++) {
      const v = matrix[at + j] - mean[j];
      total += v * v;
    }
  }
  if (!Number.isFinite(total)) throw new AtelierError('bad-input', 'pca: the matrix holds values that are not finite.', 'Check the model for divergence.');
  const base = { mean, totalVariance: total / n };
  if (total === 0) return { ...base, components: new Float32Array(k * d), variances: new Float64Array(k) };
  if (d <= EXACT_SIDE && d <= n) return { ...base, ...byCovariance(matrix, n, d, k, mean) };
  if (n <= EXACT_SIDE) return { ...base, ...byGram(matrix, n, d, k, mean) };
  return { ...base, ...byIteration(matrix, n, d, k, mean, options) };
}

type Found = Pick<Pca, 'components' | 'variances'>;

function byCovariance(x: Float32Array, n: number, d: number, k: number, mean: Float32Array): Found {
  const covariance = new Float64Array(d * d);
  const row = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) row[j] = x[i * d + j] - mean[j];
    for (let a = 0; a < d; a++) {
      const v = row[a];
      for (let b = a; b < d; b++) covariance[a * d + b] += v * row[b];
    }
  }
  for (let a = 0; a < d; a++) for (let b = 0; b < a; b++) covariance[a * d + b] = covariance[b * d + a];
  const { values, vectors } = symmetricEigen(covariance, d);
  const components = new Float32Array(k * d);
  const variances = new Float64Array(k);
  for (let c = 0; c < Math.min(k, d); c++) {
    if (values[c] <= values[0] * 1e-10) break;
    variances[c] = values[c] / n;
    components.set(vectors.subarray(c * d, (c + 1) * d), c * d);
  }
  return { components, variances };
}

function byGram(x: Float32Array, n: number, d: number, k: number, mean: Float32Array): Found {
  const centred = new Float32Array(n * d);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) centred[i * d + j] = x[i * d + j] - mean[j];
  const gram = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = a; b < n; b++) {
      let s = 0;
      for (let j = 0; j < d; j++) s += centred[a * d + j] * centred[b * d + j];
      gram[a * n + b] = gram[b * n + a] = s;
    }
  }
  const { values, vectors } = symmetricEigen(gram, n);
  const components = new Float32Array(k * d);
  const variances = new Float64Array(k);
  for (let c = 0; c < Math.min(k, n); c++) {
    if (values[c] <= values[0] * 1e-10) break;
    variances[c] = values[c] / n;
    const inverse = 1 / Math.sqrt(values[c]);
    for (let i = 0; i < n; i++) {
      const w = vectors[c * n + i] * inverse;
      for (let j = 0; j < d; j++) components[c * d + j] += w * centred[i * d + j];
    }
  }
  return { components, variances };
}

function byIteration(x: Float32Array, n: number, d: number, k: number, mean: Float32Array, options: PcaOptions): Found {
  const warm = options.previous !== undefined && options.previous.length === k * d;
  const width = Math.ceil((warm ? k + 1 : k + EXTRA) / 4) * 4;
  let v = rng(options.seed ?? 0, 'pca').fillNormal(new Float32Array(width * d));
  if (warm) v.set(options.previous!);
  orthonormalise(v, width, d);
  let y = forward(x, n, d, mean, v, width);
  let captured = 0;
  const passes = warm ? WARM_PASSES : MAX_PASSES;
  for (let pass = 0; pass < passes; pass++) {
    v = backward(x, n, d, mean, y, width);
    orthonormalise(v, width, d);
    y = forward(x, n, d, mean, v, width);
    const now = leadingVariance(y, n, width, k);
    if (now - captured <= TOLERANCE * now) break;
    captured = now;
  }
  const { values, vectors } = symmetricEigen(smallGram(y, n, width), width);
  const components = new Float32Array(k * d);
  const variances = new Float64Array(k);
  for (let c = 0; c < k; c++) {
    if (values[c] <= values[0] * 1e-10) break;
    variances[c] = values[c] / n;
    for (let b = 0; b < width; b++) {
      const w = vectors[c * width + b];
      for (let j = 0; j < d; j++) components[c * d + j] += w * v[b * d + j];
    }
  }
  return { components, variances };
}

function smallGram(y: Float32Array, n: number, k: number): Float64Array {
  const gram = new Float64Array(k * k);
  for (let i = 0; i < n; i++) for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) gram[a * k + b] += y[i * k + a] * y[i * k + b];
  return gram;
}

function leadingVariance(y: Float32Array, n: number, width: number, k: number): number {
  const { values } = symmetricEigen(smallGram(y, n, width), width);
  let s = 0;
  for (let c = 0; c < k; c++) s += values[c];
  return s;
}
