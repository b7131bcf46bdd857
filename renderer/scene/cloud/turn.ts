/** Items looked at, at most. */
const sampled = 4096;

/**
 * How well two layouts of the same items lie on each other, against the best that any turning or mirroring could do: 1 when the
 * second needs no turning, less when an axis flipped or the cloud turned between them. Each is taken about its own centre.
 * (`trace M / nuclear norm of M`, M the cross-covariance; the orthogonal Procrustes problem, Schonemann 1966.)
 * @param before, after [N, 3]
 * @returns 1 also where there is nothing to compare
 */
export function heldStill(before: Float32Array, after: Float32Array): number {
  const count = Math.min(before.length, after.length) / 3;
  if (count < 2 || before.length !== after.length) return 1;
  const stride = Math.max(1, count / sampled);
  const items = Array.from({ length: Math.min(count, sampled) }, (_, i) => Math.floor(i * stride) * 3);
  const mean = (rows: Float32Array, a: number): number => items.reduce((sum, o) => sum + rows[o + a], 0) / items.length;
  const from = [0, 1, 2].map((a) => mean(before, a));
  const to = [0, 1, 2].map((a) => mean(after, a));
  const m = new Float64Array(9);
  for (const o of items) for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) m[r * 3 + c] += (before[o + r] - from[r]) * (after[o + c] - to[c]);
  const best = nuclearNorm(m);
  return best > 1e-12 ? (m[0] + m[4] + m[8]) / best : 1;
}

/** Sum of the singular values of a 3 x 3 matrix: square roots of the eigenvalues of its Gram matrix, in closed form. */
function nuclearNorm(m: Float64Array): number {
  const gram = (a: number, b: number): number => m[a] * m[b] + m[3 + a] * m[3 + b] + m[6 + a] * m[6 + b];
  const [xx, yy, zz, xy, xz, yz] = [gram(0, 0), gram(1, 1), gram(2, 2), gram(0, 1), gram(0, 2), gram(1, 2)];
  const q = (xx + yy + zz) / 3;
  const p = Math.sqrt(((xx - q) ** 2 + (yy - q) ** 2 + (zz - q) ** 2 + 2 * (xy ** 2 + xz ** 2 + yz ** 2)) / 6);
  if (p < 1e-12 * q) return 3 * Math.sqrt(q);
  const [a, b, c, d, e, f] = [xx - q, yy - q, zz - q, xy, xz, yz].map((x) => x / p);
  const half = (a * (b * c - f * f) - d * (d * c - f * e) + e * (d * f - b * e)) / 2;
  const angle = Math.acos(Math.min(1, Math.max(-1, half))) / 3;
  return [0, 1, 2].reduce((sum, k) => sum + Math.sqrt(Math.max(0, q + 2 * p * Math.cos(angle + (k * 2 * Math.PI) / 3))), 0);
}
