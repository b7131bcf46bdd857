import { expect, test } from 'vitest';
import type { Inspector } from './inspector.ts';
import { lengthOf } from './length.ts';
import type { Session } from './session.ts';
import type { ImageSet } from '../core/image-set.ts';
import type { RunInfo, TrainingPlan } from './types.ts';

/** A run that has begun: its steps are fixed, so nothing is measured. */
async function begun(training: Partial<TrainingPlan>) {
  const run = {
    info: { training } as RunInfo,
    async update(change: Partial<RunInfo>) {
      Object.assign(run.info, change);
      return run.info;
    },
  };
  const unused = {} as Session & Inspector & ImageSet;
  const length = await lengthOf({ run, images: unused, session: unused, inspector: unused, done: 0, trainedSec: 0, begun: true, say: () => {} });
  return { run, length };
}

/** Trains with a clock of so many seconds a step, at most `most` steps. */
async function train({ length }: Awaited<ReturnType<typeof begun>>, secondsOf: (step: number) => number, most = 10000) {
  let done = 0;
  let elapsed = 0;
  while (done < length.steps && done < most) {
    elapsed += secondsOf(done);
    await length.revise(++done, elapsed);
  }
  return { done, elapsed };
}

test('a plan of steps never changes', async () => {
  const plan = await begun({ steps: 40 });
  expect((await train(plan, () => 100)).done).toBe(40);
  expect(plan.run.info.training).toEqual({ steps: 40 });
});

test('minutes measured on a busy moment are fitted to what the machine does later', async () => {
  const plan = await begun({ minutes: 1, steps: 1 });
  const { done, elapsed } = await train(plan, () => 0.5);
  expect(elapsed).toBeGreaterThan(50);
  expect(elapsed).toBeLessThanOrEqual(66);
  expect(plan.run.info.training.steps).toBe(done);
});

test('a machine that gets slower still ends in time', async () => {
  const plan = await begun({ minutes: 2, steps: 240 });
  const { done, elapsed } = await train(plan, (step) => (step < 60 ? 0.5 : 2));
  expect(elapsed).toBeLessThanOrEqual(124);
  expect(elapsed).toBeGreaterThan(105);
  expect(done).toBeLessThan(120);
});

test('a small departure leaves the schedule alone', async () => {
  const plan = await begun({ minutes: 1, steps: 118 });
  expect((await train(plan, () => 0.5)).done).toBe(118);
});
