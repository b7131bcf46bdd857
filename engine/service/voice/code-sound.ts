import { PROSODY_COLUMNS } from '../../models/voice-frames.ts';
import type { OpenVoices } from './open-voices.ts';

/** Level at which codes are read aloud: (dB + 30) / 20. */
const LEVEL = 0.35;
const FADE_FRAMES = 4;

/**
 * Codes read aloud in a voice at one pitch.
 * @param codes `[moments * levels]`
 * @returns samples at `SAMPLE_RATE_HZ`
 */
export async function speakCodes({ model, speak }: OpenVoices, codes: Int32Array, voice: number, f0Hz?: number): Promise<Float32Array> {
  const frames = (codes.length / model.converter.levels) * 2;
  const median = model.about.speakers[voice].medianF0Hz || 150;
  const pitch = f0Hz ?? median;
  const prosody = new Float32Array(frames * PROSODY_COLUMNS);
  for (let t = 0; t < frames; t++) {
    const edge = Math.min(1, (t + 1) / FADE_FRAMES, (frames - t) / FADE_FRAMES);
    // Melodies fall a little, and so does this one.
    const hz = pitch * 2 ** (0.5 * (0.5 - t / frames) / 6);
    prosody.set([hz, 1, Math.log(hz / median), LEVEL - (1 - edge)], t * PROSODY_COLUMNS);
  }
  const mel = await model.decode(codes, prosody, frames, model.voice(voice));
  return speak(model.colour(mel, voice), frames);
}
