import type { RunStatus, StageKind } from '../../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { openImages } from '../../data/index.ts';
import { openDevice } from '../../device/index.ts';
import type { DeviceId } from '../../device/types.ts';
import { openPipeline, stageTitles, type PipelineFolder } from '../../store/pipeline-folder.ts';
import { createControl, type TrainingProgress } from '../../training/index.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { shares } from './planned.ts';
import { drawSamples, evaluateBoth, trainCodec, trainOverCodes, type Bench } from './stages.ts';

/** Walks the guided path to its end, a pause or a cancel; stages that are done are passed over. */
export const walkPipeline: TaskFunction<'pipeline'> = async ({ pipeline }, context) => {
  const { log, signal } = context;
  const path = await openPipeline(pipeline);
  await path.lock();
  const control = createControl();
  context.onPause(() => control.pause());
  if (signal.aborted) control.cancel();
  else signal.addEventListener('abort', () => control.cancel());
  try {
    const { data, device: id } = path.record;
    const stop = async (): Promise<RunStatus> => (await path.update({ status: control.request === 'cancel' ? 'cancelled' : 'paused' })).status;
    await path.update({ status: 'running', error: null });
    const say = (message: string): void => context.progress({ progress: doneBefore(path, 'evaluation'), etaSec: null, message });
    say('Opening the pictures');
    const images = await openImages(data.ref, { size: data.width, channels: data.channels as 1 | 3 | 4 });
    try {
      say('Preparing the device');
      const device = await openDevice(id as DeviceId);
      try {
        const bench = (kind: StageKind, onProgress?: (progress: TrainingProgress) => void): Bench => ({
          path, images, device, control, log,
          onProgress(progress) {
            onProgress?.(progress);
            context.progress(overall(path, kind, progress, device.report.name));
          },
        });
        const steps: [StageKind, (bench: Bench) => Promise<boolean | void>][] = [
          ['codec', trainCodec],
          ['prior', trainOverCodes],
          ['samples', drawSamples],
          ['evaluation', evaluateBoth],
        ];
        for (const [kind, work] of steps) {
          if (control.request !== 'go') return { status: await stop() };
          if (stageOf(path, kind).state === 'done') continue;
          const began = performance.now();
          const spent = stageOf(path, kind).state === 'running' ? (stageOf(path, kind).seconds ?? 0) : 0;
          await turn(path, kind === 'prior' && stageOf(path, 'codes').state !== 'done' ? 'codes' : kind, 'running');
          // The codes are written within the prior's training, before its first step.
          let writing: Promise<unknown> = Promise.resolve();
          let codes = kind === 'prior' && stageOf(path, 'codes').state !== 'done';
          const onProgress = ({ step }: TrainingProgress): void => {
            if (!codes || step === 0) return;
            codes = false;
            writing = turn(path, 'codes', 'done', (performance.now() - began) / 1000).then(() => turn(path, 'prior', 'running'));
          };
          context.progress(overall(path, kind, { progress: 0, etaSec: null, message: stageTitles[kind] }, device.report.name));
          const whole = await work(bench(kind, onProgress));
          await writing;
          if (whole === false) return { status: await stop() };
          if (codes) await turn(path, 'codes', 'done', null);
          await turn(path, kind, 'done', spent + (performance.now() - began) / 1000);
        }
        return { status: (await path.update({ status: 'finished' })).status };
      } finally {
        device.dispose();
      }
    } finally {
      await images.close();
    }
  } catch (thrown) {
    const error = toAtelierError(thrown, `on the way from ${path.record.data.name} to samples`);
    await path.update({ status: 'failed', error: error.toValue() }).catch(() => {}); // the disk itself may be what failed
    throw error instanceof AtelierError ? error : thrown;
  } finally {
    await path.unlock();
  }
};

const stageOf = (path: PipelineFolder, kind: StageKind) => path.record.stages.find((stage) => stage.kind === kind)!;

const turn = (path: PipelineFolder, kind: StageKind, state: 'running' | 'done', seconds?: number | null) =>
  path.update({ stages: path.record.stages.map((stage) => (stage.kind === kind ? { ...stage, state, seconds: seconds === undefined ? stage.seconds : seconds } : stage)) });

/** Part of the whole that is done before a stage begins, 0 to 1. */
function doneBefore(path: PipelineFolder, kind: StageKind): number {
  let sum = 0;
  for (const stage of path.record.stages) {
    if (stage.kind === kind) break;
    if (stage.state === 'done') sum += shares[stage.kind];
  }
  return sum;
}

/** Progress of the whole, and the time left: of this stage as measured, of those that wait as planned. */
function overall(path: PipelineFolder, kind: StageKind, { progress, etaSec, message }: Pick<TrainingProgress, 'progress' | 'etaSec' | 'message'>, device: string) {
  const whole = doneBefore(path, kind) + shares[kind] * progress;
  const after = path.record.stages.slice(path.record.stages.findIndex((stage) => stage.kind === kind) + 1);
  const known = etaSec !== null && after.every((stage) => stage.seconds !== null);
  // Without a plan in minutes the stages to come are guessed from their usual parts of the whole.
  const left = known ? etaSec + after.reduce((sum, stage) => sum + stage.seconds!, 0) : etaSec !== null && progress > 0.05 && progress < 1 ? (etaSec / (shares[kind] * (1 - progress) || 1)) * (1 - whole) : null;
  return { progress: whole, etaSec: left, message: message === stageTitles[kind] ? message : `${stageTitles[kind]}: ${message}`, device };
}
