import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { openDevice } from '../../device/index.ts';
import type { DeviceId } from '../../device/types.ts';
import { vocoder } from '../../models/vocoder.ts';
import { voiceConverter } from '../../models/voice-converter.ts';
import { openRun } from '../../store/run-folder.ts';
import { createControl, startTraining, trainPrior } from '../../training/index.ts';
import { openRunData } from '../open-data.ts';
import type { TaskFunction } from '../worker-messages.ts';

/** Trains a run, or goes on with it. The run says itself how it ended. */
export const train: TaskFunction<'train'> = async ({ run: path }, context) => {
  const { log, signal } = context;
  const run = await openRun(path, { log });
  const control = createControl();
  context.onPause(() => control.pause());
  // The wish may have come while the code was being loaded.
  if (signal.aborted) control.cancel();
  else signal.addEventListener('abort', () => control.cancel());
  const say = (message: string): void => context.progress({ progress: 0, etaSec: null, message });

  if (run.info.family === voiceConverter.kind) {
    const { trainVoiceRun } = await import('../voice/train-voices.ts');
    return trainVoiceRun(run, control, context);
  }
  if (run.info.family === vocoder.kind) {
    const { trainVocoderRun } = await import('../voice/train-vocoder.ts');
    return trainVocoderRun(run, control, context);
  }
  say('Opening the data');
  const images = await openRunData(run, log);
  try {
    say('Preparing the device');
    const device = await openDevice(run.info.device as DeviceId);
    try {
      const { name } = device.report;
      return await (run.info.codec ? trainPrior : startTraining)({
        run, images, device, log, control,
        onEvent: context.event,
        onProgress: ({ progress, etaSec, message }) => context.progress({ progress, etaSec, message, device: name }),
      });
    } finally {
      device.dispose();
    }
  } catch (thrown) {
    const error = toAtelierError(thrown, `training ${run.info.name}`);
    if (error.code !== 'busy') await run.update({ status: 'failed', error: error.toValue() }).catch(() => {}); // the disk itself may be what failed
    throw error instanceof AtelierError ? error : thrown;
  } finally {
    await images.close();
  }
};
