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

/** The same for many items at once, weight by weight, so that the weights need not be kept. @param first log weights of one draw, `[N]` */
export function runningBound(first: ArrayLike<number>): { add(logWeights: ArrayLike<number>): void; /** Mean of the items' bounds. */ mean(): number } {
  const top = Float64Array.from(first);
  const sums = new Float64Array(first.length).fill(1);
  let k = 1;
  return {
    add(logWeights) {
      k++;
      for (let i = 0; i < top.length; i++) {
        if (logWeights[i] <= top[i]) sums[i] += Math.exp(logWeights[i] - top[i]);
        else {
          sums[i] = sums[i] * Math.exp(top[i] - logWeights[i]) + 1;
          top[i] = logWeights[i];
        }
      }
    },
    mean: () => top.reduce((total, t, i) => total + t + Math.log(sums[i] / k), 0) / top.length,
  };
}
