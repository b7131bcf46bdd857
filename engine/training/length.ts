import type { ImageSet } from '../core/image-set.ts';
import type { RunFolder } from '../store/run-folder.ts';
import { measureCosts, stepsWithin } from './calibrate.ts';
import type { Inspector } from './inspector.ts';
import type { Session } from './session.ts';

/** How many steps a run has. Schedules depend on it, so a plan of minutes is turned into steps and written down. */
export interface Length {
  readonly steps: number;
  /**
   * Called after every step. A plan of minutes that the machine no longer keeps (it got busier, or quieter) is fitted to the
   * time that is left and written down again; a plan of steps never changes.
   * @param elapsedSec seconds trained so far
   */
  revise(done: number, elapsedSec: number): Promise<void>;
}

/** Looks at the clock this often, as a part of the minutes. */
const LOOK = 0.05;
/** Smaller departures than this part of the plan are left alone. */
const TOLERANCE = 0.08;

export async function lengthOf(options: {
  run: Pick<RunFolder, 'info' | 'update'>; images: ImageSet; session: Session; inspector: Inspector;
  done: number; trainedSec: number; begun: boolean; say: (message: string) => void;
}): Promise<Length> {
  const { run, begun } = options;
  const plan = run.info.training;
  if (plan.minutes === undefined) return { steps: plan.steps!, revise: async () => {} };
  const budget = plan.minutes * 60;
  // In a run that has begun, steps beside the minutes are the ones that were fixed; before, they are a limit of their own.
  const limit = begun ? Infinity : (plan.steps ?? Infinity);
  let steps = begun && plan.steps !== undefined ? plan.steps : await fix(options, budget, limit);
  let looked: { done: number; elapsedSec: number } | null = null;
  const change = async (to: number) => {
    if (to === steps) return;
    steps = to;
    await run.update({ training: { ...run.info.training, steps } });
  };
  return {
    get steps() {
      return steps;
    },
    async revise(now, elapsedSec) {
      if (elapsedSec >= budget) return change(now);
      const left = budget - elapsedSec;
      const ends = now >= steps && left > TOLERANCE * budget;
      if (!looked) {
        looked = { done: now, elapsedSec };
        return ends && now < limit ? change(now + 1) : undefined; // the next step is the first that can be timed
      }
      if (!ends && elapsedSec - looked.elapsedSec < Math.max(LOOK * budget, 1)) return;
      const secondsPerStep = (elapsedSec - looked.elapsedSec) / Math.max(now - looked.done, 1);
      looked = { done: now, elapsedSec };
      const fitting = Math.min(limit, now + Math.max(1, Math.floor(left / secondsPerStep)));
      if (Math.abs(fitting - steps) > TOLERANCE * steps && now < limit) await change(fitting);
    },
  };
}

async function fix({ run, images, session, inspector, done, trainedSec, say }: Parameters<typeof lengthOf>[0], budget: number, limit: number): Promise<number> {
  const plan = run.info.training;
  say('Measuring the speed of a step');
  const from = performance.now();
  const costs = await measureCosts(session, inspector, images, { most: 12, seconds: 8, steps: plan.steps ?? 1000 });
  const left = budget - trainedSec - (performance.now() - from) / 1000;
  const steps = Math.min(limit, done + stepsWithin(Math.max(left, costs.step), costs, plan));
  await run.update({ training: { ...plan, steps } });
  return steps;
}
