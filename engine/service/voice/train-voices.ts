import { toAtelierError } from '../../core/errors.ts';
import { openAudioSet } from '../../data/audio-set.ts';
import { openDevice } from '../../device/index.ts';
import type { DeviceId } from '../../device/types.ts';
import type { RunFolder } from '../../store/run-folder.ts';
import type { RunInfo, TrainingControl } from '../../training/types.ts';
import { trainVoices } from '../../training/voice-run.ts';
import type { TaskContext } from '../worker-messages.ts';
import { openSpeech, plainSpeech, shippedBundle } from './speak.ts';
import { readBundle } from '../../training/voice-bundle.ts';

/** Trains a run of voices, or goes on with it; with a vocoder its previews can be heard. */
export async function trainVoiceRun(run: RunFolder, control: TrainingControl, context: TaskContext): Promise<RunInfo> {
  const { log } = context;
  context.progress({ progress: 0, etaSec: null, message: 'Opening the recordings' });
  try {
    const set = await openAudioSet(run.info.data.ref);
    const device = await openDevice(run.info.device as DeviceId);
    try {
      const shipped = await Promise.resolve().then(() => readBundle(shippedBundle())).catch(() => null);
      const speech = shipped?.about.vocoder ? openSpeech(device, shipped) : plainSpeech;
      try {
        const { name } = device.report;
        return await trainVoices({
          run, set, device, log, control,
          speak: speech.speak,
          onEvent: context.event,
          onProgress: ({ progress, etaSec, message }) => context.progress({ progress, etaSec, message, device: name }),
        });
      } finally {
        speech.dispose();
      }
    } finally {
      device.dispose();
      await set.close();
    }
  } catch (thrown) {
    const error = toAtelierError(thrown, `training ${run.info.name}`);
    if (error.code !== 'busy') await run.update({ status: 'failed', error: error.toValue() }).catch(() => {}); // the disk itself may be what failed
    throw error;
  }
}
