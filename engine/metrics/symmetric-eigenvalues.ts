/**
 * Eigenvalues of a symmetric matrix, without eigenvectors: Householder tridiagonalisation, then implicit QL (Golub and Van Loan, 8.3).
 * About 4/3 n^3 multiplications; the matrix is overwritten.
 * @param a `[n, n]`, row-major
 * @returns `[n]`, in no order
 */
export function symmetricEigenvalues(a: Float64Array, n: number): Float64Array {
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  tridiagonalise(a, n, d, e);
  ql(d, e, n);
  return d;
}

/** Leaves the diagonal in `d` and what stands below it in `e[1..]`. */
function tridiagonalise(a: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  const u = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = n - 1; k >= 1; k--) {
    // A reflection of the first k entries of row k onto the last of them.
    let scale = 0;
    for (let j = 0; j < k; j++) scale = Math.max(scale, Math.abs(a[k * n + j]));
    d[k] = a[k * n + k];
    if (k === 1 || scale === 0) {
      e[k] = a[k * n + k - 1];
      continue;
    }
    let norm = 0;
    for (let j = 0; j < k; j++) norm += (u[j] = a[k * n + j] / scale) ** 2;
    const length = u[k - 1] > 0 ? -Math.sqrt(norm) : Math.sqrt(norm);
    e[k] = length * scale;
    const h = norm - u[k - 1] * length;
    u[k - 1] -= length;
    // Only the lower half is kept up to date.
    p.fill(0, 0, k);
    for (let i = 0; i < k; i++) {
      const row = i * n;
      const ui = u[i];
      let sum = a[row + i] * ui;
      for (let j = 0; j < i; j++) {
        const v = a[row + j];
        sum += v * u[j];
        p[j] += v * ui;
      }
      p[i] += sum;
    }
    let dot = 0;
    for (let j = 0; j < k; j++) dot += u[j] * (p[j] /= h);
    const half = dot / (2 * h);
    for (let j = 0; j < k; j++) p[j] -= half * u[j];
    for (let i = 0; i < k; i++) {
      const row = i * n;
      const [ui, pi] = [u[i], p[i]];
      for (let j = 0; j <= i; j++) a[row + j] -= ui * p[j] + pi * u[j];
    }
  }
  d[0] = a[0];
}

function ql(d: Float64Array, e: Float64Array, n: number): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i];
  if (n > 0) e[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let round = 0; round < 60; round++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1]))) m++;
      if (m === l) break;
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      let r = Math.hypot(g, 1);
      g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i];
        const b = c * e[i];
        e[i + 1] = r = Math.hypot(f, g);
        if (r === 0) {
          d[i + 1] -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
      }
      if (r === 0 && i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
}
