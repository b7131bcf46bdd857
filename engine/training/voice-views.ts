/** What a converter lets hear while it trains: held-out sentences said by another voice, as WAV files under `previews/`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeWav } from '../audio/wav.ts';
import { MEL_BINS, SAMPLE_RATE_HZ } from '../core/analysis.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import type { AudioSet } from '../core/audio-set.ts';
import type { Converter } from '../models/voice-converter.ts';
import { PROSODY_COLUMNS } from '../models/voice-frames.ts';
import { prosodyRows } from '../models/voice-frames.ts';
import type { Views, ViewsContext } from './views.ts';
import { voicePass, type VoicePass } from './voice-pass.ts';

/** Sound of log-mel spectra `[frames, MEL_BINS]`, `[frames * HOP_SAMPLES]`. */
export type SpeakMel = (mel: Float32Array, frames: number) => Promise<Float32Array>;

const MOST_VOICES = 6;
const MOST_FRAMES = 516;

/** Every voice, up to six, says a sentence of the next one. */
export function createVoiceViews({ run, model, device, state, weights }: ViewsContext, set: AudioSet, speak?: SpeakMel): Views {
  const converter = model as Converter;
  let pass: VoicePass | undefined;
  const held = set.split.validation.length > 0 ? set.split.validation : set.split.test.length > 0 ? set.split.test : set.split.train;
  const sentences = set.speakers.map((_, speaker) => [...held].filter((u) => set.utterances[u].speaker === speaker).sort((a, b) => set.utterances[b].frames - set.utterances[a].frames)[0]);
  return {
    frequencies: null,
    async preview(step) {
      if (!speak) return;
      pass ??= voicePass(device, converter, state, weights);
      const table = (await state.read([weights + converter.table]))[weights + converter.table].slice() as Float32Array;
      const { speakerSize } = converter.config;
      const folder = join(run.folder, 'previews', String(step).padStart(8, '0'));
      await mkdir(folder, { recursive: true });
      const count = Math.min(MOST_VOICES, set.speakers.length);
      for (let target = 0; target < count; target++) {
        const source = (target + 1) % set.speakers.length;
        const utterance = sentences[source];
        if (utterance === undefined) continue;
        const frames = Math.min(MOST_FRAMES, set.utterances[utterance].frames);
        const features = await set.readFeatures(utterance, 0, frames);
        const codes = await pass.encode(features.logMel, frames);
        const prosody = prosodyRows(features, set.speakers[source].medianF0Hz);
        const median = set.speakers[target].medianF0Hz;
        for (let t = 0; t < frames; t++) prosody[t * PROSODY_COLUMNS] = (median > 0 ? median : prosody[t * PROSODY_COLUMNS]) * Math.exp(median > 0 ? prosody[t * PROSODY_COLUMNS + 2] : 0);
        const mel = await pass.decode(codes, prosody, frames, table.slice(target * speakerSize, (target + 1) * speakerSize));
        const name = `${safe(set.speakers[source].name)} as ${safe(set.speakers[target].name)}.wav`;
        await writeFileAtomic(join(folder, name), encodeWav(await speak(mel.subarray(0, frames * MEL_BINS), frames), SAMPLE_RATE_HZ));
      }
    },
    frame: async () => false,
    dispose: () => pass?.dispose(),
  };
}

const safe = (name: string): string => name.replace(/[^\p{L}\p{N} ._-]/gu, '_').slice(0, 40);
