export interface PerplexityWeightsArgs {
  from: number;
  to: number;
  k: number;
  perplexity: number;
  distances: Float32Array;
  /** Written: each row adds up to 1. [N, k] */
  weights: Float32Array;
}

const ROUNDS = 64;
const TOLERANCE = 1e-5;

/**
 * Gaussian affinities of each row to its neighbours, as wide as gives the wanted perplexity, that is the exponential of their
 * entropy (t-SNE: van der Maaten and Hinton 2008, eq. 1).
 */
export function perplexityWeights({ from, to, k, perplexity, distances, weights }: PerplexityWeightsArgs): void {
  const target = Math.log(perplexity);
  for (let i = from; i < to; i++) {
    const at = i * k;
    const nearest = distances[at] ** 2;
    let low = 0, high = Infinity, beta = 1 / Math.max(1e-12, distances[at + (k >> 1)] ** 2 - nearest || 1);
    for (let round = 0; round < ROUNDS; round++) {
      let sum = 0, mean = 0;
      for (let j = 0; j < k; j++) {
        const square = distances[at + j] ** 2 - nearest; // the same factor in every weight changes nothing
        const w = Math.exp(-beta * square);
        weights[at + j] = w;
        sum += w;
        mean += w * square;
      }
      for (let j = 0; j < k; j++) weights[at + j] /= sum;
      const entropy = Math.log(sum) + (beta * mean) / sum;
      if (Math.abs(entropy - target) < TOLERANCE) break;
      if (entropy > target) {
        low = beta;
        beta = high === Infinity ? beta * 2 : (low + high) / 2;
      } else {
        high = beta;
        beta = (low + high) / 2;
      }
    }
  }
}
