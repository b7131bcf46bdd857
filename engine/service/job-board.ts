import { randomUUID } from 'node:crypto';
import type { JobInfo, JobState } from '../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import type { TaskProgress } from './worker-messages.ts';
import type { RunningTask } from './workers.ts';

export interface JobPlan {
  kind: JobInfo['kind'];
  title: string;
  run: string | null;
  looksAt?: string;
  /** Starts the work, or goes on with it. */
  start(progress: (progress: TaskProgress) => void): RunningTask<unknown>;
  /** What an output means: how the job ended and its result. */
  ended(output: unknown): { state: Extract<JobState, 'done' | 'paused' | 'cancelled' | 'failed'>; result: string | null; error?: JobInfo['error'] };
  /** After the thread died or the work threw; before the job shows as failed. */
  failed?(error: AtelierError, task: RunningTask<unknown>): Promise<void>;
}

interface Job {
  info: Omit<JobInfo, 'elapsedSec'>;
  plan: JobPlan;
  task: RunningTask<unknown> | null;
  since: number;
  before: number;
  settled: Promise<void>;
}

/** Kinds that stop at a checkpoint and go on from it. */
const pausable = (kind: JobInfo['kind']): boolean => kind === 'train' || kind === 'pipeline';

const live = (state: JobState): boolean => state === 'running' || state === 'pausing' || state === 'cancelling';

/** The jobs of this process, newest first. */
export class JobBoard {
  readonly #jobs = new Map<string, Job>();
  readonly #listeners = new Set<() => void>();

  /** @returns the list as the contract shows it */
  list(): JobInfo[] {
    return [...this.#jobs.values()].map(shown).reverse();
  }

  /** Calls back after every change, unthrottled. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Starts a job. Ended jobs of the same run leave the list.
   * @throws AtelierError 'busy' when a job of the run is under way
   */
  start(plan: JobPlan): JobInfo {
    if (plan.run !== null) {
      const other = this.#ofRun(plan.run);
      if (other && live(other.info.state)) throw busy(other);
      if (other) this.#jobs.delete(other.info.id);
    }
    const job: Job = {
      info: {
        id: randomUUID(), kind: plan.kind, title: plan.title, run: plan.run, ...(plan.looksAt === undefined ? {} : { looksAt: plan.looksAt }), state: 'running', progress: 0, etaSec: null, device: null,
        message: 'Starting', result: null, error: null, canPause: false,
      },
      plan, task: null, since: performance.now(), before: 0, settled: Promise.resolve(),
    };
    this.#launch(job);
    this.#jobs.set(job.info.id, job);
    this.#changed();
    return shown(job);
  }

  /** @throws AtelierError 'busy' when a job of this process works on the run */
  refuseBusy(run: string): void {
    const job = this.#ofRun(run);
    if (job && live(job.info.state)) throw busy(job);
  }

  worksOn(run: string): boolean {
    const job = this.#ofRun(run);
    return job !== undefined && live(job.info.state);
  }

  pause(id: string): JobInfo {
    const job = this.#get(id);
    if (!job.info.canPause) throw notNow(job, 'paused');
    job.task?.pause();
    return this.#turn(job, { state: 'pausing', canPause: false, message: 'Pausing at the next step' });
  }

  resume(id: string): JobInfo {
    const job = this.#get(id);
    if (job.info.state !== 'paused') throw notNow(job, 'resumed');
    this.#launch(job);
    return this.#turn(job, { state: 'running', message: 'Going on', error: null });
  }

  cancel(id: string): JobInfo {
    const job = this.#get(id);
    if (job.info.state === 'paused') return this.#turn(job, { state: 'cancelled', canPause: false, etaSec: null, message: 'Cancelled' });
    if (!live(job.info.state)) throw notNow(job, 'cancelled');
    job.task?.cancel();
    return this.#turn(job, { state: 'cancelling', canPause: false, message: 'Stopping at the next step' });
  }

  dismiss(id: string): void {
    const job = this.#get(id);
    if (live(job.info.state)) throw notNow(job, 'taken off the list');
    this.#jobs.delete(id);
    this.#changed();
  }

  /** Settles when the job is no longer running; gives it as it then is. */
  async settled(id: string): Promise<JobInfo> {
    const job = this.#get(id);
    while (live(job.info.state)) await job.settled;
    return shown(job);
  }

  /** Pauses what can be paused, cancels the rest, and waits. */
  async close(patienceMs = 15_000): Promise<void> {
    const open = [...this.#jobs.values()].filter((job) => live(job.info.state));
    for (const job of open) {
      if (pausable(job.info.kind)) {
        job.task?.pause();
        const { task } = job;
        setTimeout(() => task?.cancel(2000), patienceMs).unref();
      } else job.task?.cancel(2000);
    }
    await Promise.all(open.map((job) => job.settled));
    this.#listeners.clear();
  }

  #launch(job: Job): void {
    const { plan } = job;
    const task = plan.start((progress) => {
      if (job.task !== task) return;
      job.info.progress = Math.min(1, Math.max(0, progress.progress));
      job.info.etaSec = progress.etaSec;
      if (progress.device) job.info.device = progress.device;
      if (job.info.state === 'running') {
        job.info.message = progress.message;
        job.info.canPause = pausable(plan.kind);
      }
      this.#changed();
    });
    job.task = task;
    job.since = performance.now();
    const end = (change: Partial<Job['info']>): void => {
      job.task = null;
      job.before += (performance.now() - job.since) / 1000;
      this.#turn(job, { canPause: false, etaSec: null, ...change });
    };
    job.settled = task.output
      .then((output) => {
        const { state, result, error = null } = plan.ended(output);
        end({ state, result, error, ...(state === 'done' ? { progress: 1 } : {}), message: messages[state] });
      })
      .catch(async (thrown: unknown) => {
        const error = toAtelierError(thrown, 'running the job');
        await plan.failed?.(error, task).catch(() => {});
        if (error.code === 'cancelled') end({ state: 'cancelled', message: messages.cancelled });
        else end({ state: 'failed', error: error.toValue(), message: messages.failed });
      });
  }

  #turn(job: Job, change: Partial<Job['info']>): JobInfo {
    Object.assign(job.info, change);
    this.#changed();
    return shown(job);
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #get(id: string): Job {
    const job = this.#jobs.get(id);
    if (!job) throw new AtelierError('not-found', `There is no job ${id}.`, 'It may have been taken off the list.');
    return job;
  }

  #ofRun(run: string): Job | undefined {
    return [...this.#jobs.values()].find((job) => job.info.run === run);
  }
}

const messages = { done: 'Done', paused: 'Paused', cancelled: 'Cancelled', failed: 'Failed' };

function shown(job: Job): JobInfo {
  const running = job.task ? (performance.now() - job.since) / 1000 : 0;
  return { ...job.info, elapsedSec: job.before + running };
}

function busy(job: Job): AtelierError {
  return new AtelierError('busy', `"${job.info.title}" is already under way.`, 'Wait until it ends, or pause or cancel it.');
}

function notNow(job: Job, what: string): AtelierError {
  return new AtelierError('bad-input', `"${job.info.title}" cannot be ${what} now: it is ${job.info.state}.`, 'Look at the list of jobs again.');
}
