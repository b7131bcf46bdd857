/**
 * Training of any registered family in a run folder.
 *
 * - `planRun(request, images, deviceName, folder)` checks family, preset, configuration and plan and gives the record that
 *   `createRun(folder, record)` of the store takes.
 * - `startTraining({run, images, device, ...})` trains, or goes on from the newest valid checkpoint.
 * - `lengthen(run, {steps, minutes})` before `startTraining` gives a finished run more to do.
 * - `estimate(request, images, device)` measures a few real steps.
 * - `openTrained(run, device, step?)` encodes, decodes, reconstructs, samples, evaluates.
 * - `openProbe(run, trained, images, step?)` decodes any point of the run's map.
 */
export { createControl } from './types.ts';
export type { Evaluation, RunRequest, TrainingControl, TrainingOptions, TrainingProgress } from './types.ts';
export { startTraining } from './trainer.ts';
export { planRun, lengthen } from './plan.ts';
export { estimate } from './estimate.ts';
export { openTrained, type Trained } from './trained.ts';
export { openProbe, type Probe } from './probe.ts';
