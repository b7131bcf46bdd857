import type { JobState, RunStatus } from '../../electron/contract/index.ts';

export const stateWords: Record<JobState, string> = {
  running: 'Running',
  pausing: 'Pausing after this step',
  paused: 'Paused',
  cancelling: 'Stopping after this step',
  cancelled: 'Cancelled',
  done: 'Done',
  failed: 'Failed',
};

export const statusWords: Record<RunStatus, string> = {
  running: 'Running',
  paused: 'Paused',
  interrupted: 'Interrupted',
  finished: 'Finished',
  cancelled: 'Cancelled',
  failed: 'Failed',
};
