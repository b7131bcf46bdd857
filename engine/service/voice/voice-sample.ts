import { dirname, join } from 'node:path';
import type { AudioClip } from '../../../electron/contract/index.ts';
import { FRAME_RATE_HZ, SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import { openAudioSet } from '../../data/audio-set.ts';
import { openRun } from '../../store/run-folder.ts';
import { clipOf } from './clip.ts';
import { beginning } from './profile.ts';
import { BUILTIN_VOICES, bundlePath, readVoices, voiceIndex } from './open-voices.ts';
import { soundOf } from './sound.ts';

const SAMPLE_SEC = 6;

/** A few seconds of a voice from its own recordings: of the shipped voices from beside them, else a sentence that was not trained on. Null where the recordings are gone. */
export async function voiceSample(model: string, voice: string): Promise<AudioClip | null> {
  const { about } = await readVoices(model);
  const { name } = about.speakers[voiceIndex(about, voice)];
  if (model === BUILTIN_VOICES) return clipOf(await beginning(soundOf(join(dirname(await bundlePath(model)), 'samples', `${name}.wav`)), SAMPLE_SEC));
  const set = await openRun(model).then(({ info }) => openAudioSet(info.data.ref)).catch(() => null);
  if (!set) return null;
  try {
    const own = set.utterances.map((u, i) => ({ ...u, i })).filter((u) => set.speakers[u.speaker]?.name === name);
    const fit = own.find((u) => u.split !== 'train' && u.frames > 2 * FRAME_RATE_HZ) ?? own[0];
    return fit ? clipOf((await set.readSamples(fit.i)).subarray(0, SAMPLE_SEC * SAMPLE_RATE_HZ)) : null;
  } finally {
    await set.close();
  }
}
