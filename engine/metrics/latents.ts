/** How a latent space is used. */

/** How often each code occurs, summing to 1. @returns `[K]` */
export function codeUsage(codes: ArrayLike<number>, k: number): Float32Array {
  const usage = new Float32Array(k);
  for (let i = 0; i < codes.length; i++) usage[codes[i]]++;
  for (let c = 0; c < k; c++) usage[c] /= Math.max(1, codes.length);
  return usage;
}

/** exp of the entropy of a distribution: 1 (one code) to K (all alike). */
export function perplexity(usage: ArrayLike<number>): number {
  let entropy = 0;
  for (let i = 0; i < usage.length; i++) if (usage[i] > 0) entropy -= usage[i] * Math.log(usage[i]);
  return Math.exp(entropy);
}

/** Fraction of codes that occur at all. */
export function fractionUsed(usage: ArrayLike<number>): number {
  let used = 0;
  for (let i = 0; i < usage.length; i++) if (usage[i] > 0) used++;
  return used / usage.length;
}

/** Mean of each column of a matrix `[N, D]`, for instance the KL of each latent dimension. */
export function columnMeans(matrix: Float32Array, d: number): Float32Array {
  const means = new Float64Array(d);
  for (let i = 0; i < matrix.length; i++) means[i % d] += matrix[i];
  return Float32Array.from(means, (m) => m / (matrix.length / d));
}

/**
 * Latent dimensions whose posterior mean varies over the data: variance above 0.01 (Burda et al. 2016, section 5.2).
 * @param means posterior means `[N, D]`
 */
export function activeUnits(means: Float32Array, d: number, threshold = 0.01): number {
  const centre = columnMeans(means, d);
  const variance = new Float64Array(d);
  for (let i = 0; i < means.length; i++) variance[i % d] += (means[i] - centre[i % d]) ** 2;
  return variance.reduce((count, v) => count + (v / (means.length / d) > threshold ? 1 : 0), 0);
}
