import { FRAME_SAMPLES, framesOf, hann, HOP_SAMPLES, MEL_BINS, melFilters, SPECTRUM_BINS } from '../core/analysis.ts';
import { rng } from '../core/rng.ts';
import { createRealFft } from './fft.ts';

const STEPS_TO_MAGNITUDES = 40;

/** Magnitudes whose mel spectrum is the given one: least squares kept positive by multiplicative steps (Lee and Seung 2001). `[T, F]` */
function magnitudesOf(logMel: Float32Array, frames: number): Float32Array {
  const filters = melFilters();
  const out = new Float32Array(frames * SPECTRUM_BINS);
  const bands = Array.from({ length: SPECTRUM_BINS }, (_, f) => Array.from({ length: MEL_BINS }, (__, m) => m).filter((m) => filters[f * MEL_BINS + m] > 0));
  const x = new Float64Array(SPECTRUM_BINS);
  const mel = new Float64Array(MEL_BINS);
  for (let t = 0; t < frames; t++) {
    const wanted = logMel.subarray(t * MEL_BINS, (t + 1) * MEL_BINS).map((v) => Math.exp(v));
    const upper = new Float64Array(SPECTRUM_BINS);
    for (let f = 0; f < SPECTRUM_BINS; f++) for (const m of bands[f]) upper[f] += filters[f * MEL_BINS + m] * wanted[m];
    for (let f = 0; f < SPECTRUM_BINS; f++) x[f] = upper[f] * 1e3 + 1e-8;
    for (let step = 0; step < STEPS_TO_MAGNITUDES; step++) {
      mel.fill(0);
      for (let f = 0; f < SPECTRUM_BINS; f++) for (const m of bands[f]) mel[m] += filters[f * MEL_BINS + m] * x[f];
      for (let f = 0; f < SPECTRUM_BINS; f++) {
        let lower = 1e-12;
        for (const m of bands[f]) lower += filters[f * MEL_BINS + m] * mel[m];
        x[f] *= upper[f] / lower;
      }
    }
    out.set(x, t * SPECTRUM_BINS);
  }
  return out;
}

/**
 * Sound of log-mel spectra without anything learned (Griffin and Lim 1984, with the momentum of Perraudin et al. 2013): what is heard until
 * there is a vocoder, and what one is compared with.
 * @param logMel `[frames, MEL_BINS]`
 * @returns `[frames * HOP_SAMPLES]`
 */
export function griffinLim(logMel: Float32Array, frames: number, options: { iterations?: number; momentum?: number; seed?: number } = {}): Float32Array {
  const { iterations = 60, momentum = 0.99, seed = 0 } = options;
  const sizes = magnitudesOf(logMel, frames);
  const fft = createRealFft(FRAME_SAMPLES);
  const window = hann(FRAME_SAMPLES);
  const lead = (FRAME_SAMPLES - HOP_SAMPLES) / 2;
  const length = frames * HOP_SAMPLES;
  const draw = rng(seed, 'griffin-lim');
  const n = frames * SPECTRUM_BINS;
  const re = new Float32Array(n), im = new Float32Array(n);
  const beforeRe = new Float32Array(n), beforeIm = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const angle = 2 * Math.PI * draw.uniform();
    re[i] = sizes[i] * Math.cos(angle);
    im[i] = sizes[i] * Math.sin(angle);
  }
  const frame = new Float64Array(FRAME_SAMPLES);
  const a = new Float64Array(SPECTRUM_BINS), b = new Float64Array(SPECTRUM_BINS);
  let samples = new Float32Array(length);
  const overlap = new Float32Array(length);
  for (let t = 0; t < framesOf(length); t++) for (let i = 0; i < FRAME_SAMPLES; i++) {
    const at = t * HOP_SAMPLES - lead + i;
    if (at >= 0 && at < length) overlap[at] += window[i] * window[i];
  }
  const back = (): void => {
    samples = new Float32Array(length);
    for (let t = 0; t < frames; t++) {
      fft.inverse(re.subarray(t * SPECTRUM_BINS, (t + 1) * SPECTRUM_BINS), im.subarray(t * SPECTRUM_BINS, (t + 1) * SPECTRUM_BINS), frame);
      for (let i = 0; i < FRAME_SAMPLES; i++) {
        const at = t * HOP_SAMPLES - lead + i;
        if (at >= 0 && at < length) samples[at] += frame[i] * window[i];
      }
    }
    for (let i = 0; i < length; i++) samples[i] /= Math.max(overlap[i], 1e-3);
  };
  for (let step = 0; step < iterations; step++) {
    back();
    for (let t = 0; t < frames; t++) {
      for (let i = 0; i < FRAME_SAMPLES; i++) {
        const at = t * HOP_SAMPLES - lead + i;
        frame[i] = at >= 0 && at < length ? samples[at] * window[i] : 0;
      }
      fft.forward(frame, a, b);
      for (let f = 0, at = t * SPECTRUM_BINS; f < SPECTRUM_BINS; f++, at++) {
        const x = a[f] + momentum * (a[f] - beforeRe[at]);
        const y = b[f] + momentum * (b[f] - beforeIm[at]);
        beforeRe[at] = a[f];
        beforeIm[at] = b[f];
        const scale = sizes[at] / Math.max(1e-12, Math.hypot(x, y));
        re[at] = x * scale;
        im[at] = y * scale;
      }
    }
  }
  back();
  return samples;
}
