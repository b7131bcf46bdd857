import { AtelierError } from '../core/errors.ts';

/** Zero crossings of the sinc to each side of a sample, at the lower of the two rates. */
const CROSSINGS = 48;
/** Kaiser's beta: what is stopped is 108 dB down (Kaiser and Schafer 1980). */
const BETA = 11;
/** Middle of the transition as a part of the lower rate's half, so that it is over there. */
const CUTOFF = 0.925;
/** Rates whose ratio needs more filters than this are rounded to a ratio that does not; off by under 0.01 %. */
const MOST_PHASES = 4096;

/** Changes the rate of a signal that comes in pieces; what it gives in all stands in time where the input did. */
export interface Resampler {
  /** @returns the samples that are whole by now */
  push(samples: Float32Array): Float32Array;
  /** The rest; in all round(input * to / from) samples. */
  flush(): Float32Array;
}

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let sum = 1, term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

function ratioOf(from: number, to: number): { up: number; down: number } {
  const common = divisor(from, to);
  if (to / common <= MOST_PHASES) return { up: to / common, down: from / common };
  return { up: MOST_PHASES, down: Math.round((MOST_PHASES * from) / to) };
}

/** Filters of every phase, `[phases, taps]`: filter p weighs the samples around a moment that lies p / phases after one. */
function filtersOf(up: number, down: number): { taps: number; reach: number; filters: Float32Array } {
  const scale = Math.min(1, up / down) * CUTOFF;
  const reach = Math.ceil(CROSSINGS / Math.min(1, up / down));
  const taps = 2 * reach;
  const filters = new Float32Array(up * taps);
  const top = bessel(BETA);
  for (let p = 0; p < up; p++) {
    let sum = 0;
    const row = new Float64Array(taps);
    for (let i = 0; i < taps; i++) {
      const t = i - reach + 1 - p / up;
      const x = t / reach;
      if (Math.abs(x) >= 1) continue;
      const angle = Math.PI * t * scale;
      row[i] = (Math.abs(angle) < 1e-9 ? 1 : Math.sin(angle) / angle) * (bessel(BETA * Math.sqrt(1 - x * x)) / top);
      sum += row[i];
    }
    for (let i = 0; i < taps; i++) filters[p * taps + i] = row[i] / sum;
  }
  return { taps, reach, filters };
}

/**
 * Band-limited interpolation by a polyphase windowed sinc (Smith, Digital Audio Resampling). Passes up to 0.85 of the lower rate's half
 * unchanged, stops what lies beyond that half by 100 dB.
 * @param fromHz @param toHz whole numbers
 * @throws AtelierError 'bad-data' for a rate that no sound has
 */
export function createResampler(fromHz: number, toHz: number): Resampler {
  if (!Number.isInteger(fromHz) || fromHz < 1000 || fromHz > 1_536_000) throw new AtelierError('bad-data', `A sample rate of ${fromHz} Hz.`, 'Sound has 1,000 to 1,536,000 samples a second; save the file again.');
  if (fromHz === toHz) return { push: (samples) => samples.slice(), flush: () => new Float32Array(0) };
  const { up, down } = ratioOf(fromHz, toHz);
  const { taps, reach, filters } = filtersOf(up, down);
  // `kept` begins at sample `start` of the input; zeros stand before its first.
  let kept = new Float32Array(reach - 1);
  let start = -(reach - 1);
  let given = 0;
  let made = 0;

  const make = (until: number): Float32Array => {
    const out = new Float32Array(Math.max(0, until - made));
    for (let i = 0; i < out.length; i++, made++) {
      const place = made * down;
      const at = Math.floor(place / up);
      const phase = place - at * up;
      const from = at - reach + 1 - start;
      const filter = phase * taps;
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += kept[from + k] * filters[filter + k];
      out[i] = sum;
    }
    const first = Math.floor((made * down) / up) - reach + 1;
    const done = Math.max(0, Math.min(kept.length, first - start));
    kept = kept.slice(done);
    start += done;
    return out;
  };
  const append = (samples: Float32Array): void => {
    const joined = new Float32Array(kept.length + samples.length);
    joined.set(kept);
    joined.set(samples, kept.length);
    kept = joined;
  };
  return {
    push(samples) {
      append(samples);
      given += samples.length;
      // An output at input place x needs samples up to floor(x) + reach.
      return make(Math.max(0, Math.floor(((given - reach - 1) * up) / down)));
    },
    flush() {
      append(new Float32Array(reach + 2));
      return make(Math.round((given * up) / down));
    },
  };
}

/** A whole signal at another rate, `[round(samples * to / from)]`. */
export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  const resampler = createResampler(fromHz, toHz);
  const parts = [resampler.push(samples), resampler.flush()];
  const out = new Float32Array(parts[0].length + parts[1].length);
  out.set(parts[0]);
  out.set(parts[1], parts[0].length);
  return out;
}
