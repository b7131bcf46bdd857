import { z } from 'zod';
import { call, stream, type ErrorValue } from './define.ts';

export type JobState = 'running' | 'pausing' | 'paused' | 'cancelling' | 'cancelled' | 'done' | 'failed';

export interface JobInfo {
  id: string;
  kind: 'train' | 'import' | 'pipeline' | 'project' | 'convert' | 'prepare' | 'evaluate' | 'anomalies' | 'rate' | 'transfer-score';
  title: string;
  /** Folder of the run it works on, or of the guided path; if any. */
  run: string | null;
  /** Folder of the run that it only looks at, for evaluations of every kind. */
  looksAt?: string;
  state: JobState;
  /** 0 to 1. */
  progress: number;
  etaSec: number | null;
  elapsedSec: number;
  device: string | null;
  /** What it does just now, for people. */
  message: string;
  /** Set when done: the dataset's ref, the run's folder. */
  result: string | null;
  error: ErrorValue | null;
  canPause: boolean;
}

const job = z.string().min(1);

export const jobs = {
  'jobs.list': call<JobInfo[]>()(z.object({})),
  'jobs.pause': call<JobInfo>()(z.object({ job })),
  'jobs.resume': call<JobInfo>()(z.object({ job })),
  'jobs.cancel': call<JobInfo>()(z.object({ job })),
  /** Takes an ended job off the list. */
  'jobs.dismiss': call<null>()(z.object({ job })),
};

export const jobStreams = {
  /** The whole list at once, then again whenever something changes, at most four times a second. */
  'jobs.events': stream<JobInfo[]>()(z.object({})),
};
