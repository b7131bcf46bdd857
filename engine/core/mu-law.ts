/** Samples as one of 256 steps, finer near nought: the continuous mu-law of G.711 (mu = 255), as WaveNet reads and writes it. */

export const STEPS = 256;
const MU = STEPS - 1;
const SCALE = Math.log(STEPS);

/** Step of a sample in [-1, 1], 0 to 255. */
export function toStep(sample: number): number {
  const x = Math.max(-1, Math.min(1, sample));
  const companded = (Math.sign(x) * Math.log1p(MU * Math.abs(x))) / SCALE;
  return Math.floor((companded + 1) * (MU / 2) + 0.5);
}

/** What stands for a step between a network's layers, in [-1, 1]. */
export const compandedOf = (step: number): number => step / (MU / 2) - 1;

/** Sample of a step, in [-1, 1]. */
export function fromStep(step: number): number {
  const companded = compandedOf(step);
  return (Math.sign(companded) * Math.expm1(Math.abs(companded) * SCALE)) / MU;
}
