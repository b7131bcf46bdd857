import type { Project } from '../../electron/contract/index.ts';
import type { Logger } from '../core/log.ts';
import type { DataCache } from './data-cache.ts';
import type { JobBoard } from './job-board.ts';
import type { RunEvents } from './run-events.ts';
import type { TrainedCache } from './trained-cache.ts';
import type { Workers } from './workers.ts';

/** What the parts of the service share. */
export interface Core {
  readonly log: Logger;
  readonly workers: Workers;
  readonly jobs: JobBoard;
  readonly events: RunEvents;
  readonly trained: TrainedCache;
  readonly datasets: DataCache;
  /** The open project. */
  project(): Promise<Project>;
  /** Where the runs of a project lie. */
  runsFolder(project: Project): string;
}
