import type { Client, ErrorValue, InputOf, Calls, LayoutFrame, PointItem, PointSource } from '../../../electron/contract/index.ts';
import { attempt } from '../../state/notify.svelte.ts';
import { asError, notOpen } from './as-error.ts';
import { Chosen } from './chosen.svelte.ts';
import type { CloudSession, ColourChoice, MapAxes, ProbeAnswer, Vec3 } from './cloud-session.ts';
import { Colouring } from './colouring.svelte.ts';
import { latestWins } from './latest-wins.ts';
import { densityOf } from '../../scene/cloud/density.ts';
import { densityChoice, densityColumn } from './own-columns.ts';
import { loadColumn, loadPositions, place, placed, placementOf, unplaced, type Placement } from './point-loading.ts';
import { PointPictures } from './point-pictures.ts';
import { RowCache } from './row-cache.svelte.ts';

const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

export type OpenRequest = InputOf<Calls['points.open']>;

/** The map of a table from elsewhere, or of a codebook: points and columns come from the engine in pieces. */
export class TableSession implements CloudSession {
  readonly #client: Client;
  readonly colouring = new Colouring();
  readonly chosen = new Chosen();
  kind = $state<'table' | 'codebook'>('table');
  status = $state<CloudSession['status']>('none');
  error = $state.raw<ErrorValue | null>(null);
  source = $state.raw<PointSource | null>(null);
  layout = $state.raw<string | null>(null);
  positions = $state.raw<Float32Array | null>(null);
  pictures = $state.raw<PointPictures | null>(null);
  picturesReady = $state(0);
  rows = $state.raw<RowCache | null>(null);
  hovered = $state(-1);
  selected = $state(-1);
  item = $state.raw<PointItem | null>(null);
  itemError = $state.raw<ErrorValue | null>(null);
  nearest = $state.raw<readonly { index: number; distance: number }[]>([]);
  probe = $state.raw<Vec3 | null>(null);
  decoded = $state.raw<ProbeAnswer | null>(null);
  decodeError = $state.raw<ErrorValue | null>(null);
  decoding = $state(false);
  /** The layout that is being computed and shown as it moves. */
  moving = $state.raw<{ layout: string; epoch: number; epochs: number } | null>(null);
  /** A layout or column is on its way. */
  busy = $state(false);

  key = $derived(this.source?.id ?? null);
  title = $derived(this.source?.title ?? 'Table');
  count = $derived(this.positions ? (this.source?.count ?? 0) : 0);
  info = $derived(this.source?.layouts.find((layout) => layout.id === this.layout) ?? null);
  axes = $derived.by((): MapAxes | null => this.info && { names: this.info.axes, explained: this.info.explained });
  decodes = $derived((this.info?.inverse ?? null) !== null && this.source?.decoder !== null);
  neighbours = $derived(this.nearest.map(({ index }) => index));
  colourChoices = $derived.by((): ColourChoice[] => [
    ...(this.source?.columns ?? []).filter(({ type }) => type !== 'list' && type !== 'text').map(({ name, type, distinct }) => ({ value: name, label: name, note: type === 'category' || type === 'boolean' ? `${distinct} values` : undefined })),
    ...(this.source?.columns.some(({ name }) => name === densityColumn) ? [] : [densityChoice]),
  ]);
  others = $derived.by((): ColourChoice[] => (this.source?.layouts ?? []).filter(({ id }) => id !== this.layout).map(({ id, name }) => ({ value: id, label: name })));
  readonly step = null;

  #placement: Placement = { centre: [0, 0, 0], scale: 1 };
  #names = new Map<number, { name: string; label: string }>();
  #namesAsked = $state(0);
  #round = 0;
  #stopFrames: (() => void) | null = null;
  readonly #namer = latestWins(
    ({ source, index }: { source: string; index: number }) => this.#client.call('points.rows', { source, count: 1, within: Int32Array.of(index), columns: this.#nameColumns() }),
    (page, { index }) => {
      const value = (role: string): string => String(page.columns.find(({ name }) => name === this.#columnOf(role))?.values[0] ?? '');
      this.#names.set(index, { name: value('name'), label: value('label') });
      this.#namesAsked++;
    },
    () => undefined,
  );
  readonly #decoder = latestWins(
    ({ source, layout, position }: { source: string; layout: string; position: Vec3 }) => this.#client.call('explore.decode', { source, layout, position }),
    (answer) => {
      this.decoded = { picture: answer.picture, confidence: answer.confidence, nearest: answer.nearest.map(({ index }) => index) };
      this.decodeError = null;
      this.decoding = false;
    },
    (error) => {
      this.decodeError = asError(error);
      this.decoding = false;
    },
  );
  readonly #items = latestWins(
    async ({ source, index }: { source: string; index: number }) => {
      const item = await this.#client.call('points.item', { source, index });
      const near = this.source?.vectors ? await this.#client.call('points.neighbours', { source, index }) : null;
      return { item, near };
    },
    ({ item, near }) => {
      if (item.index !== this.selected) return;
      this.item = item;
      this.nearest = near ? Array.from(near.indices, (index, i) => ({ index, distance: near.distances[i] })) : [];
      this.itemError = null;
    },
    (error) => (this.itemError = asError(error)),
  );

  constructor(client: Client) {
    this.#client = client;
  }

  async open(request: OpenRequest): Promise<void> {
    this.close();
    const round = this.#round;
    this.kind = request.kind === 'codebook' ? 'codebook' : 'table';
    this.status = 'loading';
    try {
      const source = await this.#client.call('points.open', request);
      if (round !== this.#round) return;
      const layout = source.layouts[0];
      if (!layout || source.count === 0) {
        this.source = source;
        this.status = 'empty';
        return;
      }
      this.chosen.reset(source.count);
      if (source.media.pictures) this.pictures = new PointPictures(this.#client, source.id, 48, () => this.picturesReady++);
      this.rows = new RowCache(this.#client, source.id, source.count);
      const [positions] = await Promise.all([this.#positionsOf(source, layout.id), this.#colour(source, source.colorBy, round)]);
      await nextTask(); // the window may draw and answer before so many points are set up
      if (round !== this.#round) return;
      this.source = source;
      this.layout = layout.id;
      this.positions = positions;
      this.error = null;
      this.status = 'ready';
    } catch (error) {
      if (round !== this.#round) return;
      this.error = asError(error);
      this.status = 'failed';
    }
  }

  async #positionsOf(source: PointSource, layout: string): Promise<Float32Array> {
    const { positions, bounds } = await loadPositions(this.#client, source, layout);
    this.#placement = placementOf(bounds);
    return place(positions, this.#placement);
  }

  async positionsOf(other: string): Promise<Float32Array> {
    const { positions, bounds } = await loadPositions(this.#client, this.source!, other);
    return place(positions, placementOf(bounds));
  }

  /** Shows another layout; the points glide there. */
  async show(layout: string): Promise<void> {
    const round = this.#round;
    if (!this.source) return;
    this.busy = true;
    await attempt(async () => {
      const source = await this.#client.call('points.info', { source: this.source!.id });
      const positions = await this.#positionsOf(source, layout);
      if (round !== this.#round) return;
      this.source = source;
      this.positions = positions;
      this.layout = layout;
      this.setProbe(null);
      if (this.colouring.by === densityColumn) await this.colourBy(densityColumn);
    });
    this.busy = false;
  }

  /** What was added meanwhile: kept projections, their quality. */
  async refresh(): Promise<void> {
    const round = this.#round;
    if (!this.source) return;
    await attempt(async () => {
      const source = await this.#client.call('points.info', { source: this.source!.id });
      if (round === this.#round) this.source = source;
    });
  }

  /** Shows a layout as it is computed. @param done called when its last frame has come */
  follow(layout: string): void {
    this.#stopFrames?.();
    const round = this.#round;
    this.#stopFrames = this.#client.subscribe('layouts.frames', { layout }, (frame) => {
      if (round === this.#round) this.#moved(frame);
    });
  }
  unfollow(): void {
    this.#stopFrames?.();
    this.#stopFrames = null;
    this.moving = null;
  }
  #moved({ layout, epoch, epochs, indices, positions }: LayoutFrame): void {
    if (!this.positions) return;
    this.moving = { layout, epoch, epochs };
    if (!indices) this.positions = positions;
    else {
      const next = this.positions.slice();
      indices.forEach((item, i) => next.set(positions.subarray(i * 3, i * 3 + 3), item * 3));
      this.positions = next;
    }
  }

  async colourBy(column: string): Promise<void> {
    if (column === densityColumn && this.positions && !this.source?.columns.some(({ name }) => name === column)) return this.colouring.setValues(column, densityOf(this.positions));
    if (this.source) await attempt(() => this.#colour(this.source!, column, this.#round));
  }
  async #colour(source: PointSource, column: string | null, round: number): Promise<void> {
    const { colouring } = this;
    if (!column) {
      colouring.setCategories('', [], new Int32Array(source.count).fill(-1));
      return;
    }
    const loaded = await loadColumn(this.#client, source, column);
    if (round !== this.#round) return;
    colouring.setValues(column, loaded.type === 'number' ? loaded.values : null);
    if (loaded.type === 'number') {
      if (colouring.codes.length !== source.count) colouring.setCategories('', [], new Int32Array(source.count).fill(-1));
    } else {
      colouring.setCategories(column, loaded.categories.map(({ value }) => value), loaded.codes);
    }
  }

  select(item: number): void {
    this.selected = item;
    this.item = null;
    this.itemError = null;
    this.nearest = [];
    if (item >= 0 && this.source) this.#items.ask({ source: this.source.id, index: item });
  }

  setProbe(position: Vec3 | null): void {
    if (position && !this.decodes) return;
    this.probe = position;
    if (position && this.source && this.layout) {
      this.decoding = true;
      this.#decoder.ask({ source: this.source.id, layout: this.layout, position: this.toLayout(position) });
    } else {
      this.#decoder.cancel();
      this.decoded = this.decodeError = null;
      this.decoding = false;
    }
  }
  toLayout(position: Vec3): Vec3 {
    return unplaced(this.#placement, position);
  }
  fromLayout(position: ArrayLike<number>): Vec3 {
    return placed(this.#placement, position);
  }

  #columnOf(role: string): string | undefined {
    return this.source?.columns.find((column) => column.role === role)?.name ?? (role === 'label' ? this.colouring.category || undefined : undefined);
  }
  #nameColumns(): string[] {
    return ['name', 'label'].flatMap((role) => this.#columnOf(role) ?? []);
  }
  #known(item: number): { name: string; label: string } | undefined {
    void this.#namesAsked;
    const known = this.#names.get(item);
    if (!known && this.source && item >= 0 && this.#nameColumns().length > 0) this.#namer.ask({ source: this.source.id, index: item });
    return known;
  }
  nameOf(item: number): string {
    return this.#known(item)?.name || `Row ${item}`;
  }
  labelOf(item: number): string {
    const { codes, names } = this.colouring;
    return names[codes[item] ?? -1] ?? this.#known(item)?.label ?? '';
  }
  async find(query: string, limit: number): Promise<readonly number[]> {
    if (!this.source || !query.trim()) return [];
    return [...(await this.#client.call('points.search', { source: this.source.id, text: query.trim(), limit })).indices];
  }

  async here(): Promise<{ source: string; layout: string }> {
    if (!this.source || !this.layout) throw notOpen;
    return { source: this.source.id, layout: this.layout };
  }

  trail(): null {
    return null;
  }

  close(): void {
    this.#round++;
    this.unfollow();
    this.#decoder.cancel();
    this.#items.cancel();
    this.#namer.cancel();
    this.pictures?.close();
    this.#names.clear();
    this.source = this.layout = this.positions = this.pictures = this.rows = this.item = null;
    this.probe = this.decoded = this.decodeError = this.itemError = this.error = null;
    this.nearest = [];
    this.hovered = this.selected = -1;
    this.decoding = this.busy = false;
    this.colouring.reset();
    this.chosen.reset(0);
    this.status = 'none';
  }
}
