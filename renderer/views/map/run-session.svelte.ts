import type { Client, Decoded, ErrorValue, MapFrame, MapInfo, MapItem, PointSource } from '../../../electron/contract/index.ts';
import { metricName, sortMetrics } from '../../services/metric-names.ts';
import { notifyError } from '../../state/notify.svelte.ts';
import { selection } from '../../state/selection.svelte.ts';
import { asError, notOpen } from './as-error.ts';
import { Chosen } from './chosen.svelte.ts';
import type { CloudSession, ColourChoice, MapAxes, Vec3 } from './cloud-session.ts';
import { Colouring } from './colouring.svelte.ts';
import { findItems } from './find-items.ts';
import { FrameCache } from './frame-cache.ts';
import { latestWins } from './latest-wins.ts';
import { densityOf } from '../../scene/cloud/density.ts';
import { densityChoice, densityColumn, withAnomaly } from './own-columns.ts';
import { runs } from '../../state/runs.svelte.ts';
import { SheetThumbnails } from './sheet-thumbnails.ts';
import { arrived, atLatest, currentStep, following, openedTimeline, played, scrubbed, stepped, type Timeline } from './timeline.ts';

const playMs = 700;
/** Steps that trails go through. */
const mostTrailed = 60;

/** The map of one run, frame by frame while it trains. */
export class RunSession implements CloudSession {
  readonly kind = 'run';
  readonly colouring = new Colouring();
  readonly chosen = new Chosen();
  readonly #client: Client;
  run = $state<string | null>(null);
  status = $state<'none' | 'loading' | 'ready' | 'empty' | 'failed'>('none');
  error = $state.raw<ErrorValue | null>(null);
  info = $state.raw<MapInfo | null>(null);
  frame = $state.raw<MapFrame | null>(null);
  timeline = $state.raw<Timeline>(openedTimeline([]));
  playing = $state(false);
  picturesReady = $state(0);
  pictures = $state.raw<SheetThumbnails | null>(null);
  source = $state.raw<PointSource | null>(null);
  hovered = $state(-1);
  item = $state.raw<MapItem | null>(null);
  itemError = $state.raw<ErrorValue | null>(null);
  probe = $state.raw<Vec3 | null>(null);
  decoded = $state.raw<Decoded | null>(null);
  decodeError = $state.raw<ErrorValue | null>(null);
  decoding = $state(false);

  key = $derived(this.run);
  title = $derived(this.source?.title ?? 'Map');
  count = $derived(this.info?.count ?? 0);
  positions = $derived(this.frame?.positions ?? null);
  axes = $derived.by((): MapAxes | null => this.frame && { names: ['1', '2', '3'], explained: this.frame.explained });
  metrics = $derived(Object.keys(this.frame?.metrics ?? {}));
  colourChoices = $derived.by((): ColourChoice[] => [
    { value: 'class', label: 'Class' },
    ...sortMetrics(this.metrics).map((metric) => ({ value: metric, label: metricName(metric).title, note: metricName(metric).help || undefined })),
    densityChoice,
  ]);
  step = $derived(this.frame?.step ?? null);
  layout = $derived(this.frame && `frame:${this.frame.step}`);
  selected = $derived(selection.item !== null && this.info && selection.item < this.info.count ? selection.item : -1);
  neighbours = $derived(this.item && this.item.index === this.selected ? this.item.neighbours.map((n) => n.index) : []);
  others = $derived.by((): ColourChoice[] => [
    ...this.timeline.steps.filter((step) => step !== this.step).map((step) => ({ value: `frame:${step}`, label: `Step ${step}` })).reverse(),
    ...this.#peers.map(({ run, name, step }) => ({ value: `run:${run}`, label: name, note: `another model, step ${step}` })),
  ]);
  /** Other models of the same pictures. */
  #peers = $derived.by(() => {
    const own = runs.list.find(({ run }) => run === this.run);
    return runs.list.filter(({ run, data, step, codec }) => own !== undefined && run !== own.run && !codec && step > 0 && data.fingerprint === own.data.fingerprint);
  });
  /** Trails of the chosen items through the steps are shown. */
  trailing = $state(false);
  readonly decodes = true;

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
    this.#frames = new FrameCache((step) => this.#client.call('map.frame', { run, step }).then(withAnomaly));
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
    this.chosen.reset(info.count);
    this.colouring.setCategories('class', info.classes, info.labels);
    this.pictures = new SheetThumbnails(info.thumbnails, () => this.picturesReady++);
    void this.#openSource(round);
    this.#show(frame);
    this.status = 'ready';
    this.error = null;
  }

  /** The same items for the engine's searches; without them the map still works. */
  async #openSource(round: number): Promise<void> {
    try {
      const source = await this.#client.call('points.open', { kind: 'run', run: this.run! });
      if (round === this.#round && source.count === this.info?.count) this.source = source;
    } catch (error) {
      console.warn('The run has no points to search in', error);
    }
  }

  /** Latents belong to a checkpoint, and the one that was opened may be older than the frame that is shown. */
  async here(): Promise<{ source: string; layout: string }> {
    const { run, frame, layout, info } = this;
    const round = this.#round;
    if (!run || !frame || !layout) throw notOpen;
    const has = ({ layouts }: PointSource): boolean => layouts.some(({ id }) => id === layout);
    if (this.source && has(this.source)) return { source: this.source.id, layout };
    let source = await this.#client.call('points.open', { kind: 'run', run });
    if (!has(source)) source = await this.#client.call('points.open', { kind: 'run', run, step: frame.step });
    if (source.count !== info?.count) throw notOpen;
    if (round === this.#round) this.source = source;
    return { source: source.id, layout };
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
    this.colourBy(this.colouring.by);
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

  /** Goes to the step of a frame. */
  showLayout(layout: string): void {
    const index = this.timeline.steps.indexOf(Number(layout.slice('frame:'.length)));
    if (index >= 0) this.scrub(index);
  }

  positionsOf(other: string): Promise<Float32Array> {
    if (!this.#frames || !this.info) return Promise.reject(new Error('No run is open.'));
    if (other.startsWith('run:')) return this.#positionsIn(other.slice('run:'.length), this.info.items);
    return this.#frames.get(Number(other.slice('frame:'.length))).then(({ positions }) => positions);
  }
  /** Where another model has the same items, at its newest step. @throws ErrorValue-shaped when it has not all of them */
  async #positionsIn(run: string, items: Int32Array): Promise<Float32Array> {
    const info = await this.#client.call('map.open', { run });
    const step = info?.steps.at(-1);
    const at = new Map(Array.from(info?.items ?? [], (item, i) => [item, i]));
    if (!info || step === undefined || !items.every((item) => at.has(item))) throw { code: 'bad-input', message: 'The other model has no map of the same pictures.', remedy: 'Compare models that were trained on the same data with maps of as many items.' } satisfies ErrorValue;
    const { positions } = await this.#client.call('map.frame', { run, step });
    const out = new Float32Array(items.length * 3);
    items.forEach((item, i) => out.set(positions.subarray(at.get(item)! * 3, at.get(item)! * 3 + 3), i * 3));
    return out;
  }

  colourBy(column: string): void {
    const values = column === densityColumn && this.frame ? densityOf(this.frame.positions) : (this.frame?.metrics[column] ?? null);
    this.colouring.setValues(values ? column : 'class', values);
  }

  find(query: string, limit: number): Promise<readonly number[]> {
    return Promise.resolve(findItems(this.info?.names ?? [], query, limit));
  }

  /** Shows or hides the ways of the chosen items; frames that are not at hand are fetched. */
  async toggleTrails(): Promise<void> {
    this.trailing = !this.trailing;
    if (!this.trailing || !this.#frames) return;
    const round = this.#round;
    try {
      for (const step of this.timeline.steps.slice(-mostTrailed)) {
        await this.#frames.get(step);
        if (round !== this.#round) return;
        this.#fetched++;
      }
    } catch (error) {
      if (round === this.#round) notifyError(error);
    }
  }
  #fetched = $state(0);

  /** Earlier places of an item in the frames at hand up to the one shown. [T, 3], oldest first; null when there is no path. */
  trail(item: number): Float32Array | null {
    void this.#fetched;
    const path: number[] = [];
    for (const step of this.timeline.steps.slice(0, this.timeline.index + 1).slice(-mostTrailed)) {
      const frame = this.#frames?.peek(step);
      if (frame && item * 3 + 2 < frame.positions.length) path.push(...frame.positions.subarray(item * 3, item * 3 + 3));
    }
    return path.length >= 6 ? Float32Array.from(path) : null;
  }

  // The engine lays runs out within the unit sphere already.
  toLayout = (position: Vec3): Vec3 => position;
  fromLayout = (position: ArrayLike<number>): Vec3 => [position[0], position[1], position[2]];

  nameOf(item: number): string {
    return this.info?.names[item] ?? '';
  }

  labelOf(item: number): string {
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
    this.pictures?.close();
    this.#frames = null;
    this.pictures = null;
    this.source = null;
    this.chosen.reset(0);
    this.info = this.frame = this.item = this.probe = this.decoded = null;
    this.error = this.itemError = this.decodeError = null;
    this.timeline = openedTimeline([]);
    this.colouring.shown = null;
    this.hovered = -1;
    this.decoding = this.trailing = false;
    this.status = 'none';
  }
}
