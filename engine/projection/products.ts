/**
 * Products of a tall matrix with a few vectors, centred on the fly. The vectors are taken four at a time so that their
 * sums stay in registers and the matrix is read a quarter as often.
 */

/** Mean of each column. @param x [N, D] @returns [D] */
export function columnMeans(x: Float32Array, n: number, d: number): Float32Array {
  const sums = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    const at = i * d;
    for (let j = 0; j < d; j++) sums[j] += x[at + j];
  }
  return Float32Array.from(sums, (s) => (n > 0 ? s / n : 0));
}

/**
 * `(x - mean) v` for k vectors.
 * @param v [k, D], k a multiple of four
 * @returns [N, k]
 */
export function forward(x: Float32Array, n: number, d: number, mean: Float32Array, v: Float32Array, k: number): Float32Array {
  const out = new Float32Array(n * k);
  for (let b = 0; b < k; b += 4) {
    const v0 = v.subarray(b * d, (b + 1) * d), v1 = v.subarray((b + 1) * d, (b + 2) * d);
    const v2 = v.subarray((b + 2) * d, (b + 3) * d), v3 = v.subarray((b + 3) * d, (b + 4) * d);
    let m0 = 0, m1 = 0, m2 = 0, m3 = 0;
    for (let j = 0; j < d; j++) {
      const m = mean[j];
      m0 += m * v0[j]; m1 += m * v1[j]; m2 += m * v2[j]; m3 += m * v3[j];
    }
    const write = (i: number, s0: number, s1: number, s2: number, s3: number): void => {
      const to = i * k + b;
      out[to] = s0 - m0; out[to + 1] = s1 - m1; out[to + 2] = s2 - m2; out[to + 3] = s3 - m3;
    };
    // Two rows at once: eight sums that do not wait for each other.
    for (let i = 0; i < n; i += 2) {
      const odd = i + 1 < n;
      const p = i * d, q = odd ? p + d : p;
      let p0 = 0, p1 = 0, p2 = 0, p3 = 0, q0 = 0, q1 = 0, q2 = 0, q3 = 0;
      for (let j = 0; j < d; j++) {
        const w0 = v0[j], w1 = v1[j], w2 = v2[j], w3 = v3[j];
        const a = x[p + j], c = x[q + j];
        p0 += a * w0; p1 += a * w1; p2 += a * w2; p3 += a * w3;
        q0 += c * w0; q1 += c * w1; q2 += c * w2; q3 += c * w3;
      }
      write(i, p0, p1, p2, p3);
      if (odd) write(i + 1, q0, q1, q2, q3);
    }
  }
  return out;
}

/**
 * `(x - mean)^T y` for k columns, columns of `x` in blocks that fit the cache.
 * @param y [N, k], k a multiple of four
 * @returns [k, D]
 */
export function backward(x: Float32Array, n: number, d: number, mean: Float32Array, y: Float32Array, k: number): Float32Array {
  const out = new Float32Array(k * d);
  const sums = new Float64Array(k);
  for (let i = 0; i < n; i++) for (let c = 0; c < k; c++) sums[c] += y[i * k + c];
  const BLOCK = 1024;
  for (let from = 0; from < d; from += BLOCK) {
    const to = Math.min(d, from + BLOCK);
    for (let b = 0; b < k; b += 4) {
      const o0 = out.subarray(b * d, (b + 1) * d), o1 = out.subarray((b + 1) * d, (b + 2) * d);
      const o2 = out.subarray((b + 2) * d, (b + 3) * d), o3 = out.subarray((b + 3) * d, (b + 4) * d);
      for (let i = 0; i < n; i++) {
        const at = i * d;
        const y0 = y[i * k + b], y1 = y[i * k + b + 1], y2 = y[i * k + b + 2], y3 = y[i * k + b + 3];
        for (let j = from; j < to; j++) {
          const value = x[at + j];
          o0[j] += value * y0; o1[j] += value * y1; o2[j] += value * y2; o3[j] += value * y3;
        }
      }
    }
  }
  for (let c = 0; c < k; c++) for (let j = 0; j < d; j++) out[c * d + j] -= sums[c] * mean[j];
  return out;
}

/**
 * Makes the rows orthonormal in place (modified Gram-Schmidt, twice for accuracy); a row that depends on those before it becomes zero.
 * @param v [k, D]
 */
export function orthonormalise(v: Float32Array, k: number, d: number): void {
  for (let a = 0; a < k; a++) {
    const va = v.subarray(a * d, (a + 1) * d);
    const before = Math.sqrt(dot(va, va));
    for (let pass = 0; pass < 2; pass++) {
      for (let b = 0; b < a; b++) {
        const vb = v.subarray(b * d, (b + 1) * d);
        const s = dot(va, vb);
        for (let j = 0; j < d; j++) va[j] -= s * vb[j];
      }
    }
    const after = Math.sqrt(dot(va, va));
    const scale = after > 1e-6 * before && after > 0 ? 1 / after : 0;
    for (let j = 0; j < d; j++) va[j] *= scale;
  }
}

export function dot(a: Float32Array, b: Float32Array): number {
  let s = 0;
  for (let j = 0; j < a.length; j++) s += a[j] * b[j];
  return s;
}
