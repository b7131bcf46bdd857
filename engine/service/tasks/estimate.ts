import { openImages } from '../../data/index.ts';
import { openDevice } from '../../device/index.ts';
import { estimate } from '../../training/index.ts';
import { chooseDevice } from '../choose-device.ts';
import type { TaskFunction } from '../worker-messages.ts';

/** Measures a few steps of a training that is only thought of. */
export const estimateTraining: TaskFunction<'estimate'> = async ({ request }) => {
  const images = await openImages(request.data, { size: request.size });
  try {
    const device = await openDevice(await chooseDevice(request.device));
    try {
      return await estimate(request, images, device);
    } finally {
      device.dispose();
    }
  } finally {
    await images.close();
  }
};
