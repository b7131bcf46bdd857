/**
 * Runs that train voices: the run itself is the converter's; below it `recogniser/` is a run of its own, which is trained first. What both
 * have learned is put together as `voices.safetensors` at every preview and at the end.
 */
import { join } from 'node:path';
import type { AudioSet } from '../core/audio-set.ts';
import { AtelierError } from '../core/errors.ts';
import type { Device } from '../device/types.ts';
import { voiceConverter } from '../models/voice-converter.ts';
import { FRAME_COLUMNS } from '../models/voice-frames.ts';
import { voiceRecogniser } from '../models/voice-recogniser.ts';
import { BANDS } from '../audio/bands.ts';
import { countParameters } from '../nn/layer.ts';
import { createRun, openRun, type RunFolder } from '../store/run-folder.ts';
import { newRecord, presetOf } from './plan.ts';
import { startTraining } from './trainer.ts';
import type { RunInfo, RunRequest, TrainingOptions } from './types.ts';
import { assemble } from './voice-assemble.ts';
import { BUNDLE_FILE, writeBundle } from './voice-bundle.ts';
import { RECOGNISER_FRAMES } from './voice-model.ts';
import { createVoiceViews, type SpeakMel } from './voice-views.ts';
import { converterWindows, recogniserWindows } from './voice-windows.ts';
import type { Views } from './views.ts';

/** Frames of the converter's windows: two seconds and a quarter. */
const CONVERTER_FRAMES = 192;
const RECOGNISER = 'recogniser';
/** Steps of the recogniser; a short run of the converter has a short one. */
const recogniserSteps = (steps: number | undefined): number => Math.max(20, Math.min(900, (steps ?? 900) * 2));

export type VoiceRequest = Omit<RunRequest, 'family'>;

/**
 * Makes the run; nothing is trained yet.
 * @throws AtelierError 'bad-input' naming the setting, 'bad-data' where there is nothing to learn from
 */
export async function createVoiceRun(request: VoiceRequest, set: AudioSet, device: string, folder: string): Promise<RunFolder> {
  if (set.speakers.length === 0) throw new AtelierError('bad-data', `${set.name} has no speaker.`, 'Give one folder of recordings per speaker.');
  const preset = presetOf(voiceConverter, request.preset ?? 'standard');
  const config = voiceConverter.parse({ ...preset?.config, ...request.config });
  const classes = set.speakers.map(({ name }) => name);
  const data = (width: number, height: number): RunInfo['data'] => ({ ref: set.ref, name: set.name, fingerprint: set.fingerprint, width, height, channels: 1, classes });
  if (request.training?.augmentFlip) throw new AtelierError('bad-input', 'Speech cannot be mirrored as pictures can.', 'Leave mirroring off.');
  const model = voiceConverter.build(config, { width: FRAME_COLUMNS, height: CONVERTER_FRAMES, channels: 1, classes: classes.length });
  const common = { seed: request.seed, device };
  const record = newRecord({
    ...common, folder, family: voiceConverter, config,
    data: data(FRAME_COLUMNS, CONVERTER_FRAMES),
    name: request.name ?? `Voices of ${set.name}`,
    training: { ...preset?.training, ...request.training },
    parameters: countParameters(model.params),
  });
  const run = await createRun(folder, record);
  const ear = voiceRecogniser.parse({});
  const earData = data(BANDS, RECOGNISER_FRAMES);
  await createRun(join(folder, RECOGNISER), newRecord({
    ...common, folder: join(folder, RECOGNISER), family: voiceRecogniser, config: ear, data: earData, name: `Recogniser of ${record.name}`,
    training: { ...voiceRecogniser.presets[0].training, steps: recogniserSteps(record.training.steps), weightEma: 0, checkpointEvery: 300, evaluateEvery: 300 },
    parameters: countParameters(voiceRecogniser.build(ear, { ...earData, classes: classes.length }).params),
  }));
  return run;
}

export interface VoiceTraining extends Omit<TrainingOptions, 'images' | 'views'> {
  set: AudioSet;
  /** Makes previews heard; unset: there are none. */
  speak?: SpeakMel;
}

/** Trains the recogniser where that has not been done, then the converter, as `startTraining` does; writes the voices. */
export async function trainVoices(options: VoiceTraining): Promise<RunInfo> {
  const { run, set, device, speak, ...rest } = options;
  await run.lock();
  try {
    const ears = await openRun(join(run.folder, RECOGNISER));
    if (ears.info.status !== 'finished') {
      const images = await recogniserWindows(set, RECOGNISER_FRAMES);
      const heard = await startTraining({
        ...rest, run: ears, images, device,
        onEvent: undefined,
        onProgress: (now) => options.onProgress?.({ ...now, progress: 0, message: `Learning to tell the voices apart: ${now.message.toLowerCase()}` }),
        views: () => noViews,
      });
      if (heard.status !== 'finished') {
        const info = await run.update({ status: heard.status === 'cancelled' ? 'cancelled' : 'paused' });
        options.onEvent?.({ type: 'info', run: info });
        return info;
      }
    }
    const images = await converterWindows(set, run.info.data.height);
    const put = async (step: number, device: Device) => {
      const bundle = await assemble(run, set, images, device, step);
      await writeBundle(join(run.folder, BUNDLE_FILE), bundle);
      return bundle;
    };
    const info = await startTraining({ ...rest, run, images, device, views: (context) => createVoiceViews(context, set, speak) });
    if (info.step > 0) {
      options.onProgress?.({ step: info.step, steps: info.step, progress: 1, etaSec: null, elapsedSec: info.trainedSec, message: 'Putting the voices together' });
      await put(info.step, device);
    }
    return info;
  } finally {
    await run.unlock();
  }
}

const noViews: Views = { frequencies: null, preview: async () => {}, frame: async () => false, dispose: () => {} };
