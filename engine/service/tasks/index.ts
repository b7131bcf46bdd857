import type { Task, TaskContext, TaskFunction, TaskKind } from '../worker-messages.ts';

/** Each task's code is loaded when it is to run. */
const tasks: { [K in TaskKind]: () => Promise<TaskFunction<K>> } = {
  train: async () => (await import('./train.ts')).train,
  vocode: async () => (await import('../voice/vocode.ts')).vocode,
  prepare: async () => (await import('../voice/prepare-task.ts')).prepare,
  import: async () => (await import('./import.ts')).importData,
  estimate: async () => (await import('./estimate.ts')).estimateTraining,
  pipelinePlan: async () => (await import('../pipeline/plan.ts')).planPipeline,
  pipeline: async () => (await import('../pipeline/run.ts')).walkPipeline,
  anomalies: async () => (await import('./anomalies.ts')).anomalies,
  evaluate: async () => (await import('./evaluate.ts')).evaluate,
  embed: async () => (await import('./embed.ts')).embed,
  export: async () => (await import('./export.ts')).exportRun,
  'transfer-score': async () => (await import('./score-transfer.ts')).transferScore,
  compress: async () => (await import('../compress/compress.ts')).compressPictures,
  decompress: async () => (await import('../compress/compress.ts')).decompressPictures,
  rateDistortion: async () => (await import('../compress/rate-distortion.ts')).rateDistortion,
  project: async () => (await import('../projections/project.ts')).projectTable,
  neighbours: async () => (await import('../projections/neighbours.ts')).tableNeighbours,
  layout: async () => (await import('../points/layout-task.ts')).layoutTask,
  components: async () => (await import('../points/layout-task.ts')).componentsTask,
  grow: async () => (await import('../points/layout-task.ts')).growTask,
  evaluateInverse: async () => (await import('../points/evaluate-inverse.ts')).evaluateInverse,
  latents: async () => (await import('../points/latents-task.ts')).latentsTask,
  convert: async () => (await import('../voice/convert-task.ts')).convertTake,
  convertBatch: async () => (await import('../voice/convert-task.ts')).convertBatch,
  liveVoices: async () => (await import('../voice/live-task.ts')).liveVoices,
  evaluateVoices: async () => (await import('../voice/evaluate-voices.ts')).evaluateVoices,
  packVoices: async () => (await import('../voice/pack-voices.ts')).packVoices,
  exportVoices: async () => (await import('../voice/export-voices.ts')).exportVoices,
};

/** @returns the task's output; see `Tasks` */
export async function runTask({ kind, input }: Task, context: TaskContext): Promise<unknown> {
  const run = (await tasks[kind]()) as (input: unknown, context: TaskContext) => Promise<unknown>;
  return run(input, context);
}
