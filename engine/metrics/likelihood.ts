/**
 * Bits per dimension from a log-likelihood (or bound) in nats.
 * @param dimensions values per item, H * W * C
 * @param levels of a density of values in [0, 1] that stands for so many discrete levels; 1 for a probability
 */
export function bitsPerDim(logLikelihoodNats: number, dimensions: number, levels = 1): number {
  return -logLikelihoodNats / (dimensions * Math.LN2) + Math.log2(levels);
}

/** log mean exp of values, without overflow. */
export function logMeanExp(values: ArrayLike<number>): number {
  let top = -Infinity;
  for (let i = 0; i < values.length; i++) top = Math.max(top, values[i]);
  if (!Number.isFinite(top)) return top;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i] - top);
  return top + Math.log(sum / values.length);
}

/**
 * Importance-weighted bound on log p(x) (Burda et al. 2016, eq. 8): log mean of k weights p(x, z) / q(z|x).
 * With one weight it is the ELBO; it rises to log p(x) with k.
 * @param logWeights `[k]` in nats
 */
export const importanceWeightedBound = (logWeights: ArrayLike<number>): number => logMeanExp(logWeights);
