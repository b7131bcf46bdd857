import { AtelierError } from '../../core/errors.ts';
import { vocoder, type Vocoder } from '../../models/vocoder.ts';
import { openRun } from '../../store/run-folder.ts';
import { subjectOf } from '../../training/checkpoint.ts';
import { writeBundle } from '../../training/voice-bundle.ts';
import { weightsOf } from '../../training/voice-assemble.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { readVoices } from './open-voices.ts';

/** The voices of a model as one file to use elsewhere, with the vocoder of a run if one is named. */
export const packVoices: TaskFunction<'packVoices'> = async ({ model, out, vocoder: vocoderRun, name }) => {
  const bundle = await readVoices(model);
  if (name !== undefined) bundle.about.name = name;
  if (vocoderRun !== undefined) {
    const run = await openRun(vocoderRun);
    if (run.info.family !== vocoder.kind) throw new AtelierError('bad-input', `"${run.info.name}" is no vocoder.`, 'Name the run of a vocoder.');
    const { speaking } = subjectOf(run.info) as unknown as Vocoder;
    const { weights } = await weightsOf(run, 'vocoder/');
    for (const key of Object.keys(bundle.weights)) if (key.startsWith('vocoder/')) delete bundle.weights[key];
    for (const part of speaking) bundle.weights[`vocoder/${part}`] = weights[`vocoder/${part}`];
    bundle.about.vocoder = run.info.config;
  }
  await writeBundle(out, bundle);
  return { path: out, voices: bundle.about.speakers.map((speaker) => speaker.name), vocoder: bundle.about.vocoder !== undefined };
};
