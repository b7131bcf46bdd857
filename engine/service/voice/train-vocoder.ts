import { toAtelierError } from '../../core/errors.ts';
import { openAudioSet } from '../../data/audio-set.ts';
import { openDevice } from '../../device/index.ts';
import type { DeviceId } from '../../device/types.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import type { RunInfo, TrainingControl } from '../../training/types.ts';
import { trainVocoder } from '../../training/vocoder-run.ts';
import type { TaskContext } from '../worker-messages.ts';

/** Trains a vocoder's run, or goes on with it. */
export async function trainVocoderRun(run: RunFolder, control: TrainingControl, context: TaskContext): Promise<RunInfo> {
  context.progress({ progress: 0, etaSec: null, message: 'Opening the recordings' });
  try {
    const set = await openAudioSet(run.info.data.ref);
    try {
      const device = await openDevice(run.info.device as DeviceId);
      try {
        const { name } = device.report;
        return await trainVocoder({
          run, set, device, control, log: context.log,
          onEvent: context.event,
          onProgress: ({ progress, etaSec, message }) => context.progress({ progress, etaSec, message, device: name }),
        });
      } finally {
        device.dispose();
      }
    } finally {
      await set.close();
    }
  } catch (thrown) {
    const error = toAtelierError(thrown, `training ${run.info.name}`);
    if (error.code !== 'busy') await run.update({ status: 'failed', error: error.toValue() }).catch(() => {}); // the disk itself may be what failed
    throw error;
  }
}
