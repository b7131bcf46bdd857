import { prepareAudio } from '../../data/prepare-audio.ts';
import { remaining } from '../remaining.ts';
import type { TaskFunction } from '../worker-messages.ts';

/** Reads recordings into a prepared set. */
export const prepare: TaskFunction<'prepare'> = async ({ options: { path, name, seed }, out }, { signal, progress }) => {
  const eta = remaining();
  const info = await prepareAudio({ path, out, name, seed, signal, onProgress: (fraction, message) => progress({ progress: fraction, etaSec: eta(fraction), message }) });
  return { ref: info.ref };
};
