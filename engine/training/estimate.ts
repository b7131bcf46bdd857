import { freemem } from 'node:os';
import type { Estimate } from '../../electron/contract/index.ts';
import { sizeOf } from '../core/axes.ts';
import type { ImageSet } from '../core/image-set.ts';
import { rng } from '../core/rng.ts';
import type { Device } from '../device/types.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { measureCosts, secondsOf, stepsWithin } from './calibrate.ts';
import { modelOf, type Subject } from './checkpoint.ts';
import { codeSet } from './code-set.ts';
import { priorModelOf } from './codec.ts';
import { createInspector } from './inspector.ts';
import { planRun } from './plan.ts';
import { planPriorRun, type PriorRequest } from './prior-run.ts';
import { openSession } from './session.ts';
import type { RunInfo, RunRequest } from './types.ts';

/**
 * What a training would take, measured over a few real steps of the real graph on the device.
 * @throws AtelierError as `planRun`, or when the graph does not fit into memory
 */
export async function estimate(request: RunRequest, images: ImageSet, device: Device): Promise<Estimate> {
  const info = planRun(request, images, device.report.id, '');
  return measure(info, modelOf(info), images, device);
}

/**
 * The same of a prior over the codes of a run. The codes it is measured on are drawn at random, which takes the same time.
 * @param images the run's own
 * @throws AtelierError as `createPriorRun`
 */
export async function estimatePrior(codec: RunFolder, request: PriorRequest, images: ImageSet, device: Device, step?: number): Promise<Estimate> {
  const { record } = await planPriorRun(codec, request, device.report.id, '', step);
  const model = priorModelOf(record);
  const draw = rng(0, 'estimate');
  const codes = new Int32Array(images.count * model.cells);
  for (const { grid } of model.levels) {
    const part = grid.codes / grid.alphabets;
    for (let item = 0; item < images.count; item++) {
      for (let cell = 0; cell < grid.height * grid.width; cell++) codes[item * model.cells + grid.at + cell] = grid.first + ((cell % grid.width) % grid.alphabets) * part + draw.int(part);
    }
  }
  return measure(record, model, codeSet(images, codes, model), device);
}

async function measure(info: RunInfo, model: Subject, images: ImageSet, device: Device): Promise<Estimate> {
  const before = process.memoryUsage().rss;
  const session = await openSession(info, model, images, device);
  const inspector = createInspector(device, model, session.state, session.weights, info.seed);
  try {
    const plan = info.training;
    const costs = await measureCosts(session, inspector, images, { most: 3, seconds: 4, steps: plan.steps ?? 1000 });
    const { measured, losses } = costs;
    const stateBytes = Object.values(session.state.specs).reduce((bytes, { shape }) => bytes + 4 * sizeOf(shape), 0);
    // Two sets of the state are held in turn; the rest is what the steps were seen to take.
    const memoryBytes = Math.max(process.memoryUsage().rss - before, 2 * stateBytes);
    const steps = Math.min(plan.steps ?? Infinity, plan.minutes === undefined ? Infinity : stepsWithin(plan.minutes * 60, costs, plan));
    const totalSec = secondsOf(steps, costs, plan);
    const freeMemoryBytes = freemem();
    const warnings: string[] = [];
    if (memoryBytes > 0.8 * freeMemoryBytes) warnings.push('This may not fit into the free memory. Take a smaller batch, a narrower model or smaller pictures.');
    if (totalSec > 8 * 3600) warnings.push(`This takes about ${Math.round(totalSec / 3600)} hours. A narrower model, smaller pictures or a larger stride are quicker.`);
    const epochs = (steps * session.batchSize) / images.split.train.length;
    if (epochs < 2) warnings.push(`Each picture will be seen ${epochs.toFixed(1)} times; that is little. Give it more time, or take a quicker preset.`);
    if (session.batchSize < plan.batchSize) warnings.push(`There are only ${images.split.train.length} pictures to train on, fewer than a batch of ${plan.batchSize}.`);
    if (losses.some((loss) => !Number.isFinite(loss))) warnings.push('The first steps already gave values that are not finite. Take a lower learning rate.');
    return {
      device: device.report.id,
      parameters: info.parameters,
      secondsPerStep: costs.step,
      steps,
      totalSec,
      memoryBytes,
      freeMemoryBytes,
      basis: `Measured over ${measured} step${measured === 1 ? '' : 's'} of ${session.batchSize} pictures on ${device.report.name}.`,
      warnings,
    };
  } finally {
    inspector.dispose();
    session.dispose();
  }
}
