import type { JobInfo } from '../../electron/contract/index.ts';
import { AtelierError, type ErrorCode } from '../core/errors.ts';
import type { Context } from './context.ts';
import { duration } from './table.ts';

/**
 * Shows a job on standard error until it ends. Ctrl+C pauses what can be paused and cancels the rest; a second one leaves
 * at once (a training then goes on from its last checkpoint when resumed).
 * @returns the job as it ended: 'done', 'paused' or 'cancelled'
 * @throws AtelierError of a failed job
 */
export async function followJob(context: Context, id: string): Promise<JobInfo> {
  const service = await context.service();
  const line = progressLine(context);
  let interrupted = false;
  const onInterrupt = (): void => {
    if (interrupted) process.exit(130);
    interrupted = true;
    void context
      .call('jobs.list', {})
      .then(async (list) => {
        const job = list.find((j) => j.id === id);
        line.note(job?.canPause ? 'Pausing with a checkpoint; press Ctrl+C again to leave at once.' : 'Stopping; press Ctrl+C again to leave at once.');
        // A training that has not begun yet cannot be paused.
        await context.call(job?.canPause ? 'jobs.pause' : 'jobs.cancel', { job: id });
      })
      .catch((error: unknown) => line.note(String(error instanceof Error ? error.message : error)));
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  let stop: () => void = () => {};
  try {
    const job = await new Promise<JobInfo>((resolve) => {
      stop = service.subscribers['jobs.events']({}, (list) => {
        const found = list.find((j) => j.id === id);
        if (!found) return;
        if (['done', 'paused', 'cancelled', 'failed'].includes(found.state)) resolve(found);
        else line.show(found);
      });
    });
    line.end();
    if (job.error && job.state === 'failed') throw new AtelierError(job.error.code as ErrorCode, job.error.message, job.error.remedy);
    if (job.state === 'cancelled' && (job.kind === 'import' || job.kind === 'prepare')) throw new AtelierError('cancelled', `"${job.title}" was called off.`, 'Start it again.');
    return job;
  } finally {
    stop();
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}

/** One line that is written over on a terminal; in a file, a new line every five seconds. */
function progressLine(context: Context): { show(job: JobInfo): void; note(text: string): void; end(): void } {
  const { interactive, err } = context.streams;
  let shown = false;
  let last = -Infinity;
  const clear = (): void => {
    if (shown) err('\r\x1b[K');
    shown = false;
  };
  return {
    show(job) {
      const eta = job.etaSec === null ? '' : `, ${duration(job.etaSec)} left`;
      const text = `${String(Math.round(job.progress * 100)).padStart(3)} %  ${job.message}${eta}`;
      if (interactive) {
        err(`\r\x1b[K${text}`);
        shown = true;
      } else if (performance.now() - last > 5000) {
        last = performance.now();
        context.note(text);
      }
    },
    note(text) {
      clear();
      context.note(text);
    },
    end: clear,
  };
}
