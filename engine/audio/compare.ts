import { HOP_SAMPLES, SPECTRUM_BINS } from '../core/analysis.ts';
import { createRealFft } from './fft.ts';
import { eachSpectrum } from './log-mel.ts';

/** Bins under this part of the loudest are left out: nobody hears them. */
const RANGE_DB = 60;

/**
 * Log-spectral distance: root mean square, over the bins of each frame, of the difference of levels in dB, then the mean over the frames. Frames
 * and levels more than 60 dB under the loudest of `reference` do not count.
 * @param made @param reference samples of the same length and place
 * @returns dB
 */
export function logSpectralDistance(made: Float32Array, reference: Float32Array): number {
  const length = Math.min(made.length, reference.length);
  const spectra = (samples: Float32Array): Float32Array[] => {
    const out: Float32Array[] = [];
    eachSpectrum(samples.subarray(0, length), (_, magnitudes) => out.push(Float32Array.from(magnitudes)));
    return out;
  };
  const a = spectra(made), b = spectra(reference);
  let top = 0;
  for (const frame of b) for (const x of frame) top = Math.max(top, x);
  const floor = top * 10 ** (-RANGE_DB / 20);
  let sum = 0, count = 0;
  for (let t = 0; t < b.length; t++) {
    let squares = 0, loudest = 0;
    for (let f = 0; f < SPECTRUM_BINS; f++) {
      loudest = Math.max(loudest, b[t][f]);
      squares += (20 * Math.log10(Math.max(a[t][f], floor) / Math.max(b[t][f], floor))) ** 2;
    }
    if (loudest < floor * 10) continue;
    sum += Math.sqrt(squares / SPECTRUM_BINS);
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

const LONG = 16_384;

/**
 * How far a line at the frame rate (86.1 Hz and its first harmonics) stands out of the difference between two sounds: the buzz of a vocoder whose
 * frames do not join.
 * @returns level of the highest such line over what lies around it in the residual, relative to the loudest component of `reference`, dB
 */
export function hopLineDb(made: Float32Array, reference: Float32Array): number {
  const length = Math.min(made.length, reference.length);
  const fft = createRealFft(LONG);
  const bins = LONG / 2 + 1;
  const noise = new Float64Array(bins), sound = new Float64Array(bins);
  const re = new Float64Array(bins), im = new Float64Array(bins);
  const frame = new Float64Array(LONG);
  const add = (of: (i: number) => number, into: Float64Array, from: number): void => {
    for (let i = 0; i < LONG; i++) frame[i] = from + i < length ? of(from + i) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / LONG)) : 0;
    fft.forward(frame, re, im);
    for (let f = 0; f < bins; f++) into[f] += re[f] * re[f] + im[f] * im[f];
  };
  for (let from = 0; from === 0 || from + LONG <= length; from += LONG / 2) {
    add((i) => made[i], noise, from);
    add((i) => reference[i], sound, from);
  }
  const top = Math.max(...sound);
  let worst = 0;
  for (let harmonic = 1; harmonic <= 20; harmonic++) {
    const at = Math.round((harmonic * LONG) / HOP_SAMPLES);
    let line = 0;
    for (let f = at - 1; f <= at + 1; f++) line = Math.max(line, noise[f] - sound[f]);
    let around = 0;
    for (let f = at - 12; f <= at + 12; f++) if (Math.abs(f - at) > 3) around += Math.max(0, noise[f] - sound[f]) / 18;
    worst = Math.max(worst, line - around);
  }
  return 10 * Math.log10(Math.max(worst, 1e-30) / Math.max(top, 1e-30));
}
