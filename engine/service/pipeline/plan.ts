import type { PipelinePlan, StageKind } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { openImages } from '../../data/index.ts';
import { openDevice } from '../../device/index.ts';
import { stageTitles } from '../../store/pipeline-folder.ts';
import { estimate } from '../../training/index.ts';
import { chooseDevice } from '../choose-device.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { choose, recommendedMinutes } from './choose.ts';
import { factsOf } from './facts.ts';
import { plannedSeconds } from './planned.ts';

/** Looks at the pictures, chooses, and measures a few steps of the codec. */
export const planPipeline: TaskFunction<'pipelinePlan'> = async ({ request }, { signal }) => {
  const calledOff = (): void => {
    if (signal.aborted) throw new AtelierError('cancelled', 'The estimate was called off.', 'Ask again.');
  };
  const images = await openImages(request.data, { size: request.size });
  try {
    const facts = await factsOf(images);
    calledOff();
    const device = await openDevice(await chooseDevice(request.device));
    try {
      calledOff();
      const { codec, choices } = choose(facts);
      const { steps } = request;
      const measured = await estimate({ family: codec.family, config: codec.config, training: { ...codec.training, steps: steps ?? 1000 } }, images, device);
      const batch = codec.training.batchSize!;
      const minutes = request.minutes ?? recommendedMinutes(measured.secondsPerStep, facts.train, Math.min(batch, facts.train));
      const planned = plannedSeconds({ minutes: steps === undefined ? minutes : null, codecSeconds: steps === undefined ? null : measured.totalSec });
      const kinds = Object.keys(stageTitles) as StageKind[];
      const warnings = measured.warnings.filter((warning) => !/^(Each picture|This takes about)/.test(warning));
      if (steps === undefined) {
        const codecSteps = planned.codec! / measured.secondsPerStep;
        const epochs = (codecSteps * Math.min(batch, facts.train)) / facts.train;
        if (epochs < 3) warnings.push(`The codec will see each picture ${epochs.toFixed(1)} times; that is little. Give it more time.`);
      }
      if (facts.train < 100) warnings.push(`There are only ${facts.train} pictures to learn from: the prior will soon repeat them.`);
      const totalSec = Object.values(planned).reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
      return {
        choices, warnings, minutes, totalSec,
        stages: kinds.map((kind) => ({ kind, title: stageTitles[kind], state: 'waiting', seconds: planned[kind], run: null })),
        memoryBytes: measured.memoryBytes,
        freeMemoryBytes: measured.freeMemoryBytes,
        device: measured.device,
        basis: `${measured.basis} ${request.minutes === undefined && steps === undefined ? `${minutes} minutes let the codec see each picture about ${Math.max(1, Math.round((planned.codec! / measured.secondsPerStep) * Math.min(batch, facts.train) / facts.train))} times.` : ''}`.trim(),
      } satisfies PipelinePlan;
    } finally {
      device.dispose();
    }
  } finally {
    await images.close();
  }
};
