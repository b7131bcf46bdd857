/**
 * Mutual information gap (Chen et al. 2018, eq. 6), with each latent dimension cut into bins of equal width as in disentanglement_lib
 * (Locatello et al. 2019): mean over factors of (I of the best dimension - I of the second) / H of the factor. 1: each factor has one
 * dimension of its own that tells it; 0: none, or two that tell as much.
 * @param codes posterior means `[N, D]` @param factors `[N, F]`, whole numbers from 0
 */
export function mutualInformationGap(codes: Float32Array, factors: ArrayLike<number>, d: number, f: number, bins = 20): { score: number; gaps: number[] } {
  const n = codes.length / d;
  const cut = Array.from({ length: d }, (_, j) => binned(codes, n, d, j, bins));
  const gaps: number[] = [];
  for (let k = 0; k < f; k++) {
    const values = Int32Array.from({ length: n }, (_, i) => factors[i * f + k]);
    const sizes = 1 + values.reduce((a, b) => Math.max(a, b), 0);
    const entropy = entropyOf(values, sizes);
    if (entropy === 0) continue; // a factor that never changes tells nothing
    const told = cut.map((c) => mutualInformation(c, values, bins, sizes)).sort((a, b) => b - a);
    gaps.push((told[0] - (told[1] ?? 0)) / entropy);
  }
  return { score: gaps.length ? gaps.reduce((a, b) => a + b, 0) / gaps.length : 0, gaps };
}

/** I(a; b) in nats, from counts. */
export function mutualInformation(a: Int32Array, b: Int32Array, sizeA: number, sizeB: number): number {
  const joint = new Float64Array(sizeA * sizeB);
  for (let i = 0; i < a.length; i++) joint[a[i] * sizeB + b[i]]++;
  const [pa, pb] = [new Float64Array(sizeA), new Float64Array(sizeB)];
  for (let i = 0; i < sizeA; i++) {
    for (let j = 0; j < sizeB; j++) {
      const p = (joint[i * sizeB + j] /= a.length);
      pa[i] += p;
      pb[j] += p;
    }
  }
  let sum = 0;
  for (let i = 0; i < sizeA; i++) for (let j = 0; j < sizeB; j++) if (joint[i * sizeB + j] > 0) sum += joint[i * sizeB + j] * Math.log(joint[i * sizeB + j] / (pa[i] * pb[j]));
  return Math.max(0, sum);
}

function entropyOf(values: Int32Array, size: number): number {
  const counts = new Float64Array(size);
  for (const v of values) counts[v]++;
  return counts.reduce((sum, c) => (c > 0 ? sum - (c / values.length) * Math.log(c / values.length) : sum), 0);
}

/** Column j of `[N, D]` in bins of equal width from its least to its greatest value. */
function binned(codes: Float32Array, n: number, d: number, j: number, bins: number): Int32Array {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < n; i++) {
    low = Math.min(low, codes[i * d + j]);
    high = Math.max(high, codes[i * d + j]);
  }
  const scale = high > low ? bins / (high - low) : 0;
  return Int32Array.from({ length: n }, (_, i) => Math.min(bins - 1, Math.floor((codes[i * d + j] - low) * scale)));
}
