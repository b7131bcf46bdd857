import type { JobInfo, JobState } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { attempt, notify, notifyError } from './notify.svelte.ts';

const busy: ReadonlySet<JobState> = new Set(['running', 'pausing', 'cancelling']);

export const isBusy = (job: JobInfo): boolean => busy.has(job.state);
export const isOpen = (job: JobInfo): boolean => isBusy(job) || job.state === 'paused';

class Jobs {
  list = $state.raw<JobInfo[]>([]);
  open = $derived(this.list.filter(isOpen));
  /** What the job line shows: the newest running job, else the newest paused one. */
  current = $derived(this.list.findLast(isBusy) ?? this.list.findLast((job) => job.state === 'paused') ?? null);

  #listeners = new Set<(now: JobInfo, before: JobInfo | undefined) => void>();
  #waiting: JobInfo[] | null = null;

  constructor() {
    client.subscribe('jobs.events', {}, (list) => {
      if (this.#waiting === null) requestAnimationFrame(() => this.#take());
      this.#waiting = list;
      if (document.hidden) this.#take();
    });
  }

  #take(): void {
    const next = this.#waiting;
    if (!next) return;
    this.#waiting = null;
    const before = new Map(this.list.map((job) => [job.id, job]));
    this.list = next;
    for (const job of next) {
      const old = before.get(job.id);
      if (old?.state === job.state) continue;
      for (const listener of [...this.#listeners]) listener(job, old);
      // Told once, when it happens; what had ended before this window opened stands in the queue.
      if (!old || !isOpen(old)) continue;
      if (job.state === 'failed') notifyError(job.error ?? { code: 'internal', message: `"${job.title}" failed.`, remedy: 'The log has the details.' });
      if (job.state === 'done') notify(`"${job.title}" is done`);
    }
  }

  /** Calls back when a job appears or changes its state. */
  onChange(listener: (now: JobInfo, before: JobInfo | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The job that works on a run, if one does. */
  ofRun(run: string): JobInfo | null {
    return this.list.findLast((job) => job.run === run && isOpen(job)) ?? null;
  }

  pause = (job: string) => attempt(() => client.call('jobs.pause', { job }));
  resume = (job: string) => attempt(() => client.call('jobs.resume', { job }));
  cancel = (job: string) => attempt(() => client.call('jobs.cancel', { job }));
  dismiss = (job: string) => attempt(() => client.call('jobs.dismiss', { job }));
}

export const jobs = new Jobs();
