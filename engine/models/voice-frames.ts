/** How frames of sound are packed for models of voices: one row of numbers a frame, see `engine/core/analysis.ts` for their source. */
import { MEL_BINS } from '../core/analysis.ts';
import type { Features } from '../core/audio-set.ts';

/** First column of each part of a row; the log-mel spectrum comes first. */
export const COLUMN = {
  /** F0 in Hz, drawn on through unvoiced stretches. */
  f0Hz: MEL_BINS,
  /** 1 where voiced, else 0. */
  voiced: MEL_BINS + 1,
  /** ln(F0 / the speaker's median F0), drawn on through unvoiced stretches. */
  relativeF0: MEL_BINS + 2,
  /** Level: (dB of full scale + 30) / 20. */
  level: MEL_BINS + 3,
} as const;
export const FRAME_COLUMNS = MEL_BINS + 4;
/** Columns beside the spectrum. */
export const PROSODY_COLUMNS = FRAME_COLUMNS - MEL_BINS;

/** What a speaker is that is hardly ever voiced. */
export const DEFAULT_F0_HZ = 150;

/** F0 with straight lines (over log F0) through unvoiced stretches; `otherwise` where nothing is voiced. `[T]` */
export function drawOn(f0Hz: ArrayLike<number>, otherwise: number): Float32Array {
  const out = new Float32Array(f0Hz.length);
  let last = -1;
  for (let t = 0; t <= f0Hz.length; t++) {
    if (t < f0Hz.length && !(f0Hz[t] > 0)) continue;
    const left = last >= 0 ? Math.log(f0Hz[last]) : t < f0Hz.length ? Math.log(f0Hz[t]) : Math.log(otherwise);
    const right = t < f0Hz.length ? Math.log(f0Hz[t]) : left;
    for (let i = last + 1; i < t; i++) out[i] = Math.exp(left + ((right - left) * (i - last)) / (t - last));
    if (t < f0Hz.length) out[t] = f0Hz[t];
    last = t;
  }
  return out;
}

/** Prosody of frames, `[T, PROSODY_COLUMNS]`, in the order of the columns. @param medianF0Hz of the speaker; 0 is unknown */
export function prosodyRows(features: Pick<Features, 'frames' | 'f0Hz' | 'energyDb'>, medianF0Hz: number): Float32Array {
  const median = medianF0Hz > 0 ? medianF0Hz : DEFAULT_F0_HZ;
  const f0 = drawOn(features.f0Hz, median);
  const rows = new Float32Array(features.frames * PROSODY_COLUMNS);
  for (let t = 0; t < features.frames; t++) {
    rows[t * 4] = f0[t];
    rows[t * 4 + 1] = features.f0Hz[t] > 0 ? 1 : 0;
    rows[t * 4 + 2] = Math.log(f0[t] / median);
    rows[t * 4 + 3] = (features.energyDb[t] + 30) / 20;
  }
  return rows;
}

/** Spectrum and prosody side by side, `[T, FRAME_COLUMNS]`. */
export function packFrames(features: Features, medianF0Hz: number): Float32Array {
  const prosody = prosodyRows(features, medianF0Hz);
  const rows = new Float32Array(features.frames * FRAME_COLUMNS);
  for (let t = 0; t < features.frames; t++) {
    rows.set(features.logMel.subarray(t * MEL_BINS, (t + 1) * MEL_BINS), t * FRAME_COLUMNS);
    rows.set(prosody.subarray(t * PROSODY_COLUMNS, (t + 1) * PROSODY_COLUMNS), t * FRAME_COLUMNS + MEL_BINS);
  }
  return rows;
}
