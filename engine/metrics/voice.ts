/** Measures of speech. */
import { MEL_BINS } from '../core/analysis.ts';
import { cosines } from '../core/envelope.ts';

/** Cepstral coefficients of the distortion, without the level. */
const CEPSTRA = 24;

/** Cosine transform of log-mel spectra without its first coefficient, `[T, CEPSTRA]`. */
export function melCepstra(mel: Float32Array): Float32Array {
  const basis = cosines(CEPSTRA + 1);
  const frames = mel.length / MEL_BINS;
  const out = new Float32Array(frames * CEPSTRA);
  // Orthonormal over log magnitudes of mel bins: scaled to cepstra of a spectrum over [0, pi].
  const scale = 1 / Math.sqrt(MEL_BINS * 2);
  for (let t = 0; t < frames; t++) {
    for (let m = 0; m < MEL_BINS; m++) {
      const value = mel[t * MEL_BINS + m] * scale;
      for (let q = 0; q < CEPSTRA; q++) out[t * CEPSTRA + q] += value * basis[m * (CEPSTRA + 1) + q + 1];
    }
  }
  return out;
}

/**
 * Mel-cepstral distortion (Kubichek 1993) along the best alignment in time: 10 / ln 10 * sqrt(2 * sum of squares), the mean over the
 * path, in dB. Each frame of `a` is met at least once.
 * @param a @param b log-mel `[T, MEL_BINS]`
 */
export function melCepstralDistortionDb(a: Float32Array, b: Float32Array): number {
  const x = melCepstra(a);
  const y = melCepstra(b);
  const n = x.length / CEPSTRA;
  const m = y.length / CEPSTRA;
  if (n === 0 || m === 0) return NaN;
  // Cost and length of the best path to each cell of a row.
  let cost = new Float64Array(m).fill(Infinity);
  let steps = new Float64Array(m);
  for (let i = 0; i < n; i++) {
    const nextCost = new Float64Array(m);
    const nextSteps = new Float64Array(m);
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let q = 0; q < CEPSTRA; q++) sum += (x[i * CEPSTRA + q] - y[j * CEPSTRA + q]) ** 2;
      const here = (10 / Math.LN10) * Math.sqrt(2 * sum);
      let best = i === 0 && j === 0 ? 0 : Infinity;
      let length = 0;
      const from = (c: number, s: number) => {
        if (c < best) {
          best = c;
          length = s;
        }
      };
      if (i > 0) from(cost[j], steps[j]);
      if (j > 0) from(nextCost[j - 1], nextSteps[j - 1]);
      if (i > 0 && j > 0) from(cost[j - 1], steps[j - 1]);
      nextCost[j] = best + here;
      nextSteps[j] = length + 1;
    }
    cost = nextCost;
    steps = nextSteps;
  }
  return cost[m - 1] / steps[m - 1];
}

/** Pearson's correlation of log F0 over frames that are voiced in both; null under 10 of them. */
export function f0Correlation(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let t = 0; t < Math.min(a.length, b.length); t++) {
    if (!(a[t] > 0 && b[t] > 0)) continue;
    xs.push(Math.log(a[t]));
    ys.push(Math.log(b[t]));
  }
  if (xs.length < 10) return null;
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const mx = mean(xs);
  const my = mean(ys);
  let xy = 0, xx = 0, yy = 0;
  xs.forEach((x, i) => {
    xy += (x - mx) * (ys[i] - my);
    xx += (x - mx) ** 2;
    yy += (ys[i] - my) ** 2;
  });
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}

/** Median of the voiced frames in Hz; 0 where there is none. */
export function medianF0(f0Hz: ArrayLike<number>): number {
  const voiced = Array.from(f0Hz).filter((hz) => hz > 0).sort((a, b) => a - b);
  return voiced.length === 0 ? 0 : voiced[voiced.length >> 1];
}

/** Part of the moments of `a` whose code stands in `b` at the same place or beside it. @param levels codes a moment; the first counts */
export function codeAgreement(a: Int32Array, b: Int32Array, levels: number): number {
  const moments = Math.min(a.length, b.length) / levels;
  let hits = 0;
  for (let t = 0; t < moments; t++) {
    const code = a[t * levels];
    if ([t - 1, t, t + 1].some((at) => at >= 0 && at < moments && b[at * levels] === code)) hits++;
  }
  return moments === 0 ? 0 : hits / moments;
}
