import { AtelierError } from '../../core/errors.ts';
import { scoreTransfer } from '../../training/index.ts';
import { openRunData } from '../open-data.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { heard } from './heard.ts';
import { withTrained } from './with-trained.ts';

/** How well a run puts held-out pictures into other styles. */
export const transferScore: TaskFunction<'transfer-score'> = ({ run, limit, step }, { log, signal, progress }) =>
  withTrained(run, step, log, async ({ folder, trained, device }) => {
    if (!trained.model.restyle) throw new AtelierError('bad-input', `"${trained.info.name}" has no styles to draw in.`, 'Train a style VQ-VAE on one folder a style.');
    const images = await openRunData(folder, log);
    try {
      return await scoreTransfer(trained, images, device, { limit, onProgress: (fraction, message) => heard(signal) || progress({ progress: fraction, etaSec: null, message }) });
    } finally {
      await images.close();
    }
  });
