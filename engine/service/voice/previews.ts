import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { VoicePreviews } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { clipOf } from './clip.ts';
import { beginning } from './profile.ts';
import { soundOf } from './sound.ts';

/** The sentences that a training has written as WAV files, of one step or the newest. @throws AtelierError 'not-found' for a step without any */
export async function voicePreviews(run: string, step?: number): Promise<VoicePreviews | null> {
  const folder = join(run, 'previews');
  const names = await readdir(folder).catch(() => []);
  const steps = names.filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b);
  if (steps.length === 0) return null;
  const chosen = step ?? steps[steps.length - 1];
  if (!steps.includes(chosen)) throw new AtelierError('not-found', `There are no previews of step ${chosen}.`, `There are some of ${steps.join(', ')}.`);
  const here = join(folder, String(chosen).padStart(8, '0'));
  const files = (await readdir(here)).filter((name) => name.endsWith('.wav')).sort();
  const clips = await Promise.all(files.map(async (file) => ({ name: file.slice(0, -4), clip: clipOf(await beginning(soundOf(join(here, file)), 60)) })));
  return { step: chosen, steps, clips };
}
