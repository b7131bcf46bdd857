import { AtelierError } from '../../core/errors.ts';
import { openImages } from '../../data/index.ts';
import { openDevice } from '../../device/index.ts';
import { openRun } from '../../store/run-folder.ts';
import { estimate, estimatePrior } from '../../training/index.ts';
import { chooseDevice } from '../choose-device.ts';
import { openRunData } from '../open-data.ts';
import type { TaskFunction } from '../worker-messages.ts';

/** Measures a few steps of a training that is only thought of. */
export const estimateTraining: TaskFunction<'estimate'> = async ({ request }, { log, signal }) => {
  const calledOff = (): void => {
    if (signal.aborted) throw new AtelierError('cancelled', 'The estimate was called off.', 'Ask again.');
  };
  const codec = 'codesOf' in request ? await openRun(request.codesOf) : null;
  const images = 'codesOf' in request ? await openRunData(codec!, log) : await openImages(request.data, { size: request.size });
  try {
    calledOff();
    const device = await openDevice(await chooseDevice(request.device));
    try {
      calledOff();
      return await ('codesOf' in request ? estimatePrior(codec!, request, images, device, request.codesStep) : estimate(request, images, device));
    } finally {
      device.dispose();
    }
  } finally {
    await images.close();
  }
};
