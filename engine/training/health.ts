import type { Health } from '../../electron/contract/index.ts';
import { subjectOf } from './checkpoint.ts';
import { checkUp } from './diagnoses.ts';
import type { MetricRow, RunInfo } from './types.ts';

/**
 * What the doctor says of a run as its last evaluation left it. Figures that are measured less often are taken from where they last stood.
 * @param rows of its log, in the order of their steps
 */
export function healthOf(run: RunInfo, rows: readonly MetricRow[]): Health {
  const history = rows.filter((row) => row.split === 'validation');
  const last = history.at(-1);
  const broken = run.diagnoses.find(({ code }) => code === 'diverged');
  const before = broken ? [{ title: 'Numbers stay finite', measured: `broke down at step ${broken.step}`, finding: broken }] : [];
  if (!last) return { step: null, checks: before, note: 'The run has not been evaluated yet, so there is little to go by.' };
  const metrics: Record<string, number> = {};
  for (const row of history) for (const [name, value] of Object.entries(row)) if (typeof value === 'number') metrics[name] = value;
  const training = rows.filter((row) => row.split === 'train').at(-1) ?? null;
  const steps = Math.max(run.training.steps ?? 0, run.step);
  const early = run.step < 0.1 * steps;
  const checks = checkUp({ run, model: subjectOf(run), step: last.step, steps, metrics, klPerDimension: null, history, training });
  return { step: last.step, checks: [...before, ...checks], note: early ? 'The training has only begun: early figures mean little.' : null };
}
