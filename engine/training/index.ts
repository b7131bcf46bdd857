/**
 * Training of any registered family in a run folder.
 *
 * - `planRun(request: RunRequest, images: ImageSet, device: DeviceId | string, folder: string): RunInfo` checks family, preset,
 *   configuration and plan; the record is what `createRun(folder, record)` of the store takes.
 * - `startTraining(options: TrainingOptions): Promise<RunInfo>` trains, or goes on from the newest valid checkpoint.
 * - `lengthen(run: RunFolder, more: {steps?, minutes?}): Promise<RunInfo>` before `startTraining` gives a run more to do:
 *   `steps` is the new total, `minutes` are added to those already trained.
 * - `createPriorRun(codec: RunFolder, request: PriorRequest, device, folder, step?): Promise<RunFolder>` makes the run of a prior over the codes of
 *   another run, `trainPrior(options: TrainingOptions)` trains it on the same pictures; `openTrained` opens it with the model under it.
 * - `estimate(request: RunRequest, images: ImageSet, device: Device): Promise<Estimate>` measures a few real steps.
 * - `openTrained(run: RunFolder, device: Device, step?: number): Promise<Trained>` encodes, decodes, reconstructs, samples, evaluates.
 * - `scoreTransfer(trained: Trained, images: ImageSet, device: Device, options?): Promise<TransferScore>` compares held-out pictures put into other styles with the true ones.
 * - `openProbe(run: RunFolder, trained: Trained, images: ImageSet, step?: number): Promise<Probe>` decodes points of the run's map.
 */
export { createControl } from './types.ts';
export type { Embedding, EvaluateOptions, Evaluation, Exportable, Probe, RunRequest, SampleOptions, TrainingControl, TrainingOptions, TrainingProgress, Trained } from './types.ts';
export { startTraining } from './trainer.ts';
export { planRun, lengthen } from './plan.ts';
export { estimate, estimatePrior } from './estimate.ts';
export { openTrained } from './open-trained.ts';
export { checkCodec, createPriorRun, trainPrior } from './prior-run.ts';
export { codebookOf } from './codebook.ts';
export { scoreTransfer } from './transfer-score.ts';
export { openProbe } from './probe.ts';
export { scoreFactors } from './evaluate-factors.ts';
export { scoreSamples } from './evaluate-samples.ts';
export { findAnomalies } from './anomaly.ts';
export { healthOf } from './health.ts';
