/** Pictures of sound: levels over time and mel-spaced frequency, drawn exactly as wide as they are shown. */

/** Samples under one window; 46 ms at 22.05 kHz, about what the ear joins. */
export const WINDOW = 1024;
/** What is drawn darkest and lightest, in dB of a full-scale sine. */
const FLOOR_DB = -92;
const CEILING_DB = -22;
const LOW_HZ = 50;

const melOf = (hz: number): number => 2595 * Math.log10(1 + hz / 700);
const hzOf = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

const hann = Float32Array.from({ length: WINDOW }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW));
const cosines = Float32Array.from({ length: WINDOW / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / WINDOW));
const sines = Float32Array.from({ length: WINDOW / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / WINDOW));

/** Fourier transform in place, radix 2; lengths are powers of two up to `WINDOW`. */
export function fft(re: Float32Array, im: Float32Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const stride = WINDOW / size;
    for (let start = 0; start < n; start += size) {
      for (let k = 0; k < half; k++) {
        const [c, s] = [cosines[k * stride], -sines[k * stride]];
        const [a, b] = [start + k, start + k + half];
        const [x, y] = [re[b] * c - im[b] * s, re[b] * s + im[b] * c];
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
    }
  }
}

/** Frequencies of the rows from the top down, in Hz, `[rows]`. */
export function rowFrequencies(rows: number, sampleRateHz: number): Float32Array {
  const [low, high] = [melOf(LOW_HZ), melOf(sampleRateHz / 2)];
  return Float32Array.from({ length: rows }, (_, row) => hzOf(high - ((row + 0.5) / rows) * (high - low)));
}

export interface Stretch {
  fromSec: number;
  toSec: number;
  columns: number;
  rows: number;
}

/**
 * @param samples mono, in [-1, 1]; outside of them is silence
 * @returns levels from 0 (darkest) to 255, row by row from the highest frequency, `[rows * columns]`
 */
export function spectrogram(samples: Float32Array, sampleRateHz: number, { fromSec, toSec, columns, rows }: Stretch): Uint8Array {
  const levels = new Uint8Array(rows * columns);
  const bins = rowFrequencies(rows, sampleRateHz).map((hz) => Math.min(WINDOW / 2 - 1, (hz * WINDOW) / sampleRateHz));
  const [re, im] = [new Float32Array(WINDOW), new Float32Array(WINDOW)];
  const power = new Float32Array(WINDOW / 2);
  for (let column = 0; column < columns; column++) {
    const middle = Math.round((fromSec + ((column + 0.5) / columns) * (toSec - fromSec)) * sampleRateHz);
    for (let i = 0; i < WINDOW; i++) re[i] = (samples[middle - WINDOW / 2 + i] ?? 0) * hann[i];
    im.fill(0);
    fft(re, im);
    // A full-scale sine under the window gives a quarter of its length.
    for (let k = 0; k < power.length; k++) power[k] = (re[k] ** 2 + im[k] ** 2) / (WINDOW / 4) ** 2;
    for (let row = 0; row < rows; row++) {
      const bin = Math.floor(bins[row]);
      const between = bins[row] - bin;
      // A row that spans several bins shows the loudest of them.
      const upper = row > 0 ? Math.floor((bins[row - 1] + bins[row]) / 2) : bin;
      let value = power[bin] * (1 - between) + power[Math.min(bin + 1, power.length - 1)] * between;
      for (let k = bin + 1; k <= upper; k++) value = Math.max(value, power[k]);
      const db = 10 * Math.log10(value + 1e-12);
      levels[row * columns + column] = Math.round(255 * Math.min(1, Math.max(0, (db - FLOOR_DB) / (CEILING_DB - FLOOR_DB))));
    }
  }
  return levels;
}

/**
 * Outline of a sound: the largest and smallest sample of each of equal stretches.
 * @returns two rows, `[stretches]` each
 */
export function outline(samples: Float32Array, stretches: number): [Float32Array, Float32Array] {
  const [high, low] = [new Float32Array(stretches), new Float32Array(stretches)];
  for (let i = 0; i < stretches; i++) {
    const to = Math.max(Math.floor(((i + 1) * samples.length) / stretches), Math.floor((i * samples.length) / stretches) + 1);
    for (let n = Math.floor((i * samples.length) / stretches); n < to && n < samples.length; n++) {
      if (samples[n] > high[i]) high[i] = samples[n];
      if (samples[n] < low[i]) low[i] = samples[n];
    }
  }
  return [high, low];
}
