import { z } from 'zod';
import { call, type ErrorValue, type Sheet } from './define.ts';
import type { RunStatus } from './runs.ts';

/** The guided path from pictures to samples: a codec, the pictures as codes, a prior over them, samples, an evaluation. */
export type StageKind = 'codec' | 'codes' | 'prior' | 'samples' | 'evaluation';

export interface PipelineStage {
  kind: StageKind;
  title: string;
  state: 'waiting' | 'running' | 'done';
  /** What it took, or of a stage that waits what it is planned to take; null where that is not known. */
  seconds: number | null;
  /** Folder of the run that the stage trains, once it stands. */
  run: string | null;
}

/** Something that was chosen by the look of the data. */
export interface PipelineChoice {
  what: string;
  value: string;
  why: string;
}

export interface PipelinePlan {
  choices: PipelineChoice[];
  stages: PipelineStage[];
  /** Minutes in all, as asked for or as recommended. */
  minutes: number;
  totalSec: number;
  memoryBytes: number;
  freeMemoryBytes: number;
  device: string;
  /** How it was found. */
  basis: string;
  warnings: string[];
}

export interface PipelineInfo {
  /** Its folder; what calls take as `pipeline`. */
  pipeline: string;
  name: string;
  data: { ref: string; name: string; count: number; width: number; height: number; channels: number; classes: string[]; /** For clips: pictures are strips of frames, one below another. */ clip?: { frames: number; framesPerSecond: number } };
  status: RunStatus;
  device: string;
  seed: number;
  /** Of all trainings; null when steps were asked for. */
  minutes: number | null;
  choices: PipelineChoice[];
  stages: PipelineStage[];
  /** Metrics on held-out pictures, of the codec and of the prior. */
  evaluation: { split: string; items: number; codec: Record<string, number>; prior: Record<string, number> } | null;
  /** What the samples were drawn from; null until there are any. */
  samplesNote: string | null;
  createdAt: string;
  updatedAt: string;
  error: ErrorValue | null;
}

export const pipelineRequest = z.object({
  data: z.string().min(1),
  /** Side length of the pictures in pixels, for built-in sets. */
  size: z.number().int().min(8).max(1024).optional(),
  /** Minutes of all trainings together; unset: as many as the pictures want, by a measurement. */
  minutes: z.number().min(0.1).max(10_080).optional(),
  /** Steps of each training in place of minutes. */
  steps: z.number().int().min(1).optional(),
  /** How many samples are drawn at the end. */
  samples: z.number().int().min(1).max(256).default(64),
  device: z.string().optional(),
  seed: z.number().int().default(0),
  name: z.string().min(1).max(120).optional(),
  /** Folder for everything; unset: the project, where its runs stand among the others. */
  out: z.string().optional(),
});

const pipeline = z.string().min(1);

export const pipelines = {
  /** What would be chosen and how long it would take, by a few real steps. */
  'pipeline.plan': call<PipelinePlan>()(pipelineRequest),
  /** One job that can be paused, resumed and cancelled, and goes on from its last checkpoint after whatever ended it. */
  'pipeline.start': call<{ job: string; pipeline: string }>()(pipelineRequest),
  'pipeline.continue': call<{ job: string; pipeline: string }>()(z.object({ pipeline })),
  'pipeline.list': call<PipelineInfo[]>()(z.object({})),
  'pipeline.get': call<PipelineInfo>()(z.object({ pipeline })),
  'pipeline.samples': call<Sheet | null>()(z.object({ pipeline })),
  /** Takes the path off the list, into the bin; the runs that lie in the project stay. */
  'pipeline.remove': call<null>()(z.object({ pipeline })),
  'pipeline.restore': call<PipelineInfo>()(z.object({ pipeline })),
};
