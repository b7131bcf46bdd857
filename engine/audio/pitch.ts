/**
 * Fundamental frequency by normalised cross-correlation (Talkin 1995, RAPT) and the best path through the candidates
 * (Boersma 1993, the costs of its section 4): a cost of octaves keeps to the shortest period, a cost of jumps to the melody.
 */
import { framesOf, HOP_SAMPLES, SAMPLE_RATE_HZ } from '../core/analysis.ts';
import { createFft, createRealFft } from './fft.ts';

export const F0_MIN_HZ = 55;
export const F0_MAX_HZ = 900;

const WINDOW = 552; // 25 ms
const LAG_MIN = Math.floor(SAMPLE_RATE_HZ / F0_MAX_HZ);
const LAG_MAX = Math.ceil(SAMPLE_RATE_HZ / F0_MIN_HZ);
const SIZE = 2048; // holds WINDOW + WINDOW + LAG_MAX
/** A comparison of a window with itself `lag` later speaks of the time (WINDOW + lag) / 2 after its start: exact at 170 Hz, 6 ms early at 55 Hz. */
const CENTRED_LAG = 130;
const CANDIDATES = 12;
const OCTAVE_COST = 0.02;
const FRAME_PER_10_MS = 0.01 / (HOP_SAMPLES / SAMPLE_RATE_HZ);
const JUMP_COST = 0.35 * FRAME_PER_10_MS;
const VOICE_COST = 0.14 * FRAME_PER_10_MS;
const VOICED_FROM = 0.5;
/** A frame that peaks so much under the whole signal's peak is silence. */
const SILENCE = 0.02;

export interface Pitch {
  /** Hz, 0 where unvoiced, `[T]`. */
  f0Hz: Float32Array;
  /** Correlation of one period with the next at the chosen period, or the best there is where unvoiced, 0 to 1, `[T]`. */
  voicing: Float32Array;
}

/** What one frame offers; candidate 0 is "unvoiced". */
interface Offers {
  count: number;
  lags: Float64Array;
  strengths: Float64Array;
  best: number;
}

/** Frames whose F0 tells where a voice lies. */
const ENOUGH_FRAMES = 24;
/** How far beyond the quartiles of its F0 a voice may go (after De Looze and Hirst 2008): hiss and formants that pass for pitch lie further off. */
const LOWER = 0.5;
const UPPER = 1.9;

/** F0 that is looked for, in Hz. */
export interface PitchRange {
  fromHz: number;
  toHz: number;
}

/** Where the F0 of a voice of that median may lie; undefined where it is not known. */
export const rangeAround = (medianHz: number): PitchRange | undefined => (medianHz > 0 ? { fromHz: medianHz * 0.45, toHz: medianHz * 2.2 } : undefined);

/**
 * @param samples in [-1, 1] at `SAMPLE_RATE_HZ`
 * @param range where it is not known, the signal itself tells it: its F0 is looked for again around the quartiles that were found at first
 * @returns per frame of `engine/core/analysis.ts`
 */
export function trackPitch(samples: Float32Array, range?: PitchRange): Pitch {
  const frames = framesOf(samples.length);
  const correlate = createCorrelator(samples);
  const offers = Array.from({ length: frames }, (_, t) => correlate(t));
  const first = bestPath(offers, range);
  if (range) return first;
  const voiced = first.f0Hz.filter((hz) => hz > 0).sort();
  if (voiced.length < ENOUGH_FRAMES) return first;
  const own = { fromHz: voiced[voiced.length >> 2] * LOWER, toHz: voiced[(voiced.length * 3) >> 2] * UPPER };
  return voiced[0] >= own.fromHz && voiced[voiced.length - 1] <= own.toHz ? first : bestPath(offers, own);
}

/** The path through the candidates of least cost. @param range those outside of it are not taken */
function bestPath(offers: readonly Offers[], range: PitchRange = { fromHz: 0, toHz: Infinity }): Pitch {
  const frames = offers.length;
  let previous: Float64Array = new Float64Array(0);
  const back = new Int8Array(frames * (CANDIDATES + 1));
  const within = (lag: number) => lag <= SAMPLE_RATE_HZ / range.fromHz && lag >= SAMPLE_RATE_HZ / range.toHz;
  for (let t = 0; t < frames; t++) {
    const offer = offers[t];
    const scores = new Float64Array(offer.count).fill(-Infinity);
    for (let j = 0; j < offer.count; j++) {
      if (j > 0 && !within(offer.lags[j])) continue;
      let best = t === 0 ? 0 : -Infinity;
      let from = 0;
      for (let i = 0; i < previous.length; i++) {
        const a = i === 0, b = j === 0;
        const cost = a && b ? 0 : a !== b ? VOICE_COST : JUMP_COST * Math.abs(Math.log2(offer.lags[j] / offers[t - 1].lags[i]));
        const score = previous[i] - cost;
        if (score > best) {
          best = score;
          from = i;
        }
      }
      scores[j] = best + offer.strengths[j];
      back[t * (CANDIDATES + 1) + j] = from;
    }
    previous = scores;
  }
  const f0Hz = new Float32Array(frames);
  const voicing = new Float32Array(frames);
  let at = previous.indexOf(Math.max(...previous));
  for (let t = frames - 1; t >= 0; t--) {
    const { lags, strengths, best } = offers[t];
    if (at > 0) {
      f0Hz[t] = SAMPLE_RATE_HZ / lags[at];
      voicing[t] = clamp(strengths[at] + OCTAVE_COST * Math.log2(lags[at] / LAG_MIN));
    } else voicing[t] = clamp(best);
    at = back[t * (CANDIDATES + 1) + at];
  }
  return { f0Hz, voicing };
}

const clamp = (x: number): number => Math.max(0, Math.min(1, x));

/** @returns what a frame offers */
function createCorrelator(samples: Float32Array): (frame: number) => Offers {
  const fft = createFft(SIZE);
  const back = createRealFft(SIZE);
  const products = new Float64Array(SIZE);
  const re = new Float64Array(SIZE);
  const im = new Float64Array(SIZE);
  const reach = WINDOW + LAG_MAX + 1;
  const segment = new Float64Array(reach);
  const squares = new Float64Array(reach + 1);
  const r = new Float64Array(LAG_MAX + 2);
  let loudest = 0;
  for (let i = 0; i < samples.length; i++) loudest = Math.max(loudest, Math.abs(samples[i]));
  // A little energy is added to both sides, so that what is far under the loudest correlates with nothing.
  const ballast = (loudest * 0.003) ** 2 * WINDOW + 1e-12;

  return (t) => {
    const from = Math.round((t + 0.5) * HOP_SAMPLES - (WINDOW + CENTRED_LAG) / 2);
    let mean = 0;
    for (let i = 0; i < reach; i++) {
      const at = from + i;
      const value = at >= 0 && at < samples.length ? samples[at] : 0;
      segment[i] = value;
      mean += value;
    }
    mean /= reach;
    let peak = 0;
    for (let i = 0; i < reach; i++) {
      const value = (segment[i] -= mean);
      squares[i + 1] = squares[i] + value * value;
      if (i < WINDOW + CENTRED_LAG) peak = Math.max(peak, Math.abs(value));
    }
    const offer: Offers = { count: 1, lags: new Float64Array(CANDIDATES + 1), strengths: new Float64Array(CANDIDATES + 1), best: 0 };
    const level = loudest > 0 ? peak / loudest : 0;
    offer.strengths[0] = VOICED_FROM + Math.max(0, 2 - (level * (1 + VOICED_FROM)) / SILENCE);
    if (level === 0) return offer;

    // The first WINDOW samples (real part) against the whole segment (imaginary part) in one transform and its inverse.
    re.fill(0);
    im.fill(0);
    for (let i = 0; i < reach; i++) im[i] = segment[i];
    for (let i = 0; i < WINDOW; i++) re[i] = segment[i];
    fft.forward(re, im);
    for (let k = 0; k <= SIZE / 2; k++) {
      const j = (SIZE - k) % SIZE;
      const aRe = (re[k] + re[j]) / 2, aIm = (im[k] - im[j]) / 2;
      const bRe = (im[k] + im[j]) / 2, bIm = (re[j] - re[k]) / 2;
      const pRe = aRe * bRe + aIm * bIm, pIm = aRe * bIm - aIm * bRe;
      re[k] = pRe;
      im[k] = pIm;
    }
    back.inverse(re, im, products);
    const first = squares[WINDOW] + ballast;
    for (let lag = LAG_MIN - 1; lag <= LAG_MAX + 1 && lag + WINDOW <= reach; lag++) {
      r[lag] = products[lag] / Math.sqrt(first * (squares[lag + WINDOW] - squares[lag] + ballast));
    }
    for (let lag = LAG_MIN; lag <= LAG_MAX; lag++) {
      if (r[lag] < 0.25 || r[lag] < r[lag - 1] || r[lag] <= r[lag + 1]) continue;
      const bend = r[lag - 1] - 2 * r[lag] + r[lag + 1];
      const shift = bend < 0 ? (0.5 * (r[lag - 1] - r[lag + 1])) / bend : 0;
      const height = Math.min(1, r[lag] - 0.25 * (r[lag - 1] - r[lag + 1]) * shift);
      offer.best = Math.max(offer.best, height);
      keep(offer, lag + shift, height - OCTAVE_COST * Math.log2((lag + shift) / LAG_MIN));
    }
    return offer;
  };
}

/** Keeps the strongest candidates. */
function keep(offer: Offers, lag: number, strength: number): void {
  let at = offer.count;
  if (offer.count <= CANDIDATES) offer.count++;
  else {
    at = 1;
    for (let i = 2; i <= CANDIDATES; i++) if (offer.strengths[i] < offer.strengths[at]) at = i;
    if (offer.strengths[at] >= strength) return;
  }
  offer.lags[at] = lag;
  offer.strengths[at] = strength;
}
