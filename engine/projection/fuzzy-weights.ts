export interface FuzzyWeightsArgs {
  from: number;
  to: number;
  k: number;
  distances: Float32Array;
  /** Written. [N, k] */
  weights: Float32Array;
}

const ROUNDS = 64;
const TOLERANCE = 1e-5;
const MIN_SCALE = 1e-3;

/**
 * Strength of each row's bond to its neighbours: `exp(-(d - rho) / sigma)`, rho the distance of the nearest one that is not a
 * duplicate, sigma such that the strengths add up to log2 of the number of neighbours, the row itself counted (UMAP: McInnes,
 * Healy and Melville 2018, section 3.1).
 */
export function fuzzyWeights({ from, to, k, distances, weights }: FuzzyWeightsArgs): void {
  const target = Math.log2(k + 1);
  for (let i = from; i < to; i++) {
    const at = i * k;
    let rho = 0;
    let mean = 0;
    for (let j = 0; j < k; j++) {
      const v = distances[at + j];
      if (rho === 0 && v > 0) rho = v;
      mean += v / (k + 1);
    }
    let low = 0, high = Infinity, sigma = 1;
    for (let round = 0; round < ROUNDS; round++) {
      let sum = 0;
      for (let j = 0; j < k; j++) {
        const v = distances[at + j] - rho;
        sum += v > 0 ? Math.exp(-v / sigma) : 1;
      }
      if (Math.abs(sum - target) < TOLERANCE) break;
      if (sum > target) {
        high = sigma;
        sigma = (low + high) / 2;
      } else {
        low = sigma;
        sigma = high === Infinity ? sigma * 2 : (low + high) / 2;
      }
    }
    sigma = Math.max(sigma, MIN_SCALE * mean);
    for (let j = 0; j < k; j++) {
      const v = distances[at + j] - rho;
      weights[at + j] = v > 0 && sigma > 0 ? Math.exp(-v / sigma) : 1;
    }
  }
}
