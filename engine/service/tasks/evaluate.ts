import { openRunData } from '../open-data.ts';
import { remaining } from '../remaining.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { withTrained } from './with-trained.ts';

export const evaluate: TaskFunction<'evaluate'> = ({ run, split, limit, step }, { log, progress }) =>
  withTrained(run, step, log, async ({ folder, trained }) => {
    const images = await openRunData(folder, log);
    const eta = remaining();
    try {
      const result = await trained.evaluate(images, { split, limit, onProgress: (fraction) => progress({ progress: fraction, etaSec: eta(fraction), message: 'Evaluating' }) });
      const { metrics, items, seconds } = result;
      return { metrics, split: result.split, items, step: result.step, seconds };
    } finally {
      await images.close();
    }
  });
