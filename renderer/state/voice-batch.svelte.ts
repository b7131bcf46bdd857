import type { BatchState, JobInfo } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { isOpen, jobs } from './jobs.svelte.ts';
import { attempt } from './notify.svelte.ts';
import { project } from './project.svelte.ts';
import { voice } from './voice.svelte.ts';

export interface Batch {
  job: string;
  folder: string;
  title: string;
  state: BatchState;
}

/** Folders that are converted as a whole. */
class VoiceBatches {
  list = $state.raw<Batch[]>([]);

  constructor() {
    project.onOpen(() => (this.list = []));
    jobs.onChange((job) => void this.#read(job));
  }

  jobOf(batch: Batch): JobInfo | null {
    return jobs.list.find(({ id }) => id === batch.job) ?? null;
  }

  /** @returns whether it began */
  async start(request: { paths: string[]; out: string; format: 'wav' | 'flac' | 'mp3'; sampleRateHz?: number }): Promise<boolean> {
    const { model } = voice;
    if (!model || voice.speaksAs === null) return false;
    const begun = await attempt(() => client.call('voices.batch', { model: model.ref, ...voice.settings(), ...request }));
    if (!begun) return false;
    const title = `${request.paths[0].split(/[\\/]/).pop()} as ${voice.speaksAs}`;
    this.list = [{ job: begun.job, folder: request.out, title, state: { items: [], waiting: [] } }, ...this.list];
    this.#follow(begun.job);
    return true;
  }

  /** Looks into the list of a batch while it runs. */
  #follow(job: string): void {
    const look = async (): Promise<void> => {
      const info = jobs.list.find(({ id }) => id === job);
      await this.#read(info ?? { id: job });
      if (this.list.some((batch) => batch.job === job) && (!info || isOpen(info))) setTimeout(() => void look(), 1000);
    };
    void look();
  }

  async #read({ id }: { id: string }): Promise<void> {
    const batch = this.list.find(({ job }) => job === id);
    if (!batch) return;
    const state = await client.call('voices.batchState', { folder: batch.folder }).catch(() => null);
    if (state) this.list = this.list.map((other) => (other.job === id ? { ...other, state } : other));
  }

  forget(job: string): void {
    this.list = this.list.filter((batch) => batch.job !== job);
  }
}

export const batches = new VoiceBatches();
