/** Conversion while somebody speaks: short chunks, a short look ahead, and what was said before as surroundings. */
import { analyse, rangeAround } from '../../audio/features.ts';
import { FRAME_RATE_HZ, HOP_SAMPLES, MEL_BINS } from '../../core/analysis.ts';
import { prosodyRows } from '../../models/voice-frames.ts';
import type { VoiceModel } from '../../training/voice-model.ts';
import type { SpeakMel } from '../../training/voice-views.ts';
import { createVoicing, type SourceProfile, type Target } from './convert-pieces.ts';

/** Frames that go out at a time: 116 ms. */
const CHUNK_FRAMES = 10;
export const CHUNK_SAMPLES = CHUNK_FRAMES * HOP_SAMPLES;
/** Frames beyond them that must have been heard: 116 ms. */
const AHEAD_FRAMES = 10;
/** Frames that each chunk is converted among; spectra before them are kept for the encoder's statistics. */
const NEAR_FRAMES = 64;
const HISTORY_FRAMES = 256;

export interface Live {
  /** Takes samples at `SAMPLE_RATE_HZ` as they come; gives converted ones, later by the chunk and the look ahead. */
  push(samples: Float32Array): Promise<Float32Array>;
  /** Seconds from a sound's coming in to its going out, apart from computing: the chunk and the look ahead. */
  readonly delaySec: number;
}

export function createLive(model: VoiceModel, speak: SpeakMel, profile: SourceProfile, target: Target): Live {
  const voicing = createVoicing(model, profile, target);
  const range = rangeAround(profile.medianF0Hz);
  const near = NEAR_FRAMES * HOP_SAMPLES;
  const past = new Float32Array(near);
  const mels = new Float32Array(HISTORY_FRAMES * MEL_BINS);
  let known = 0;
  let waiting: Float32Array = new Float32Array(0);
  let fade: Float32Array | null = null;
  const chunk = CHUNK_SAMPLES;
  const fadeLength = HOP_SAMPLES;

  const step = async (samples: Float32Array): Promise<Float32Array> => {
    past.copyWithin(0, chunk);
    for (let i = 0; i < chunk; i++) past[near - chunk + i] = samples[i] * profile.gain;
    const features = analyse(past, range);
    // The last frames' windows reach beyond what was heard: they are made again with the next chunk.
    mels.copyWithin(0, CHUNK_FRAMES * MEL_BINS);
    mels.set(features.logMel, (HISTORY_FRAMES - NEAR_FRAMES) * MEL_BINS);
    known = Math.min(HISTORY_FRAMES, known + CHUNK_FRAMES);
    const frames = Math.max(NEAR_FRAMES, known & ~1);
    const { levels } = model.converter;
    const all = await model.encode(mels.slice((HISTORY_FRAMES - frames) * MEL_BINS), frames);
    const codes = all.slice(all.length - (NEAR_FRAMES / 2) * levels);
    const prosody = voicing.prosody(prosodyRows(features, profile.medianF0Hz));
    const mel = voicing.spectra(await model.decode(codes, prosody, NEAR_FRAMES, voicing.voice));
    const spoken = await speak(mel, NEAR_FRAMES);
    const from = (NEAR_FRAMES - AHEAD_FRAMES - CHUNK_FRAMES) * HOP_SAMPLES;
    const own = spoken.slice(from, from + chunk);
    if (fade) for (let i = 0; i < fadeLength; i++) own[i] = fade[i] + (own[i] - fade[i]) * ((i + 0.5) / fadeLength);
    fade = spoken.slice(from + chunk, from + chunk + fadeLength);
    for (let i = 0; i < own.length; i++) own[i] /= profile.gain;
    return own;
  };

  return {
    delaySec: (CHUNK_FRAMES + AHEAD_FRAMES) / FRAME_RATE_HZ,
    async push(samples) {
      const all = new Float32Array(waiting.length + samples.length);
      all.set(waiting);
      all.set(samples, waiting.length);
      const out: Float32Array[] = [];
      let at = 0;
      for (; at + chunk <= all.length; at += chunk) out.push(await step(all.subarray(at, at + chunk)));
      waiting = all.slice(at);
      const result = new Float32Array(out.length * chunk);
      out.forEach((part, i) => result.set(part, i * chunk));
      return result;
    },
  };
}
