import type { PipelineInfo, PipelinePlan } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { datasets } from './datasets.svelte.ts';
import { devices } from './devices.svelte.ts';
import { jobs } from './jobs.svelte.ts';
import { attempt, isErrorValue, notifyUndo } from './notify.svelte.ts';
import { project } from './project.svelte.ts';
import { runs } from './runs.svelte.ts';
import { training } from './training.svelte.ts';

/** The guided paths of the project, and the one being composed. */
class Paths {
  /** Newest first. */
  list = $state.raw<PipelineInfo[]>([]);
  /** Folder of the one that is shown. */
  shown = $state<string | null>(null);
  current = $derived(this.list.find((path) => path.pipeline === this.shown) ?? null);

  /** Minutes asked for; null: as many as the pictures want. */
  minutes = $state<number | null>(null);
  samples = $state(64);
  plan = $state.raw<PipelinePlan | null>(null);
  planning = $state(false);
  planError = $state.raw<{ message: string; remedy: string } | null>(null);
  starting = $state(false);
  #aborter: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    project.onOpen(() => {
      this.shown = null;
      this.plan = null;
      void this.load();
    });
    jobs.onChange((job) => {
      if (job.kind === 'pipeline') void this.load();
    });
  }

  async load(): Promise<void> {
    const list = await attempt(() => client.call('pipeline.list', {}));
    if (list) this.list = list;
  }

  show(pipeline: string): void {
    this.shown = pipeline;
    training.mode = 'path';
    void this.load();
  }

  request() {
    if (!training.data) return null;
    return {
      data: training.data,
      size: (datasets.list.find((set) => set.ref === training.data)?.builtin && training.size) || undefined,
      minutes: this.minutes ?? undefined,
      samples: this.samples,
      device: devices.choice ?? undefined,
      seed: training.seed,
      name: training.name.trim() || undefined,
    };
  }

  async planNow(): Promise<void> {
    const request = this.request();
    this.#aborter?.abort();
    if (!request) return;
    const aborter = (this.#aborter = new AbortController());
    this.planning = true;
    try {
      const plan = await client.call('pipeline.plan', request, { signal: aborter.signal });
      if (aborter.signal.aborted) return;
      this.plan = plan;
      this.planError = null;
    } catch (error) {
      if (aborter.signal.aborted) return;
      this.plan = null;
      this.planError = isErrorValue(error) ? error : { message: String(error), remedy: '' };
    } finally {
      if (this.#aborter === aborter) this.planning = false;
    }
  }

  async start(): Promise<void> {
    const request = this.request();
    if (!request || this.starting) return;
    this.starting = true;
    this.#aborter?.abort();
    this.planning = false;
    const started = await attempt(() => client.call('pipeline.start', { ...request, minutes: request.minutes ?? this.plan?.minutes }));
    this.starting = false;
    if (!started) return;
    training.name = '';
    await this.load();
    this.show(started.pipeline);
  }

  async continue(path: PipelineInfo): Promise<void> {
    await attempt(() => client.call('pipeline.continue', { pipeline: path.pipeline }));
    await this.load();
  }

  async remove(path: PipelineInfo): Promise<void> {
    await attempt(async () => {
      await client.call('pipeline.remove', { pipeline: path.pipeline });
      training.compose('path');
      await this.load();
      notifyUndo(`"${path.name}" was moved to the bin; its runs stay.`, async () => {
        await client.call('pipeline.restore', { pipeline: path.pipeline });
        await this.load();
      });
    });
  }

  /** Reads the shown one again while it is under way, at most once a second. */
  follow(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.load().then(() => runs.load());
    }, 1500);
  }
}

export const paths = new Paths();
