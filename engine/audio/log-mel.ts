import { FRAME_SAMPLES, framesOf, hann, HOP_SAMPLES, LOG_MEL_FLOOR, MEL_BINS, MEL_FLOOR, melFilters, SPECTRUM_BINS } from '../core/analysis.ts';
import { createRealFft } from './fft.ts';

interface Band {
  from: number;
  weights: Float32Array;
}

let shared: { fft: ReturnType<typeof createRealFft>; window: Float32Array; bands: Band[] } | null = null;

/** Each mel filter is zero but for a few bins. */
function tables() {
  if (shared) return shared;
  const filters = melFilters();
  const bands = Array.from({ length: MEL_BINS }, (_, m): Band => {
    const column = Float32Array.from({ length: SPECTRUM_BINS }, (__, f) => filters[f * MEL_BINS + m]);
    const from = column.findIndex((w) => w > 0);
    return { from, weights: column.filter((w) => w > 0) };
  });
  return (shared = { fft: createRealFft(FRAME_SAMPLES), window: hann(FRAME_SAMPLES), bands });
}

/** Calls back with the windowed magnitudes of every frame; the array is reused. */
export function eachSpectrum(samples: Float32Array, on: (frame: number, magnitudes: Float64Array) => void): void {
  const { fft, window } = tables();
  const frame = new Float64Array(FRAME_SAMPLES);
  const re = new Float64Array(SPECTRUM_BINS);
  const im = new Float64Array(SPECTRUM_BINS);
  for (let t = 0, frames = framesOf(samples.length); t < frames; t++) {
    const from = t * HOP_SAMPLES + (HOP_SAMPLES - FRAME_SAMPLES) / 2;
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      const at = from + i;
      frame[i] = at >= 0 && at < samples.length ? samples[at] * window[i] : 0;
    }
    fft.forward(frame, re, im);
    for (let f = 0; f < SPECTRUM_BINS; f++) re[f] = Math.sqrt(re[f] * re[f] + im[f] * im[f]);
    on(t, re);
  }
}

/**
 * Log-mel spectrogram.
 * @param samples in [-1, 1] at `SAMPLE_RATE_HZ`
 * @returns natural logarithms of mel magnitudes, floored, `[framesOf(samples.length), MEL_BINS]`
 */
export function logMel(samples: Float32Array): Float32Array {
  const { bands } = tables();
  const out = new Float32Array(framesOf(samples.length) * MEL_BINS);
  eachSpectrum(samples, (t, magnitudes) => {
    for (let m = 0; m < MEL_BINS; m++) {
      const { from, weights } = bands[m];
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * magnitudes[from + i];
      out[t * MEL_BINS + m] = sum > MEL_FLOOR ? Math.log(sum) : LOG_MEL_FLOOR;
    }
  });
  return out;
}
