/**
 * For each query the k candidates with the largest `query . candidate + bias`, in falling order. With bias = -|candidate|^2 / 2
 * these are the nearest in the Euclidean sense. The caller may provide one that runs on the engine's devices.
 * @param queries [B, D] @param candidates [C, D] @param bias [C] @param k at most C
 * @returns both [B, k], valid until the next call
 */
export type TopProducts = (queries: Float32Array, candidates: Float32Array, bias: Float32Array, d: number, k: number) => Promise<{ indices: Int32Array; scores: Float32Array }>;

/** In plain TypeScript, in the calling thread: four candidates at once for each query. */
export const plainTopProducts: TopProducts = (queries, candidates, bias, d, k) => {
  const b = queries.length / d;
  const c = bias.length;
  const indices = new Int32Array(b * k);
  const scores = new Float32Array(b * k).fill(-Infinity);
  for (let q = 0; q < b; q++) {
    const at = q * d;
    const best = scores.subarray(q * k, q * k + k);
    const ids = indices.subarray(q * k, q * k + k);
    for (let j = 0; j < c; j += 4) {
      const j1 = Math.min(j + 1, c - 1), j2 = Math.min(j + 2, c - 1), j3 = Math.min(j + 3, c - 1);
      const p0 = j * d, p1 = j1 * d, p2 = j2 * d, p3 = j3 * d;
      let s0 = bias[j], s1 = bias[j1], s2 = bias[j2], s3 = bias[j3];
      for (let a = 0; a < d; a++) {
        const v = queries[at + a];
        s0 += v * candidates[p0 + a];
        s1 += v * candidates[p1 + a];
        s2 += v * candidates[p2 + a];
        s3 += v * candidates[p3 + a];
      }
      insertLargest(best, ids, s0, j);
      if (j + 1 < c) insertLargest(best, ids, s1, j1);
      if (j + 2 < c) insertLargest(best, ids, s2, j2);
      if (j + 3 < c) insertLargest(best, ids, s3, j3);
    }
  }
  return Promise.resolve({ indices, scores });
};

/** Keeps a short list in falling order of score. */
export function insertLargest(scores: Float32Array, ids: Int32Array, score: number, id: number): void {
  let at = scores.length - 1;
  if (!(score > scores[at])) return;
  while (at > 0 && scores[at - 1] < score) {
    scores[at] = scores[at - 1];
    ids[at] = ids[at - 1];
    at--;
  }
  scores[at] = score;
  ids[at] = id;
}
