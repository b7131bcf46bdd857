import { FRAME_SAMPLES, framesOf, hann, HOP_SAMPLES } from '../core/analysis.ts';
import type { Features } from '../core/audio-set.ts';
import { logMel } from './log-mel.ts';
import { trackPitch, type PitchRange } from './pitch.ts';

export { logMel } from './log-mel.ts';
export { rangeAround, trackPitch } from './pitch.ts';

export const ENERGY_FLOOR_DB = -100;

/**
 * Everything models of voices read, per frame of `engine/core/analysis.ts`.
 * @param samples in [-1, 1] at `SAMPLE_RATE_HZ`
 * @param range of F0, where it is known
 */
export function analyse(samples: Float32Array, range?: PitchRange): Features {
  return { frames: framesOf(samples.length), logMel: logMel(samples), ...trackPitch(samples, range), energyDb: energyDb(samples) };
}

/** Level of every frame under its window in dB; a sine of full scale has -3. `[T]` */
export function energyDb(samples: Float32Array): Float32Array {
  const window = hann(FRAME_SAMPLES);
  const total = window.reduce((sum, w) => sum + w * w, 0);
  return Float32Array.from({ length: framesOf(samples.length) }, (_, t) => {
    const from = t * HOP_SAMPLES + (HOP_SAMPLES - FRAME_SAMPLES) / 2;
    let sum = 0;
    for (let i = Math.max(0, -from); i < FRAME_SAMPLES && from + i < samples.length; i++) {
      const value = samples[from + i] * window[i];
      sum += value * value;
    }
    return Math.max(ENERGY_FLOOR_DB, 10 * Math.log10(sum / total + 1e-20));
  });
}
