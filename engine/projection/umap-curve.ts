/**
 * The curve `1 / (1 + a x^(2b))` that comes nearest, by least squares, to 1 up to `minDist` and `exp(-(x - minDist) / spread)`
 * beyond (UMAP section 3.2), by Gauss-Newton steps with damping (Levenberg-Marquardt) in log a and b.
 */
export function fitCurve(minDist: number, spread: number): { a: number; b: number } {
  const xs = Array.from({ length: 299 }, (_, i) => ((i + 1) / 299) * spread * 3);
  const ys = xs.map((x) => (x < minDist ? 1 : Math.exp(-(x - minDist) / spread)));
  const error = (p: number, b: number): number => xs.reduce((sum, x, i) => sum + (1 / (1 + Math.exp(p) * x ** (2 * b)) - ys[i]) ** 2, 0);
  let p = 0, b = 1, damping = 1e-3;
  let now = error(p, b);
  for (let round = 0; round < 200; round++) {
    let h00 = 0, h01 = 0, h11 = 0, g0 = 0, g1 = 0;
    xs.forEach((x, i) => {
      const t = Math.exp(p) * x ** (2 * b);
      const f = 1 / (1 + t);
      const dp = -f * f * t, db = dp * 2 * Math.log(x), r = f - ys[i];
      h00 += dp * dp; h01 += dp * db; h11 += db * db;
      g0 += dp * r; g1 += db * r;
    });
    const a00 = h00 * (1 + damping), a11 = h11 * (1 + damping);
    const det = a00 * a11 - h01 * h01;
    const stepP = (a11 * g0 - h01 * g1) / det, stepB = (a00 * g1 - h01 * g0) / det;
    const then = error(p - stepP, b - stepB);
    if (then < now) {
      p -= stepP;
      b -= stepB;
      damping /= 4;
      const gain = now - then;
      now = then;
      if (gain < 1e-14) break;
    } else {
      damping *= 8;
      if (damping > 1e12) break;
    }
  }
  return { a: Math.exp(p), b };
}
