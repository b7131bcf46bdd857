import type { StepResult } from './session.ts';

/** Averages what steps report, and says when a run has broken down. */
export interface Watch {
  /** @returns what broke, for people, or null */
  add(result: StepResult): string | null;
  /** Means since the last call. */
  take(): Record<string, number>;
}

/** A loss beyond so many times the first one counts as divergence. */
const BLOW_UP = 1e4;

export function createWatch(): Watch {
  let sums: Record<string, { sum: number; n: number }> = {};
  let first: number | undefined;
  const add = (name: string, value: number) => {
    const entry = (sums[name] ??= { sum: 0, n: 0 });
    entry.sum += value;
    entry.n++;
  };
  return {
    add(result) {
      add('loss', result.loss);
      add('gradientNorm', result.gradientNorm);
      add('learningRate', result.learningRate);
      for (const [name, value] of Object.entries(result.metrics)) add(name, value);
      first ??= Math.abs(result.loss);
      return broken(result, first);
    },
    take() {
      const means = Object.fromEntries(Object.entries(sums).map(([name, { sum, n }]) => [name, sum / n]));
      sums = {};
      return means;
    },
  };
}

function broken(result: StepResult, first: number): string | null {
  const describe = (value: number) => (Number.isNaN(value) ? 'is not a number' : 'is infinite');
  for (const [name, value] of Object.entries(result.metrics)) if (!Number.isFinite(value)) return `the metric '${name}' ${describe(value)}`;
  if (!Number.isFinite(result.loss)) return `the loss ${describe(result.loss)}`;
  const { names, values } = result.gradientNorms;
  const at = values.findIndex((v) => !Number.isFinite(v));
  if (at >= 0) return `the gradient of '${names[at]}' ${describe(values[at])}`;
  if (Math.abs(result.loss) > BLOW_UP * Math.max(1, first)) return `the loss grew to ${result.loss.toPrecision(3)}, from ${first.toPrecision(3)} at the start`;
  return null;
}
