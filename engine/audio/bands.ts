import { framesOf, SAMPLE_RATE_HZ, SPECTRUM_BINS } from '../core/analysis.ts';
import { eachSpectrum } from './log-mel.ts';

/** Bands of equal width in which voices are told apart. */
export const BANDS = 40;
const FROM_HZ = 80;
const TO_HZ = 7600;
const FLOOR = 1e-4;

/** Silence, `[BANDS]`. */
export const SILENT_BANDS = new Float32Array(BANDS).fill(Math.log(FLOOR));

/**
 * Log spectrum in bands of equal width, not of equal pitch as in the mel spectra that converters are trained on: what voices are
 * recognised by is to be independent of them. @param samples in [-1, 1] at `SAMPLE_RATE_HZ` @returns `[T, BANDS]`
 */
export function linearBands(samples: Float32Array): Float32Array {
  const perBin = SAMPLE_RATE_HZ / 2 / (SPECTRUM_BINS - 1);
  const edges = Array.from({ length: BANDS + 1 }, (_, i) => Math.round((FROM_HZ + ((TO_HZ - FROM_HZ) * i) / BANDS) / perBin));
  const out = new Float32Array(framesOf(samples.length) * BANDS);
  eachSpectrum(samples, (t, magnitudes) => {
    for (let b = 0; b < BANDS; b++) {
      let sum = 0;
      for (let f = edges[b]; f < edges[b + 1]; f++) sum += magnitudes[f] * magnitudes[f];
      out[t * BANDS + b] = Math.log(Math.sqrt(sum / (edges[b + 1] - edges[b])) + FLOOR);
    }
  });
  return out;
}
