import { sizeOf } from '../core/axes.ts';
import type { ImageSet } from '../core/image-set.ts';
import type { HostArray } from '../device/types.ts';
import { EVALUATED, heldOut } from './evaluate.ts';
import type { Inspector } from './inspector.ts';
import { cadence } from './plan.ts';
import type { Session } from './session.ts';
import type { TrainingPlan } from './types.ts';
import { mapItems } from './views.ts';

/**
 * Time of a step, measured on real steps whose effect is undone.
 * @returns seconds: the median of up to `most` steps after one that warms up
 */
export async function calibrate(session: Session, options: { most: number; seconds: number; steps: number }): Promise<{ secondsPerStep: number; measured: number; losses: number[] }> {
  const names = Object.keys(session.state.specs);
  const before: Record<string, HostArray> = Object.fromEntries(Object.entries(await session.state.read(names)).map(([name, values]) => [name, values.slice()]));
  const times: number[] = [];
  const losses: number[] = [];
  const began = performance.now();
  for (let i = 0; i <= options.most; i++) {
    const from = performance.now();
    losses.push((await session.step({ step: i, steps: options.steps })).loss);
    const now = performance.now();
    if (i > 0 || options.most === 0) times.push((now - from) / 1000);
    await new Promise((resolve) => setImmediate(resolve));
    if (times.length > 0 && (now - began) / 1000 > options.seconds) break;
  }
  await session.state.write(before);
  times.sort((a, b) => a - b);
  return { secondsPerStep: times[times.length >> 1], measured: times.length, losses };
}

/** Seconds of all that a run does. */
export interface Costs {
  step: number;
  /** One held-out item through the model. */
  item: number;
  /** Bytes of a checkpoint. */
  bytes: number;
  evaluated: number;
  mapped: number;
}

const PREVIEW_SECONDS = 0.3;
const CHECKPOINT_SECONDS = 0.05;
const BYTES_PER_SECOND = 2e8;

/** Seconds that so many steps take, with the evaluations, previews, map frames and checkpoints between them. */
export function secondsOf(steps: number, costs: Costs, plan: TrainingPlan): number {
  const every = cadence(plan, steps);
  const looks = Math.ceil(steps / every.evaluate);
  const views = Math.ceil(steps / every.views) + 1;
  const checkpoints = Math.ceil(steps / plan.checkpointEvery) + 1;
  return (
    steps * costs.step +
    looks * costs.evaluated * costs.item +
    views * (costs.mapped * costs.item + PREVIEW_SECONDS) +
    checkpoints * (CHECKPOINT_SECONDS + costs.bytes / BYTES_PER_SECOND)
  );
}

/** The most steps that fit into so many seconds, at least 1. */
export function stepsWithin(seconds: number, costs: Costs, plan: TrainingPlan): number {
  let low = 1;
  let high = Math.max(2, Math.ceil(seconds / costs.step));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (secondsOf(middle, costs, plan) <= seconds) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Measures the step and a look at some held-out items. */
export async function measureCosts(session: Session, inspector: Inspector, images: ImageSet, options: { most: number; seconds: number; steps: number }): Promise<Costs & { measured: number; losses: number[] }> {
  const { secondsPerStep, measured, losses } = await calibrate(session, options);
  const items = heldOut(images, SOME_ITEMS);
  await inspector.run(images, items.slice(0, 1));
  await inspector.run(images, items);
  const from = performance.now();
  await inspector.run(images, items, { latents: true });
  const item = (performance.now() - from) / 1000 / items.length;
  const bytes = Object.values(session.state.specs).reduce((n, { shape }) => n + 4 * sizeOf(shape), 0);
  return { step: secondsPerStep, item, bytes, evaluated: heldOut(images, EVALUATED).length, mapped: session.model.latent ? mapItems(images, session.model.latent.size).length : 0, measured, losses };
}

const SOME_ITEMS = 32;
