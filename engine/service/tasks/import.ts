import { importImages } from '../../data/index.ts';
import { remaining } from '../remaining.ts';
import type { TaskFunction } from '../worker-messages.ts';

/** Brings pictures into the project. */
export const importData: TaskFunction<'import'> = async ({ project, options }, { signal, progress }) => {
  const eta = remaining();
  const info = await importImages(options, {
    project,
    signal,
    onProgress: (done: number, total: number) => progress({ progress: total ? done / total : 0, etaSec: eta(total ? done / total : 0), message: `${done} of ${total} pictures` }),
  });
  return { ref: info.ref };
};
