import type { MetricRow, RunEvent, RunInfo, TrainingPlan } from '../../electron/contract/index.ts';
import type { ImageSet } from '../core/image-set.ts';
import type { Logger } from '../core/log.ts';
import type { Device } from '../device/types.ts';
import type { RunFolder } from '../store/run-folder.ts';

/** What a running job is asked to do; read between steps. */
export interface TrainingControl {
  readonly request: 'go' | 'pause' | 'cancel';
  pause(): void;
  cancel(): void;
}

export function createControl(): TrainingControl {
  let request: TrainingControl['request'] = 'go';
  return {
    get request() {
      return request;
    },
    pause() {
      if (request === 'go') request = 'pause';
    },
    cancel() {
      request = 'cancel';
    },
  };
}

export interface TrainingProgress {
  step: number;
  steps: number;
  /** 0 to 1. */
  progress: number;
  etaSec: number | null;
  elapsedSec: number;
  /** What it does just now, for people. */
  message: string;
}

export interface TrainingOptions {
  /** The run to work on; it is locked meanwhile. A run that has checkpoints goes on from the newest valid one. */
  run: RunFolder;
  images: ImageSet;
  device: Device;
  log?: Logger;
  control?: TrainingControl;
  onEvent?: (event: RunEvent) => void;
  /** At most a few times a second. */
  onProgress?: (progress: TrainingProgress) => void;
}

export interface RunRequest {
  family: string;
  preset?: string;
  config?: Record<string, unknown>;
  training?: Partial<TrainingPlan>;
  seed?: number;
  name?: string;
}

/** Per-split metrics of a trained model. */
export interface Evaluation {
  split: 'train' | 'validation' | 'test';
  items: number;
  step: number;
  seconds: number;
  metrics: Record<string, number>;
  /** Use of each code, summing to 1, `[K]`. */
  codeUsage: Float32Array | null;
  /** KL of each dimension in nats, `[D]`. */
  klPerDimension: Float32Array | null;
}

export type { MetricRow, RunEvent, RunInfo, TrainingPlan };
