import type { GalleryItem, Picture } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { gallery } from './gallery.svelte.ts';
import { notifyError } from './notify.svelte.ts';
import { studio } from './studio.svelte.ts';

export interface Drawing {
  seed: number;
  temperature: number;
  topK: number | null;
  topP: number;
  guidance: number;
}

interface Batch extends Drawing {
  run: string;
  prior: string | null;
  count: number;
  labels: { label: string; weight: number }[];
}

export interface Made {
  item: GalleryItem;
  picture: Picture;
}

/** Series of pictures that are drawn, one after another. */
class Generation {
  settings = $state<Drawing>({ seed: 1, temperature: 1, topK: null, topP: 1, guidance: 1 });
  count = $state(16);
  labels = $state<{ label: string; weight: number }[]>([]);
  prior = $state<string | null>(null);
  /** Takes another seed after each series. */
  newSeed = $state(true);

  waiting = $state.raw<Batch[]>([]);
  current = $state.raw<Batch | null>(null);
  progress = $state(0);
  note = $state('');
  seconds = $state<number | null>(null);
  /** Of the series that is drawn, or was drawn last. */
  made = $state.raw<(Made | null)[]>([]);
  #stop: (() => void) | null = null;

  start(): void {
    const { run } = studio;
    if (!run) return;
    const { settings, prior, count } = this;
    this.waiting = [...this.waiting, { ...settings, run, prior, count, labels: this.labels.map((part) => ({ ...part })) }];
    if (this.newSeed) this.settings.seed = (settings.seed + 1) % 2 ** 31;
    if (!this.current) this.#next();
  }

  /** Calls off the series under way and those that wait. */
  cancel(): void {
    this.waiting = [];
    this.#stop?.();
    this.#end();
  }

  #end(): void {
    this.#stop?.();
    this.#stop = null;
    this.current = null;
    this.#next();
  }

  #next(): void {
    const [batch, ...rest] = this.waiting;
    if (!batch) return;
    this.waiting = rest;
    this.current = batch;
    this.progress = 0;
    this.seconds = null;
    this.note = '';
    this.made = Array<Made | null>(batch.count).fill(null);
    const { run, prior, count, seed, temperature, topK, topP, guidance, labels } = batch;
    const known = prior ?? studio.canvas?.priors[0]?.run;
    const request = {
      run, count, seed, temperature, prior: prior ?? undefined,
      ...(known ? { topK: topK ?? undefined, topP: topP < 1 ? topP : undefined, guidance: guidance !== 1 && labels.length > 0 ? guidance : undefined } : {}),
      labels: labels.length > 0 ? labels : undefined,
    };
    this.#stop = client.subscribe('studio.generate', request, (event) => {
      if (this.current !== batch) return;
      if (event.type === 'progress') this.progress = Math.max(this.progress, event.done);
      if (event.type === 'picture') {
        this.made = this.made.with(event.index, { item: event.item, picture: event.picture });
        this.progress = Math.max(this.progress, (event.index + 1) / count);
        gallery.add(event.item, event.picture);
      }
      if (event.type === 'done') {
        this.note = event.note;
        this.seconds = event.seconds;
      }
      if (event.type === 'failed') notifyError(event.error);
      // After the stream's own turn, so that it is known how to leave it.
      if (event.type === 'done' || event.type === 'failed') setTimeout(() => this.current === batch && this.#end());
    });
  }
}

export const generation = new Generation();
