/** The outline of log-mel spectra apart from their harmonics, and along a stretched frequency axis. */
import { MEL_BINS, melBinOf, melCentresHz } from './analysis.ts';

/** Cosines that outlines are made of: quefrencies below those of any voice's harmonics. */
export const OUTLINE_COSINES = 24;

/** Orthonormal cosine transform (DCT-II) of log-mel spectra, `[bins, count]`, row-major. */
export function cosines(count = OUTLINE_COSINES, bins = MEL_BINS): Float32Array {
  const out = new Float32Array(bins * count);
  for (let m = 0; m < bins; m++) {
    for (let q = 0; q < count; q++) out[m * count + q] = Math.sqrt((q === 0 ? 1 : 2) / bins) * Math.cos((Math.PI * q * (m + 0.5)) / bins);
  }
  return out;
}

/**
 * Matrix that reads a log-mel spectrum with its frequencies multiplied: what lay at f comes to lie at f * factor, `[from, to]`
 * row-major; rows times it. Beyond the top the last bin goes on.
 */
export function stretchMatrix(factor: number, bins = MEL_BINS): Float32Array {
  const out = new Float32Array(bins * bins);
  melCentresHz(bins).forEach((hz, to) => {
    const at = Math.min(bins - 1, Math.max(0, melBinOf(hz / factor, bins)));
    const low = Math.floor(at);
    const rest = at - low;
    out[low * bins + to] += 1 - rest;
    if (rest > 0) out[(low + 1) * bins + to] += rest;
  });
  return out;
}

/** Product of row-major matrices `[n, k]` and `[k, m]`. */
export function product(a: Float32Array, b: Float32Array, n: number, k: number, m: number): Float32Array {
  const out = new Float32Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) {
      const x = a[i * k + j];
      if (x === 0) continue;
      for (let l = 0; l < m; l++) out[i * m + l] += x * b[j * m + l];
    }
  }
  return out;
}
