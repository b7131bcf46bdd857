import { SAMPLE_RATE_HZ } from '../core/analysis.ts';
import type { Pieces } from './decode.ts';
import { createResampler } from './resample.ts';

/** Channels whose correlation is under this cancel each other out when they are mixed. */
const OPPOSITE = -0.5;
/** Judged over the first so many seconds that have any sound. */
const JUDGED_SEC = 20;

/**
 * One channel at another rate, in pieces. Channels are averaged, unless two of them are opposite in phase: then the first is taken, with
 * a warning.
 */
export async function* monoAt(sound: Pieces, sampleRateHz = SAMPLE_RATE_HZ): AsyncGenerator<Float32Array> {
  const resampler = createResampler(sound.sampleRateHz, sampleRateHz);
  let waiting: Float32Array[][] = [];
  let judged = 0;
  let cross = 0, left = 0, right = 0;
  let mix: ((channels: Float32Array[]) => Float32Array) | null = null;
  const decide = (): void => {
    const opposite = left > 0 && right > 0 && cross / Math.sqrt(left * right) < OPPOSITE;
    if (opposite) sound.warnings.push('Its two channels are opposite in phase and would cancel each other out; only the left one was taken.');
    mix = opposite ? ([first]) => first : average;
  };
  const mixed = function* (): Generator<Float32Array> {
    for (const channels of waiting) yield resampler.push(mix!(channels));
    waiting = [];
  };
  for await (const channels of sound.pieces()) {
    waiting.push(channels);
    if (!mix && channels.length > 1) {
      const [a, b] = channels;
      for (let i = 0; i < a.length; i++) {
        cross += a[i] * b[i];
        left += a[i] * a[i];
        right += b[i] * b[i];
      }
      judged += a.length;
    }
    if (!mix && (channels.length === 1 || judged > JUDGED_SEC * sound.sampleRateHz)) decide();
    if (mix) yield* mixed();
  }
  if (!mix) decide();
  yield* mixed();
  yield resampler.flush();
}

function average(channels: Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0];
  const out = new Float32Array(channels[0].length);
  for (const channel of channels) for (let i = 0; i < out.length; i++) out[i] += channel[i] / channels.length;
  return out;
}

/** A whole sound as one channel. */
export async function readMono(sound: Pieces, sampleRateHz = SAMPLE_RATE_HZ): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for await (const part of monoAt(sound, sampleRateHz)) parts.push(part);
  const out = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
