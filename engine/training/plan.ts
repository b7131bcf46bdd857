import { randomBytes } from 'node:crypto';
import { trainingPlan } from '../../electron/contract/runs.ts';
import { AtelierError } from '../core/errors.ts';
import type { ImageSet } from '../core/image-set.ts';
import { familyOf } from '../models/index.ts';
import { countParameters } from '../nn/layer.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { specOf } from './checkpoint.ts';
import { partnersOf } from './partners.ts';
import type { RunInfo, RunRequest, TrainingPlan } from './types.ts';

/** Without steps or minutes. */
const DEFAULT_STEPS = 5000;

/**
 * Checks a request and completes it: preset, then the request's own settings over it.
 * @returns the record of a run that has not begun
 * @throws AtelierError 'not-found' (family), 'bad-input' (preset, setting, size, too few items)
 */
export function planRun(request: RunRequest, images: ImageSet, device: string, folder: string): RunInfo {
  const family = familyOf(request.family);
  const preset = presetOf(family, request.preset);
  if (images.split.train.length < 1) throw new AtelierError('bad-data', `${images.name} has no items to train on.`, 'Choose a larger set.');
  const config = family.parse({ ...preset?.config, ...request.config });
  const model = family.build(config, specOf(images));
  if (model.usesPartners === 'names' && partnersOf(images, 0).count === 0) {
    throw new AtelierError('bad-input', `${images.name} has no pairs: no picture to train on has its file name in another class.`, 'Give the same picture the same file name in each folder, or train without pairs.');
  }
  return newRecord({
    folder, family, config, device,
    name: request.name ?? `${family.title} on ${images.name}`,
    data: {
      ref: images.ref, name: images.name, fingerprint: images.fingerprint,
      width: images.width, height: images.height, channels: images.channels, classes: [...images.classes],
      ...(images.clip ? { clip: images.clip } : {}),
    },
    training: { ...preset?.training, ...request.training },
    seed: request.seed,
    parameters: countParameters(model.params),
  });
}

interface Kind {
  readonly kind: string;
  readonly title: string;
  readonly presets: readonly { id: string; config: object; training?: Partial<TrainingPlan> }[];
}

/** @throws AtelierError 'bad-input' naming the presets there are */
export function presetOf<K extends Kind>(family: K, id: string | undefined): K['presets'][number] | undefined {
  const preset = family.presets.find((p) => p.id === id);
  if (id !== undefined && !preset) throw new AtelierError('bad-input', `${family.title} has no preset '${id}'.`, `Presets: ${family.presets.map((p) => p.id).join(', ')}.`);
  return preset;
}

/** The record of a run that has not begun. @throws AtelierError 'bad-input' naming a setting of the plan */
export function newRecord(of: { folder: string; family: Kind; config: object; data: RunInfo['data']; name: string; training: Partial<TrainingPlan>; device: string; seed?: number; parameters: number }): RunInfo {
  const now = new Date().toISOString();
  return {
    run: of.folder,
    name: of.name,
    family: of.family.kind,
    config: of.config as Record<string, unknown>,
    data: of.data,
    training: parsePlan(of.training),
    device: of.device,
    seed: of.seed ?? 0,
    status: 'interrupted',
    step: 0,
    parameters: of.parameters,
    createdAt: now,
    updatedAt: now,
    trainedSec: 0,
    summary: {},
    diagnoses: [],
    error: null,
  };
}

function parsePlan(plan: Partial<TrainingPlan>): TrainingPlan {
  const given = Object.fromEntries(Object.entries(plan).filter(([, value]) => value !== undefined));
  const result = trainingPlan.strict().safeParse(given);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new AtelierError('bad-input', `Training setting '${issue.path.join('.') || 'plan'}': ${issue.message}.`, 'Correct the setting.');
  }
  return result.data.steps === undefined && result.data.minutes === undefined ? { ...result.data, steps: DEFAULT_STEPS } : result.data;
}

/**
 * Gives a run more to do before `startTraining`. The schedules stretch to the new end.
 * @param more.steps the new total number of steps
 * @param more.minutes added to those already trained
 * @throws AtelierError 'bad-input' when the new total is not beyond what is done
 */
export async function lengthen(run: RunFolder, more: { steps?: number; minutes?: number }): Promise<RunInfo> {
  const { step, training, trainedSec } = run.info;
  if (more.steps === undefined && more.minutes === undefined) return run.info;
  if (more.steps !== undefined && more.steps <= step) {
    throw new AtelierError('bad-input', `The run has done ${step} steps already; ${more.steps} is not more.`, `Ask for a total above ${step}.`);
  }
  const { steps: _steps, minutes: _minutes, ...rest } = training;
  const minutes = more.minutes === undefined ? undefined : trainedSec / 60 + more.minutes;
  return run.update({ training: { ...rest, ...(more.steps === undefined ? {} : { steps: more.steps }), ...(minutes === undefined ? {} : { minutes }) } });
}

/** A short name for a run's folder. */
export const runId = (family: string): string => `${family}-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`;

/** How often the costly views are made, so that they take a small part of the time whatever the length. */
export function cadence(plan: TrainingPlan, steps: number): { evaluate: number; views: number; log: number } {
  const evaluate = Math.max(plan.evaluateEvery, Math.ceil(steps / 200));
  return { evaluate, views: evaluate * Math.max(1, Math.ceil(steps / 40 / evaluate)), log: Math.max(1, Math.min(10, Math.floor(evaluate / 5))) };
}
