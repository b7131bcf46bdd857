import type { ErrorValue, JobInfo, VoicePreset, VoiceSetInfo } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { isOpen, jobs } from './jobs.svelte.ts';
import { attempt } from './notify.svelte.ts';
import { place } from './places.svelte.ts';
import { project } from './project.svelte.ts';
import { runs } from './runs.svelte.ts';
import { training } from './training.svelte.ts';

/** From a folder of recordings to a training of voices. */
class VoiceTraining {
  sets = $state.raw<VoiceSetInfo[]>([]);
  presets = $state.raw<VoicePreset[]>([]);
  chosen = $state<string | null>(null);
  readonly set = $derived(this.sets.find(({ ref }) => ref === this.chosen) ?? null);
  #job = $state<string | null>(null);
  /** The preparation that is under way. */
  readonly preparing = $derived<JobInfo | null>(jobs.list.find((job) => job.id === this.#job && isOpen(job)) ?? null);
  /** Why the last preparation did not end well. */
  error = $state.raw<ErrorValue | null>(null);
  preset = $state('standard');
  minutes = $state(60);
  name = $state('');
  starting = $state(false);

  constructor() {
    project.onOpen(() => {
      this.sets = [];
      this.chosen = null;
      this.#job = null;
    });
    jobs.onChange((job) => void this.#ended(job));
  }

  async load(): Promise<void> {
    const found = await attempt(() => Promise.all([client.call('voice.sets', {}), client.call('voices.presets', {})]));
    if (!found) return;
    [this.sets, this.presets] = found;
    if (!this.set) this.chosen = this.sets.at(-1)?.ref ?? null;
  }

  async prepare(path: string): Promise<void> {
    this.error = null;
    const begun = await attempt(() => client.call('voice.prepare', { path }));
    if (!begun) return;
    this.#job = begun.job;
    const known = jobs.list.find(({ id }) => id === begun.job);
    if (known) await this.#ended(known);
  }

  async #ended(job: JobInfo): Promise<void> {
    if (job.id !== this.#job || isOpen(job)) return;
    this.#job = null;
    this.error = job.state === 'failed' ? job.error : null;
    if (job.state !== 'done' || !job.result) return;
    await this.load();
    this.chosen = job.result;
  }

  /** Starts the training and shows its page. @returns whether it began */
  async start(): Promise<boolean> {
    const { set } = this;
    if (!set) return false;
    this.starting = true;
    const begun = await attempt(async () => {
      const started = await client.call('voices.train', { set: set.ref, preset: this.preset, name: this.name.trim() || undefined, training: { minutes: this.minutes } });
      await runs.load();
      return started;
    });
    this.starting = false;
    if (!begun) return false;
    training.show(begun.run);
    place.go('train');
    return true;
  }
}

export const voiceTraining = new VoiceTraining();
