import type { z } from 'zod';
import type { Calls, Estimate, importOptions, OutputOf, ParsedInputOf, PipelinePlan, pipelineRequest, RunEvent, RunInfo, RunStatus, trainRequest, TransferScore } from '../../electron/contract/index.ts';
import type { RateDistortion } from '../../electron/contract/compress.ts';
import type { priorRequest } from '../../electron/contract/runs.ts';
import type { prepareOptions } from '../../electron/contract/voice.ts';
import type { ErrorValue } from '../core/errors.ts';
import type { ComponentsTask, EvaluateInverseTask, GrowTask, LatentsTask, LayoutTask } from './points/tasks.ts';
import type { NeighboursRequest, NeighboursSummary, ProjectionRequest, ProjectionSummary } from './projections/request.ts';
import type { VoiceTasks } from './voice/requests.ts';
import type { VocodeRequest, VocodeSummary } from './voice/vocode.ts';
import type { Logger } from '../core/log.ts';

export type ImportOptions = z.output<typeof importOptions>;
export type PrepareRequest = z.output<typeof prepareOptions>;
export type TrainRequest = z.output<typeof trainRequest>;
type PriorRequest = z.output<typeof priorRequest>;

/** Work that would block the service's thread, each kind with what it needs and what it gives. Plain values only. */
export interface Tasks extends VoiceTasks {
  train: { input: { run: string }; output: RunInfo };
  vocode: { input: VocodeRequest; output: VocodeSummary };
  prepare: { input: { options: PrepareRequest; out: string }; output: { ref: string } };
  import: { input: { project: string; options: ImportOptions }; output: { ref: string } };
  estimate: { input: { request: TrainRequest | PriorRequest }; output: Estimate };
  pipelinePlan: { input: { request: z.output<typeof pipelineRequest> }; output: PipelinePlan };
  pipeline: { input: { pipeline: string }; output: { status: RunStatus } };
  anomalies: { input: ParsedInputOf<Calls['runs.anomalies']>; output: OutputOf<Calls['runs.anomalies']> };
  evaluate: { input: ParsedInputOf<Calls['runs.evaluate']>; output: OutputOf<Calls['runs.evaluate']> };
  embed: {
    input: { run: string; out: string; split: 'train' | 'validation' | 'test' | 'all'; step?: number };
    output: { out: string; rows: number; columns: string[] };
  };
  export: {
    input: { run: string; out: string; batch: number; step?: number };
    output: { folder: string; files: string[]; maxDifference: number };
  };
  'transfer-score': { input: { run: string; limit?: number; step?: number }; output: TransferScore };
  compress: { input: { run: string; paths: string[]; out: string; grids?: number }; output: OutputOf<Calls['runs.compress']> };
  decompress: { input: { run: string; file: string; out: string }; output: OutputOf<Calls['runs.decompress']> };
  rateDistortion: { input: { run: string; also: string[]; split: 'validation' | 'test'; limit: number }; output: RateDistortion };
  project: { input: ProjectionRequest; output: ProjectionSummary };
  neighbours: { input: NeighboursRequest; output: NeighboursSummary };
  layout: LayoutTask;
  components: ComponentsTask;
  latents: LatentsTask;
  grow: GrowTask;
  evaluateInverse: EvaluateInverseTask;
}
export type TaskKind = keyof Tasks;
export type Task = { [K in TaskKind]: { kind: K; input: Tasks[K]['input'] } }[TaskKind];

export interface TaskProgress {
  /** 0 to 1. */
  progress: number;
  etaSec: number | null;
  message: string;
  device?: string;
}

/** A layout under way. */
export interface TaskFrame {
  epoch: number;
  /** [N, dims] */
  positions: Float32Array;
}

/** From the service to a worker, after the task itself, which is its `workerData`. */
export type ToWorker = { type: 'pause' } | { type: 'cancel' };

/** From a worker to the service. After `done` or `failed` nothing follows. */
export type FromWorker =
  | { type: 'progress'; progress: TaskProgress }
  | { type: 'event'; event: RunEvent }
  | { type: 'frame'; frame: TaskFrame }
  | { type: 'log'; level: 'debug' | 'info' | 'warn' | 'error'; message: string }
  | { type: 'done'; output: unknown }
  | { type: 'failed'; error: ErrorValue };

/** What a task is given beside its input. */
export interface TaskContext {
  log: Logger;
  /** Aborted by `cancel`. */
  signal: AbortSignal;
  /** Calls back when a pause is asked for. */
  onPause(listener: () => void): void;
  progress(progress: TaskProgress): void;
  event(event: RunEvent): void;
  frame(frame: TaskFrame): void;
}
export type TaskFunction<K extends TaskKind> = (input: Tasks[K]['input'], context: TaskContext) => Promise<Tasks[K]['output']>;
