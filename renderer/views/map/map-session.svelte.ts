import type { Client, Decoded, ErrorValue, MapFrame, MapInfo, MapItem } from '../../../electron/contract/index.ts';
import { metricRange } from '../../scene/color/metric-range.ts';
import type { RampName } from '../../scene/color/ramps.ts';
import { isErrorValue, notifyError } from '../../state/notify.svelte.ts';
import { selection } from '../../state/selection.svelte.ts';
import { FrameCache } from './frame-cache.ts';
import { latestWins } from './latest-wins.ts';
import { legendRows, toggledClass, type Shown } from './legend.ts';
import { SheetThumbnails } from './sheet-thumbnails.ts';
import { arrived, atLatest, currentStep, following, openedTimeline, played, scrubbed, stepped, type Timeline } from './timeline.ts';

type Vec3 = [number, number, number];

const playMs = 700;

export const asError = (error: unknown): ErrorValue =>
  isErrorValue(error) ? error : { code: 'internal', message: error instanceof Error ? error.message : String(error), remedy: 'Try again.' };

/** The map of one run: what was loaded, what is shown, what is selected. Knows nothing of the canvas. */
export class MapSession {
  readonly #client: Client;
  run = $state<string | null>(null);
  status = $state<'none' | 'loading' | 'ready' | 'empty' | 'failed'>('none');
  error = $state.raw<ErrorValue | null>(null);
  info = $state.raw<MapInfo | null>(null);
  frame = $state.raw<MapFrame | null>(null);
  timeline = $state.raw<Timeline>(openedTimeline([]));
  playing = $state(false);
  /** Grows when more thumbnails can be drawn. */
  thumbnailsReady = $state(0);
  thumbnails = $state.raw<SheetThumbnails | null>(null);

  /** `class`, or the name of a metric. */
  colorBy = $state('class');
  ramp = $state<RampName>('viridis');
  shown = $state.raw<Shown>(null);
  hovered = $state(-1);
  item = $state.raw<MapItem | null>(null);
  itemError = $state.raw<ErrorValue | null>(null);
  probe = $state.raw<Vec3 | null>(null);
  decoded = $state.raw<Decoded | null>(null);
  decodeError = $state.raw<ErrorValue | null>(null);
  decoding = $state(false);

  legend = $derived(this.info ? legendRows(this.info.classes, this.info.labels) : []);
  metrics = $derived(Object.keys(this.frame?.metrics ?? {}));
  values = $derived(this.frame?.metrics[this.colorBy] ?? null);
  range = $derived(this.values && metricRange(this.values));
  step = $derived(this.frame?.step ?? null);
  selected = $derived(selection.item !== null && this.info && selection.item < this.info.count ? selection.item : -1);

  #frames: FrameCache | null = null;
  #unsubscribe: (() => void) | null = null;
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #decoder = latestWins(
    ({ run, step, position }: { run: string; step: number; position: Vec3 }) => this.#client.call('map.decode', { run, step, position }),
    (decoded) => {
      this.decoded = decoded;
      this.decodeError = null;
      this.decoding = false;
    },
    (error) => {
      this.decodeError = asError(error);
      this.decoding = false;
    },
  );
  readonly #items = latestWins(
    ({ run, step, index }: { run: string; step: number; index: number }) => this.#client.call('map.item', { run, step, index }),
    (item) => {
      if (item.index !== this.selected) return;
      this.item = item;
      this.itemError = null;
    },
    (error) => (this.itemError = asError(error)),
  );

  constructor(client: Client) {
    this.#client = client;
  }

  /** Opens a run's map, or none. */
  async open(run: string | null): Promise<void> {
    this.close();
    this.run = run;
    if (!run) return;
    const round = this.#round;
    this.status = 'loading';
    this.#frames = new FrameCache((step) => this.#client.call('map.frame', { run, step }));
    this.#unsubscribe = this.#client.subscribe('run.events', { run }, (event) => {
      if (event.type === 'map' && round === this.#round) void this.#arrived(event.step);
    });
    try {
      await this.#load(round);
    } catch (error) {
      if (round !== this.#round) return;
      this.error = asError(error);
      this.status = 'failed';
    }
  }

  async #load(round: number): Promise<void> {
    const info = await this.#client.call('map.open', { run: this.run! });
    if (round !== this.#round) return;
    if (!info || info.steps.length === 0) {
      this.status = 'empty';
      return;
    }
    const timeline = openedTimeline(info.steps);
    const frame = await this.#frames!.get(currentStep(timeline)!);
    if (round !== this.#round) return;
    this.info = info;
    this.timeline = timeline;
    this.thumbnails = new SheetThumbnails(info.thumbnails, () => this.thumbnailsReady++);
    this.#show(frame);
    this.status = 'ready';
    this.error = null;
  }

  async #arrived(step: number): Promise<void> {
    const round = this.#round;
    try {
      if (this.status !== 'ready') {
        if (this.status !== 'loading') await this.#load(round);
        return;
      }
      this.#frames!.drop(step);
      this.timeline = arrived(this.timeline, step);
      if (this.timeline.follow) await this.#showCurrent();
    } catch (error) {
      if (round === this.#round) notifyError(error);
    }
  }

  /** Loads and shows the frame of the timeline; a later wish overtakes an earlier one. */
  async #showCurrent(): Promise<void> {
    const step = currentStep(this.timeline);
    if (step === null || !this.#frames) return;
    const round = this.#round;
    const frame = await this.#frames.get(step);
    if (round !== this.#round || currentStep(this.timeline) !== step) return;
    this.#show(frame);
    for (const next of [this.timeline.steps[this.timeline.index + 1], this.timeline.steps[this.timeline.index - 1]]) {
      if (next !== undefined) void this.#frames.get(next).catch(() => undefined);
    }
  }

  #show(frame: MapFrame): void {
    if (this.frame === frame) return;
    this.frame = frame;
    if (this.colorBy !== 'class' && !(this.colorBy in frame.metrics)) this.colorBy = 'class';
    this.#askItem();
    this.#askDecode();
  }

  scrub(index: number): void {
    this.pause();
    this.#move(scrubbed(this.timeline, index));
  }
  nudge(by: number): void {
    this.pause();
    this.#move(stepped(this.timeline, by));
  }
  follow(on: boolean): void {
    this.pause();
    this.#move(following(this.timeline, on));
  }
  #move(timeline: Timeline): void {
    this.timeline = timeline;
    this.#showCurrent().catch(notifyError);
  }

  togglePlay(): void {
    if (this.playing) return this.pause();
    if (this.timeline.steps.length < 2) return;
    this.playing = true;
    if (atLatest(this.timeline)) this.#move(scrubbed(this.timeline, 0));
    this.#timer = setTimeout(() => this.#tick(), playMs);
  }
  #tick(): void {
    const next = played(this.timeline);
    if (!next) return this.pause();
    this.timeline = next;
    this.#showCurrent().then(
      () => (this.#timer = this.playing ? setTimeout(() => this.#tick(), playMs) : null),
      (error: unknown) => {
        this.pause();
        notifyError(error);
      },
    );
  }
  pause(): void {
    this.playing = false;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  select(item: number): void {
    selection.item = item >= 0 ? item : null;
    if (this.item?.index !== item) this.item = null;
    this.itemError = null;
    this.#askItem();
  }
  /** Loads the selected item again if it is not the one at hand, e.g. when it was selected in another place. */
  refreshItem(): void {
    if (this.selected < 0) this.item = null;
    else if (this.item?.index !== this.selected) {
      this.item = null;
      this.#askItem();
    }
  }
  #askItem(): void {
    if (this.selected >= 0 && this.run && this.frame) this.#items.ask({ run: this.run, step: this.frame.step, index: this.selected });
  }

  /** Moves the probe, or takes it away. */
  setProbe(position: Vec3 | null): void {
    this.probe = position;
    if (position) this.#askDecode();
    else {
      this.#decoder.cancel();
      this.decoded = null;
      this.decodeError = null;
      this.decoding = false;
    }
  }
  #askDecode(): void {
    if (!this.probe || !this.run || !this.frame) return;
    this.decoding = true;
    this.#decoder.ask({ run: this.run, step: this.frame.step, position: this.probe });
  }

  toggleClass(label: number, additive: boolean): void {
    this.shown = toggledClass(this.shown, label, additive, this.legend.map((row) => row.label));
  }

  /** Earlier places of an item in the frames at hand up to the one shown. [T, 3], oldest first; null when there is no path. */
  trail(item: number): Float32Array | null {
    const path: number[] = [];
    for (const step of this.timeline.steps.slice(0, this.timeline.index + 1)) {
      const frame = this.#frames?.peek(step);
      if (frame && item * 3 + 2 < frame.positions.length) path.push(...frame.positions.subarray(item * 3, item * 3 + 3));
    }
    return path.length >= 6 ? Float32Array.from(path) : null;
  }

  classOf(item: number): string {
    const label = this.info?.labels[item] ?? -1;
    return this.info?.classes[label] ?? '';
  }

  close(): void {
    this.#round++;
    this.pause();
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#decoder.cancel();
    this.#items.cancel();
    this.thumbnails?.close();
    this.#frames = null;
    this.thumbnails = null;
    this.info = this.frame = this.item = this.probe = this.decoded = null;
    this.error = this.itemError = this.decodeError = null;
    this.timeline = openedTimeline([]);
    this.shown = null;
    this.hovered = -1;
    this.decoding = false;
    this.status = 'none';
  }
}
