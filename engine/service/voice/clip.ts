import type { AudioClip } from '../../../electron/contract/index.ts';
import { encodeWav } from '../../audio/wav.ts';
import { SAMPLE_RATE_HZ } from '../../core/analysis.ts';

const MOST_PEAKS = 1600;

/** A clip for the window. @param samples in [-1, 1] at `SAMPLE_RATE_HZ` */
export function clipOf(samples: Float32Array): AudioClip {
  const count = Math.max(1, Math.min(MOST_PEAKS, Math.ceil(samples.length / 64)));
  const peaks = new Float32Array(count * 2);
  for (let i = 0; i < count; i++) {
    const to = Math.floor((samples.length * (i + 1)) / count);
    let low = 0;
    let high = 0;
    for (let n = Math.floor((samples.length * i) / count); n < to; n++) {
      if (samples[n] < low) low = samples[n];
      if (samples[n] > high) high = samples[n];
    }
    peaks[2 * i] = low;
    peaks[2 * i + 1] = high;
  }
  return { mime: 'audio/wav', bytes: encodeWav(samples, SAMPLE_RATE_HZ), sampleRateHz: SAMPLE_RATE_HZ, durationSec: samples.length / SAMPLE_RATE_HZ, peaks };
}
