/** Linear from 0 at step 0 to 1 at `over` steps, then 1. `over` = 0 gives 1. */
export const rampUp = (step: number, over: number): number => (over <= 0 ? 1 : Math.min(1, step / over));

/**
 * Learning rate: linear warm-up, then a cosine from `base` to `base * final` at the last step (Loshchilov and Hutter 2017, eq. 5).
 * @param step 0 at the first; never 0 in its result, so that the first step moves
 */
export function learningRateAt(step: number, plan: { base: number; warmup: number; final: number; steps: number }): number {
  const warm = Math.min(plan.warmup, Math.max(1, Math.floor(plan.steps / 4)));
  if (step < warm) return (plan.base * (step + 1)) / (warm + 1);
  const through = Math.min(1, (step - warm) / Math.max(1, plan.steps - 1 - warm));
  return plan.base * (plan.final + (1 - plan.final) * 0.5 * (1 + Math.cos(Math.PI * through)));
}
