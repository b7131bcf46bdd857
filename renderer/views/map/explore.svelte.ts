import type { Calls, Client, ErrorValue, OutputOf, PathDecoded } from '../../../electron/contract/index.ts';
import { ellipsoidOutlines } from '../../scene/cloud/ellipsoid.ts';
import type { Stroke } from '../../scene/map-scene.ts';
import type { PointBits } from '../../scene/select/point-bits.ts';
import { asError } from './as-error.ts';
import type { CloudSession, Vec3 } from './cloud-session.ts';
import { latestWins } from './latest-wins.ts';

export type PathMode = 'linear' | 'spherical' | 'graph';
type Place = { index: number } | { position: Vec3 };
export type Traversals = OutputOf<Calls['explore.traversals']>['trails'];

/** Amounts of an attribute that its film shows. */
const amounts = Array.from({ length: 17 }, (_, i) => (i - 8) / 4);

/** What a generative run adds to a map: paths through it, directions between selections, the spread of an item, traversals. */
export class Explore {
  readonly #client: Client;
  readonly #session: () => CloudSession;
  /** Clicks set places of the path. */
  pathing = $state(false);
  places = $state.raw<readonly { place: Place; at: Vec3 }[]>([]);
  mode = $state<PathMode>('linear');
  path = $state.raw<PathDecoded | null>(null);
  pathError = $state.raw<ErrorValue | null>(null);
  pathBusy = $state(false);
  /** Points of the selection that an attribute begins at. */
  from = $state.raw<PointBits | null>(null);
  attribute = $state.raw<OutputOf<Calls['explore.attribute']> | null>(null);
  varied = $state.raw<PathDecoded | null>(null);
  attributeError = $state.raw<ErrorValue | null>(null);
  spread = $state.raw<readonly Float32Array[] | null>(null);
  /** The model has no posterior. */
  spreadless = $state(false);
  trails = $state.raw<Traversals | null>(null);
  itemError = $state.raw<ErrorValue | null>(null);
  itemBusy = $state(false);
  #item = -1;

  readonly #pather = latestWins(
    async (input: { places: Place[]; mode: PathMode }) => this.#client.call('explore.path', { ...(await this.#session().here()), frames: 24, size: 96, ...input }),
    (path) => {
      this.path = path;
      this.pathError = null;
      this.pathBusy = false;
    },
    (error) => {
      this.path = null;
      this.pathError = asError(error);
      this.pathBusy = false;
    },
  );

  strokes = $derived.by((): Stroke[] => {
    const strokes: Stroke[] = [];
    if (this.path) strokes.push({ points: this.#shown(this.path.positions), color: null, alpha: [0.95, 0.95] });
    if (this.places.length > 0) strokes.push({ points: Float32Array.from(this.places.flatMap(({ at }) => at)), color: null, alpha: this.path ? [0, 0] : [0.45, 0.45], marks: 'dots' });
    for (const outline of this.spread ?? []) strokes.push({ points: outline, color: null, alpha: [0.6, 0.6] });
    for (const { positions } of this.trails ?? []) strokes.push({ points: this.#shown(positions), color: null, alpha: [0.25, 0.95], marks: 'end' });
    if (this.varied) strokes.push({ points: this.#shown(this.varied.positions), color: null, alpha: [0.2, 0.9], marks: 'end' });
    return strokes;
  });

  constructor(client: Client, session: () => CloudSession) {
    this.#client = client;
    this.#session = session;
  }

  get possible(): boolean {
    const { source, layout, decodes } = this.#session();
    return source !== null && layout !== null && decodes;
  }

  #shown(positions: Float32Array): Float32Array {
    const session = this.#session();
    const out = new Float32Array(positions.length);
    for (let i = 0; i < positions.length; i += 3) out.set(session.fromLayout(positions.subarray(i, i + 3)), i);
    return out;
  }

  /** Adds a place to the path: an item, or a position in the void. */
  add(item: number, at: Vec3): void {
    this.places = [...this.places, { place: item >= 0 ? { index: item } : { position: this.#session().toLayout(at) }, at }];
    this.#ask();
  }
  dropLast(): void {
    this.places = this.places.slice(0, -1);
    this.#ask();
  }
  setMode(mode: PathMode): void {
    this.mode = mode;
    this.#ask();
  }
  /** The layout moved: places that are items move along. */
  again(): void {
    const { positions } = this.#session();
    this.places = this.places.map(({ place, at }) => ({ place, at: 'index' in place && positions ? [positions[place.index * 3], positions[place.index * 3 + 1], positions[place.index * 3 + 2]] : at }));
    this.#ask();
  }
  #ask(): void {
    if (this.places.length < 2 || !this.possible) {
      this.#pather.cancel();
      this.path = null;
      this.pathBusy = false;
      return;
    }
    this.pathBusy = true;
    this.#pather.ask({ places: this.places.map(({ place }) => place), mode: this.mode });
  }
  endPath(): void {
    this.pathing = false;
    this.places = [];
    this.pathError = null;
    this.#ask();
  }

  /** The direction from the remembered selection to this one. */
  async direct(to: PointBits): Promise<void> {
    if (!this.from) return;
    this.attributeError = null;
    try {
      this.attribute = await this.#client.call('explore.attribute', { source: (await this.#session().here()).source, from: this.from, to });
    } catch (error) {
      this.attributeError = asError(error);
    }
  }
  /** Moves an item along the attribute. */
  async vary(index: number): Promise<void> {
    if (!this.attribute) return;
    this.attributeError = null;
    try {
      this.varied = await this.#client.call('explore.vary', { ...(await this.#session().here()), place: { index }, attribute: this.attribute.attribute, amounts, size: 128 });
    } catch (error) {
      this.attributeError = asError(error);
    }
  }
  get amounts(): readonly number[] {
    return amounts;
  }
  forget(): void {
    this.from = this.attribute = this.varied = this.attributeError = null;
  }

  async toggleSpread(index: number): Promise<void> {
    if (this.spread) return void (this.spread = null);
    await this.#ofItem(index, async () => {
      const posterior = await this.#client.call('explore.posterior', { ...(await this.#session().here()), index });
      this.spreadless = posterior === null;
      if (!posterior) return;
      const { fromLayout } = this.#bound();
      const zero = fromLayout([0, 0, 0]);
      const axes = [0, 3, 6].flatMap((o) => fromLayout(posterior.axes.subarray(o, o + 3)).map((x, a) => x - zero[a]));
      this.spread = ellipsoidOutlines(fromLayout(posterior.centre), axes);
    });
  }
  #bound(): { fromLayout(at: ArrayLike<number>): Vec3 } {
    const session = this.#session();
    return { fromLayout: (at) => session.fromLayout(at) };
  }
  async toggleTrails(index: number): Promise<void> {
    if (this.trails) return void (this.trails = null);
    await this.#ofItem(index, async () => {
      this.trails = (await this.#client.call('explore.traversals', { ...(await this.#session().here()), index, dimensions: 6, steps: 9, size: 64 })).trails;
    });
  }
  async #ofItem(index: number, work: () => Promise<void>): Promise<void> {
    this.#item = index;
    this.itemBusy = true;
    this.itemError = null;
    try {
      await work();
      if (this.#item !== index) this.leaveItem();
    } catch (error) {
      this.itemError = asError(error);
    }
    this.itemBusy = false;
  }
  /** Another item is looked at. */
  leaveItem(): void {
    this.#item = -1;
    this.spread = this.trails = this.varied = this.itemError = null;
    this.spreadless = false;
  }

  /** Another map, or another layout of it. */
  close(): void {
    this.endPath();
    this.leaveItem();
    this.forget();
  }
}
