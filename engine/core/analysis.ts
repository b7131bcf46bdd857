/**
 * How sound is analysed, fixed once for everything that is trained on sound: a model of features made with other values could
 * not be used with these.
 *
 * 22,050 Hz keeps what distinguishes voices (up to 11 kHz) and halves what 44.1 kHz would cost. Frame t of a signal covers the
 * `FRAME_SAMPLES` samples around (t + 1/2) * hop, zeros beyond its ends, so that T frames stand for exactly T * hop samples.
 */
export const SAMPLE_RATE_HZ = 22_050;
/** Samples under one window, and length of its transform. */
export const FRAME_SAMPLES = 1024;
/** Samples from frame to frame: 86.13 frames a second. */
export const HOP_SAMPLES = 256;
export const MEL_BINS = 80;
/** Bins of the spectrum, 0 Hz to half the rate. */
export const SPECTRUM_BINS = FRAME_SAMPLES / 2 + 1;
export const FRAME_RATE_HZ = SAMPLE_RATE_HZ / HOP_SAMPLES;
/** Smallest mel magnitude; its logarithm is what silence looks like. */
export const MEL_FLOOR = 1e-5;
export const LOG_MEL_FLOOR = Math.log(MEL_FLOOR);

/** Frames that stand for so many samples. */
export const framesOf = (samples: number): number => Math.ceil(samples / HOP_SAMPLES);

/** Periodic Hann window, `[size]`: 0.5 - 0.5 cos(2 pi n / size). */
export function hann(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size));
}

// The mel scale of Slaney's Auditory Toolbox (1998): linear below 1 kHz, logarithmic above.
const LINEAR_HZ = 200 / 3;
const CORNER_HZ = 1000;
const CORNER_MEL = CORNER_HZ / LINEAR_HZ;
const LOG_STEP = Math.log(6.4) / 27;

const melOf = (hz: number): number => (hz < CORNER_HZ ? hz / LINEAR_HZ : CORNER_MEL + Math.log(hz / CORNER_HZ) / LOG_STEP);
const hzOf = (mel: number): number => (mel < CORNER_MEL ? mel * LINEAR_HZ : CORNER_HZ * Math.exp(LOG_STEP * (mel - CORNER_MEL)));

/** Frequency at the centre of each mel bin, `[bins]`. */
export const melCentresHz = (bins = MEL_BINS, sampleRateHz = SAMPLE_RATE_HZ): Float32Array =>
  Float32Array.from({ length: bins }, (_, m) => hzOf((melOf(sampleRateHz / 2) * (m + 1)) / (bins + 1)));

/** Place of a frequency among the mel bins, a fraction between two centres. */
export const melBinOf = (hz: number, bins = MEL_BINS, sampleRateHz = SAMPLE_RATE_HZ): number => (melOf(hz) * (bins + 1)) / melOf(sampleRateHz / 2) - 1;

/**
 * Triangular filters from 0 Hz to half the rate, each of unit area over Hz (Slaney's normalisation).
 * @returns `[F, bins]` row-major, to multiply magnitudes `[T, F]` with
 */
export function melFilters(frameSamples = FRAME_SAMPLES, bins = MEL_BINS, sampleRateHz = SAMPLE_RATE_HZ): Float32Array {
  const spectrum = frameSamples / 2 + 1;
  const top = melOf(sampleRateHz / 2);
  const edges = Array.from({ length: bins + 2 }, (_, i) => hzOf((top * i) / (bins + 1)));
  const filters = new Float32Array(spectrum * bins);
  for (let f = 0; f < spectrum; f++) {
    const hz = (f * sampleRateHz) / frameSamples;
    for (let m = 0; m < bins; m++) {
      const up = (hz - edges[m]) / (edges[m + 1] - edges[m]);
      const down = (edges[m + 2] - hz) / (edges[m + 2] - edges[m + 1]);
      filters[f * bins + m] = (Math.max(0, Math.min(up, down)) * 2) / (edges[m + 2] - edges[m]);
    }
  }
  return filters;
}
