import { FRAME_RATE_HZ, FRAME_SAMPLES, SAMPLE_RATE_HZ, SPECTRUM_BINS } from '../core/analysis.ts';
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

/** What stands out by this factor of power from what lies around it is a line; less is what any noise does. */
const LINE = 8;
/** Harmonics of the frame rate that are looked at. */
const HARMONICS = 20;
/** Where around them is measured what no line is: from 4 resolved steps on, in steps of a third of a Hz at least. */
const NEAR = [0, 1, 2, 3, 4, 5];
const LONGEST = 20 * SAMPLE_RATE_HZ;

/**
 * The buzz of a vocoder whose frames do not join: the highest spectral line at the frame rate (86.1 Hz) or a harmonic of it. The whole sound is
 * one transform (up to 20 s), so that a steady line is narrow and voices, which never stay on one frequency, are spread over their surroundings.
 * @returns level of that line against the loudest component of `reference`, at least -120 dB, which says that there is none
 */
export function hopLineDb(made: Float32Array, reference: Float32Array): number {
  const length = Math.min(made.length, reference.length, LONGEST);
  const top = loudest(reference.subarray(0, length));
  const [out, before] = [windowed(made, length), windowed(reference, length)];
  const stepHz = SAMPLE_RATE_HZ / length;
  let line = 0;
  for (let harmonic = 1; harmonic <= HARMONICS; harmonic++) {
    const hz = harmonic * FRAME_RATE_HZ;
    const here = power(out, hz);
    const offsets = NEAR.map((k) => 4 * stepHz + k * Math.max(stepHz, 1 / 3));
    const around = offsets.reduce((sum, by) => sum + power(out, hz - by) + power(out, hz + by), 0) / (2 * NEAR.length);
    if (here > LINE * around) line = Math.max(line, here - around - power(before, hz));
  }
  return Math.max(NO_LINE_DB, 10 * Math.log10(Math.max(line, 1e-30) / Math.max(top, 1e-30)));
}

const NO_LINE_DB = -120;

/** Under a Hann window of mean 1. */
const windowed = (samples: Float32Array, length: number): Float64Array => Float64Array.from({ length }, (_, i) => samples[i] * (1 - Math.cos((2 * Math.PI * i) / length)));

/** Power at one frequency of the whole; a sine of amplitude a has a^2 / 4. */
function power(samples: Float64Array, hz: number): number {
  const turn = (2 * Math.PI * hz) / SAMPLE_RATE_HZ;
  const turnRe = Math.cos(turn), turnIm = Math.sin(turn);
  let atRe = 1, atIm = 0, re = 0, im = 0;
  for (let i = 0; i < samples.length; i++) {
    re += samples[i] * atRe;
    im -= samples[i] * atIm;
    const next = atRe * turnRe - atIm * turnIm;
    atIm = atRe * turnIm + atIm * turnRe;
    atRe = next;
  }
  return (re * re + im * im) / samples.length ** 2;
}

/** Power of the loudest component of any frame, as `power` gives it. */
function loudest(samples: Float32Array): number {
  let top = 0;
  eachSpectrum(samples, (_, magnitudes) => {
    for (const x of magnitudes) top = Math.max(top, x);
  });
  return (top / (FRAME_SAMPLES / 2)) ** 2;
}
