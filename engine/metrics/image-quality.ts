/** Distances between images in [0, 1]. */

/** Mean squared error. */
export function meanSquaredError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum / a.length;
}

/** Peak signal-to-noise ratio in dB for a peak of 1: -10 log10(mse). Infinite for equal images. */
export const psnrDb = (mse: number): number => -10 * Math.log10(mse);

/**
 * Structural similarity (Wang et al. 2004, eq. 13), -1 to 1, of images `[H, W, C]` in [0, 1]: mean over all windows of
 * `window` pixels (uniform weights, K1 = 0.01, K2 = 0.03, population variances) and over channels.
 */
export function ssim(a: ArrayLike<number>, b: ArrayLike<number>, shape: { height: number; width: number; channels: number }, window = 7): number {
  const { height, width, channels } = shape;
  const side = Math.min(window, height, width);
  const c1 = 0.01 ** 2;
  const c2 = 0.03 ** 2;
  const n = side * side;
  let total = 0;
  let count = 0;
  for (let c = 0; c < channels; c++) {
    // Sums over [0, y) x [0, x), so that a window costs four look-ups.
    const tables = [0, 1, 2, 3, 4].map(() => new Float64Array((height + 1) * (width + 1)));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = (y * width + x) * channels + c;
        const terms = [a[i], b[i], a[i] * a[i], b[i] * b[i], a[i] * b[i]];
        const at = (y + 1) * (width + 1) + x + 1;
        tables.forEach((t, k) => (t[at] = terms[k] + t[at - 1] + t[at - width - 1] - t[at - width - 2]));
      }
    }
    for (let y = 0; y + side <= height; y++) {
      for (let x = 0; x + side <= width; x++) {
        const from = y * (width + 1) + x;
        const to = from + side * (width + 1);
        const [ma, mb, aa, bb, ab] = tables.map((t) => (t[to + side] - t[to] - t[from + side] + t[from]) / n);
        const va = aa - ma * ma;
        const vb = bb - mb * mb;
        const cov = ab - ma * mb;
        total += ((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
        count++;
      }
    }
  }
  return total / count;
}
