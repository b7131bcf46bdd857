import type { Picture } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { gallery } from './gallery.svelte.ts';
import { attempt, notify } from './notify.svelte.ts';
import { project } from './project.svelte.ts';
import { runs } from './runs.svelte.ts';

/** What is drawn again: an item of the run's data, or a file's bytes. */
export type StyleSource = { title: string } & ({ item: number } | { bytes: Uint8Array });

/** Longer side that a large picture is brought to at first, in sides of the pictures the model was trained on. */
const FIRST_SIDES = 4;
/** Longest side that can be asked for, in pixels. */
export const MOST_PIXELS = 2048;

/** A picture that is drawn again in a style, or in a mixture of several. */
class Restyling {
  run = $state<string | null>(null);
  source = $state.raw<StyleSource | null>(null);
  /** By name of the style. */
  weights = $state<Record<string, number>>({});
  strength = $state(1);
  /** Longer side in pixels; null: the picture's own. Items of the data are of the model's size. */
  size = $state<number | null>(null);
  original = $state.raw<Picture | null>(null);
  picture = $state.raw<Picture | null>(null);
  /** The picture in each style alone, small. */
  tiles = $state.raw<Readonly<Record<string, Picture>>>({});
  busy = $state(false);
  keeping = $state(false);
  seconds = $state<number | null>(null);
  /** How much of the picture shows the original, from the left, 0 to 1. */
  split = $state(0);

  readonly candidates = $derived(runs.list.filter((run) => !run.codec && run.step > 0 && runs.family(run.family)?.restyles === true));
  readonly info = $derived(this.candidates.find(({ run }) => run === this.run) ?? null);
  readonly styles = $derived(this.info?.data.classes ?? []);
  readonly mix = $derived(Object.fromEntries(this.styles.map((name) => [name, this.weights[name] ?? 0] as const).filter(([, weight]) => weight > 0)));
  readonly side = $derived(this.info?.data.width ?? 64);
  readonly drawable = $derived(this.source !== null && Object.keys(this.mix).length > 0);

  constructor() {
    project.onOpen(() => {
      this.run = null;
      this.#clear();
    });
  }

  #clear(): void {
    this.source = null;
    this.original = this.picture = null;
    this.tiles = {};
  }

  /** Opens a run; the picture that is there is drawn by it, or a held-out one of its data. */
  async open(run: string): Promise<void> {
    if (this.run === run) return;
    this.run = run;
    const kept = this.source && 'bytes' in this.source ? this.source : null;
    this.#clear();
    const { info } = this;
    if (!info) return;
    this.weights = Object.fromEntries(info.data.classes.map((name, i) => [name, i === info.data.classes.length - 1 ? 1 : 0]));
    if (kept) return this.take(kept);
    const page = await client.call('data.page', { ref: info.data.ref, split: 'test', limit: 1, thumbnailSize: 8 }).catch(() => null);
    const [first] = page?.items ?? [];
    if (first && this.run === run && !this.source) await this.take({ item: first.index, title: first.name });
  }

  async take(source: StyleSource): Promise<void> {
    this.source = source;
    this.size = 'bytes' in source ? await this.#firstSize(source.bytes) : null;
    this.tiles = {};
    await this.draw();
    await this.#drawTiles(source);
  }

  async #firstSize(bytes: Uint8Array): Promise<number> {
    const most = FIRST_SIDES * this.side;
    const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>])).catch(() => null); // of a kind that only the engine reads
    const own = bitmap ? Math.max(bitmap.width, bitmap.height) : most;
    bitmap?.close();
    return Math.max(8, Math.min(own, most));
  }

  #request(source: StyleSource, mix: Record<string, number>, size: number | null) {
    return { run: this.run!, mix, size: size ?? undefined, ...('item' in source ? { items: [source.item] } : { pictures: [{ name: source.title, bytes: source.bytes }] }) };
  }

  async #drawTiles(source: StyleSource): Promise<void> {
    for (const name of this.styles) {
      const found = await client.call('runs.transfer', this.#request(source, { [name]: 1 }, 'bytes' in source ? this.side : null)).catch(() => null);
      if (this.source !== source) return;
      if (found) this.tiles = { ...this.tiles, [name]: found.results[0].picture };
    }
  }

  /** One style alone, or with `add` one more or one less in the mixture. */
  choose(style: string, add: boolean): void {
    const others = Object.keys(this.mix).filter((name) => name !== style);
    if (!add) this.weights = Object.fromEntries(this.styles.map((name) => [name, name === style ? 1 : 0]));
    else if (this.mix[style] === undefined) this.weights[style] = 1;
    else if (others.length > 0) this.weights[style] = 0;
    void this.draw();
  }

  #again = false;
  /** Draws; while one picture is under way only the newest wish waits. */
  async draw(): Promise<void> {
    if (this.busy) {
      this.#again = true;
      return;
    }
    this.busy = true;
    do {
      this.#again = false;
      const { source, mix, strength, size } = this;
      if (!source || !this.drawable) break;
      const began = performance.now();
      const found = await attempt(() => client.call('runs.transfer', { ...this.#request(source, mix, size), strength }));
      if (!found) break;
      if (this.source !== source) continue;
      this.original = found.results[0].original;
      this.picture = found.results[0].picture;
      this.seconds = (performance.now() - began) / 1000;
      for (const note of found.notes) notify(note);
    } while (this.#again);
    this.busy = false;
  }

  /** Into the gallery, at full quality and with all that made it. */
  async keep(): Promise<void> {
    const { source, mix, strength, size } = this;
    if (!source || !this.drawable) return;
    this.keeping = true;
    const found = await attempt(() => client.call('runs.transfer', { ...this.#request(source, mix, size), strength, keep: true }));
    this.keeping = false;
    const kept = found?.results[0];
    if (!kept?.item) return;
    gallery.add(kept.item, kept.picture);
    notify('The picture is in the gallery.');
  }
}

export const restyling = new Restyling();
