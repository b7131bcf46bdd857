import type { Picture, SavedEntry } from '../../electron/contract/index.ts';
import { edit, type CanvasState } from '../services/canvas-model.ts';
import { client } from '../services/client.ts';
import { gallery } from './gallery.svelte.ts';
import { attempt, notify } from './notify.svelte.ts';
import { studio } from './studio.svelte.ts';

export interface Attribute {
  key: string;
  name: string;
  /** What the call takes: a class, or items of the run's data. */
  of: { label: string } | { items: number[] };
}

/** The picture whose codes are mixed in. */
interface Second {
  title: string;
  picture: Picture;
  codes: Int32Array;
  rows: number;
  columns: number;
  fingerprint: string;
}

/** Of a selection. */
const MOST_ITEMS = 500;

/** Puts codes on the canvas, as one step that can be undone. @param of the state that the codes are a change of: later tries take its place */
function put(codes: Int32Array, of: CanvasState): void {
  if (studio.state !== of) studio.undoTo(of);
  const from = studio.codes!;
  const changes: [number, number][] = [];
  codes.forEach((code, i) => code !== from[i] && changes.push([i, code]));
  if (changes.length > 0) studio.push(edit(studio.state!, changes));
}

/** Sliders that move the canvas along attributes of the model's data. */
class Attributes {
  amounts = $state<Record<string, number>>({});
  /** Selections that were kept in the map of the run. */
  selections = $state.raw<Attribute[]>([]);
  busy = $state(false);
  looking = $state(false);
  /** The canvas before the first slider was moved, and as the sliders left it. */
  #from: CanvasState | null = null;
  #left: CanvasState | null = null;
  #again = false;

  readonly list = $derived<Attribute[]>([...(studio.canvas?.classes ?? []).map((name) => ({ key: `class ${name}`, name, of: { label: name } })), ...this.selections]);
  readonly moved = $derived(Object.values(this.amounts).some((amount) => amount !== 0));

  set(key: string, amount: number): void {
    this.amounts[key] = amount;
    void this.#apply();
  }

  reset(): void {
    this.amounts = {};
    void this.#apply();
  }

  async #apply(): Promise<void> {
    if (this.busy) {
      this.#again = true;
      return;
    }
    this.busy = true;
    do {
      this.#again = false;
      const { run, state } = studio;
      if (!run || !state) break;
      // After any other change the sliders begin anew from there.
      if (!this.#from || state !== this.#left) this.#from = state;
      const from = this.#from;
      const shifts = this.list.filter(({ key }) => this.amounts[key]).map(({ key, of }) => ({ ...of, amount: this.amounts[key] }));
      if (state !== from) studio.undoTo(from);
      if (shifts.length > 0) {
        const codes = studio.codes!;
        const found = await attempt(() => client.call('studio.shift', { run, codes, rows: from.rows, columns: from.columns, shifts }));
        if (!found) break;
        put(found.codes, from);
      }
      this.#left = studio.state;
    } while (this.#again);
    this.busy = false;
  }

  /** What the sliders did counts as the canvas now; they go back to nought. */
  settle(): void {
    this.amounts = {};
    this.#from = this.#left = null;
  }

  /** Looks for selections that were kept in the map of the run; it takes as long as opening the map. */
  async load(): Promise<void> {
    const { run } = studio;
    if (!run) return;
    this.looking = true;
    await attempt(async () => {
      const source = await client.call('points.open', { kind: 'run', run, items: 'map' });
      const entries = (await client.call('saved.list', { source: source.id })).filter(({ kind }) => kind === 'selection');
      const found = await Promise.all(entries.map((entry) => this.#itemsOf(source.id, entry)));
      if (studio.run !== run) return;
      this.selections = found.filter((one) => one !== null);
      if (this.selections.length === 0) notify('No selection was kept in the map of this model. Select points there and keep the selection.');
    });
    this.looking = false;
  }

  async #itemsOf(source: string, { id, name }: SavedEntry): Promise<Attribute | null> {
    const { bits } = await client.call('saved.points', { source, id });
    const { items } = await client.call('explore.items', { source, points: bits });
    return items.length < 2 ? null : { key: `selection ${id}`, name, of: { items: items.slice(0, MOST_ITEMS) } };
  }
}

/** Codes of a second picture in some grids and places of the canvas. */
class Mixing {
  second = $state.raw<Second | null>(null);
  /** Grids by number that come from the second picture. */
  grids = $state.raw<ReadonlySet<number>>(new Set([0]));
  /** Only where cells are marked. */
  marked = $state(false);
  busy = $state(false);
  #from: CanvasState | null = null;
  #left: CanvasState | null = null;

  readonly fits = $derived(this.second !== null && studio.state !== null && this.second.rows === studio.state.rows && this.second.columns === studio.state.columns && this.second.fingerprint === studio.canvas?.fingerprint);

  async take(source: { item?: number; bytes?: Uint8Array }, title: string): Promise<void> {
    const { run, state, canvas } = studio;
    if (!run || !state || !canvas) return;
    this.busy = true;
    // Items have the size of the model's pictures; files take that of the canvas.
    const size = source.bytes ? { rows: state.rows, columns: state.columns } : {};
    const found = await attempt(() => client.call('studio.encode', { run, ...source, ...size }));
    this.busy = false;
    if (!found) return;
    this.second = { title, picture: found.decoded, codes: found.codes, rows: found.rows, columns: found.columns, fingerprint: canvas.fingerprint };
    if (!this.fits) notify('The second picture has another size than the canvas. Take a canvas of the size the model was trained on, or open the picture from a file.');
  }

  async takeChosen(): Promise<void> {
    const item = gallery.items.find(({ id }) => gallery.chosen.has(id));
    const picture = item && (await gallery.picture(item.id));
    if (picture) await this.take({ bytes: picture.bytes }, item.recipe?.label ?? 'Picture');
  }

  /** A second mixture takes the place of the first, unless the canvas was changed between. */
  apply(): void {
    const { second } = this;
    if (!second || !this.fits || !studio.state) return;
    if (!this.#from || studio.state !== this.#left) this.#from = studio.state;
    else studio.undoTo(this.#from);
    const codes = studio.codes!.slice();
    studio.grids.forEach(({ at, width, height }, level) => {
      if (!this.grids.has(level)) return;
      for (let cell = at; cell < at + width * height; cell++) if (!this.marked || studio.marks.has(cell)) codes[cell] = second.codes[cell];
    });
    put(codes, this.#from);
    this.#left = studio.state;
  }
}

/** Repairs by a prior. */
class Recovery {
  amount = $state(0.1);
  temperature = $state(0.7);
  seed = $state(1);
  busy = $state(false);
  variants = $state.raw<{ codes: Int32Array; picture: Picture }[]>([]);
  of = $state.raw<CanvasState | null>(null);

  async find(prior: string): Promise<void> {
    const { run, state, codes } = studio;
    if (!run || !state || !codes) return;
    this.busy = true;
    const found = await attempt(() => client.call('studio.recover', { run, prior, codes, rows: state.rows, columns: state.columns, amount: this.amount, temperature: this.temperature, seed: this.seed, count: 6 }));
    this.busy = false;
    if (!found) return;
    this.variants = found.variants;
    this.of = state;
    studio.marks = new Set(Array.from(found.mask.keys()).filter((i) => found.mask[i] === 1));
    this.take(found.variants[0]);
  }

  take({ codes }: { codes: Int32Array }): void {
    if (this.of) put(codes, this.of);
  }
}

export const attributes = new Attributes();
export const mixing = new Mixing();
export const recovery = new Recovery();
