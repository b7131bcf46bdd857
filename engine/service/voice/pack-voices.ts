import { AtelierError } from '../../core/errors.ts';
import { openRun } from '../../store/run-folder.ts';
import { writeBundle, type Bundle } from '../../training/voice-bundle.ts';
import { loadVocoder } from '../../training/vocoder-run.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { readVoices, voiceIndex } from './open-voices.ts';

/** The voices of a model, or some of them, as one file to use elsewhere, with the vocoder of a run if one is named. */
export const packVoices: TaskFunction<'packVoices'> = async ({ model, out, vocoder: vocoderRun, name, voices, small }) => {
  const bundle = await readVoices(model);
  if (name !== undefined) bundle.about.name = name;
  if (voices !== undefined) keepVoices(bundle, voices);
  if (vocoderRun !== undefined) {
    const { model: vocoder, weights } = await loadVocoder(await openRun(vocoderRun));
    for (const key of Object.keys(bundle.weights)) if (key.startsWith('vocoder/')) delete bundle.weights[key];
    for (const [part, tensor] of Object.entries(weights)) bundle.weights[`vocoder/${part}`] = tensor;
    bundle.about.vocoder = { ...vocoder.config };
  }
  await writeBundle(out, bundle, { small });
  return { path: out, voices: bundle.about.speakers.map((speaker) => speaker.name), vocoder: bundle.about.vocoder !== undefined };
};

/** Tables that have a row, or several, for each voice. */
const BY_VOICE = ['converter/voices/table', 'recogniser/voices', 'centroids', 'colour/mean', 'colour/gain'];

/** In place. @throws AtelierError 'not-found' naming the voices there are, 'bad-input' where none is left */
function keepVoices({ about, weights }: Bundle, names: readonly string[]): void {
  if (names.length === 0) throw new AtelierError('bad-input', 'No voice would be left.', 'Name the voices to keep.');
  const kept = names.map((name) => voiceIndex(about, name));
  for (const table of BY_VOICE) {
    const { shape, values } = weights[table];
    const each = values.length / about.speakers.length;
    weights[table] = { shape: [(shape[0] / about.speakers.length) * kept.length, ...shape.slice(1)], values: Float32Array.from(kept.flatMap((voice) => [...values.subarray(voice * each, (voice + 1) * each)])) };
  }
  about.speakers = kept.map((voice) => about.speakers[voice]);
}
