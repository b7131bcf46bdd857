import { analyse } from '../../audio/features.ts';
import { gainTo } from '../../audio/loudness.ts';
import { SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import { medianF0 } from '../../metrics/voice.ts';
import { prosodyRows } from '../../models/voice-frames.ts';
import type { VoiceModel } from '../../training/voice-model.ts';
import type { SourceProfile } from './convert-pieces.ts';

/** A source is judged by its first so many seconds. */
export const JUDGED_SEC = 40;

/** What is known of a source from its beginning. @param samples at `SAMPLE_RATE_HZ`, its first `JUDGED_SEC` seconds or all of it */
export async function profileOf(model: VoiceModel, samples: Float32Array): Promise<SourceProfile> {
  const gain = gainTo(samples, SAMPLE_RATE_HZ);
  const heard = samples.subarray(0, JUDGED_SEC * SAMPLE_RATE_HZ).map((v) => v * gain);
  const features = analyse(heard.length > 0 ? heard : new Float32Array(256));
  const medianF0Hz = medianF0(features.f0Hz);
  return { gain, medianF0Hz, voice: await model.listen(features.logMel, prosodyRows(features, medianF0Hz), features.frames) };
}

/** The first `seconds` of sound that comes in pieces. */
export async function beginning(pieces: AsyncIterable<Float32Array>, seconds = JUDGED_SEC): Promise<Float32Array> {
  const most = Math.round(seconds * SAMPLE_RATE_HZ);
  const parts: Float32Array[] = [];
  let count = 0;
  for await (const piece of pieces) {
    parts.push(piece);
    count += piece.length;
    if (count >= most) break;
  }
  const out = new Float32Array(count);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out.subarray(0, most);
}
