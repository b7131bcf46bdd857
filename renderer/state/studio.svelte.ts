import type { CanvasInfo, Picture, RunInfo } from '../../electron/contract/index.ts';
import { flatten, freshCanvas, History, placedCells, type CanvasState } from '../services/canvas-model.ts';
import { client } from '../services/client.ts';
import { attempt, notify } from './notify.svelte.ts';
import { project } from './project.svelte.ts';
import { runs } from './runs.svelte.ts';

export type StudioMode = 'generate' | 'paint' | 'change' | 'style' | 'animate';
export type Tool = 'paint' | 'fill' | 'mark' | 'region' | 'pick';

/** The picture that is worked on. */
class Studio {
  mode = $state<StudioMode>('generate');
  run = $state<string | null>(null);
  canvas = $state.raw<CanvasInfo | null>(null);
  opening = $state(false);

  /** The canvas as it is, with all that can be undone. */
  state = $state.raw<CanvasState | null>(null);
  canUndo = $state(false);
  canRedo = $state(false);
  #history: History<CanvasState> | null = null;

  /** As it came, where it came from a picture. */
  original = $state.raw<Picture | null>(null);
  /** The newest that was drawn of it. */
  picture = $state.raw<Picture | null>(null);
  /** What the decoder took the last time, in milliseconds. */
  decodeMs = $state<number | null>(null);
  title = $state('');
  /** Of the class that the picture has or is meant to have. */
  label = $state<string | null>(null);
  /** Saved canvas that this is. */
  document = $state<string | null>(null);
  /** Cells to be drawn anew, over the list of codes. */
  marks = $state.raw<ReadonlySet<number>>(new Set());

  grid = $state(0);
  tool = $state<Tool>('paint');
  brush = $state(0.5);
  code = $state<number | null>(null);

  readonly codes = $derived(this.state && flatten(this.state));
  readonly grids = $derived(this.canvas && this.state ? placedCells(this.canvas.grids, this.state) : []);
  /** Runs whose codes make pictures that can be painted on. */
  readonly candidates = $derived(runs.list.filter((run) => runs.hasCodes(run) && run.step > 0));

  constructor() {
    project.onOpen(() => {
      this.run = null;
      this.canvas = null;
      this.clear();
    });
  }

  /** Opens a run to work with; what was on the canvas is let go, unless its codes mean the same. */
  async open(run: RunInfo | string): Promise<boolean> {
    const folder = typeof run === 'string' ? run : run.run;
    this.opening = true;
    const found = await attempt(() => client.call('studio.open', { run: folder }));
    this.opening = false;
    if (!found) return false;
    if (found.fingerprint !== this.canvas?.fingerprint) this.clear();
    this.run = folder;
    this.canvas = found;
    this.grid = found.grids.length - 1;
    return true;
  }

  /** Looks again for priors, after one was trained. */
  async refresh(): Promise<void> {
    if (this.run) this.canvas = (await client.call('studio.open', { run: this.run }).catch(() => null)) ?? this.canvas;
  }

  clear(): void {
    this.#history = null;
    this.state = null;
    this.picture = null;
    this.original = null;
    this.marks = new Set();
    this.code = null;
    this.document = null;
    this.canUndo = this.canRedo = false;
  }

  /** Puts codes on the canvas. */
  begin(state: CanvasState, about: { title: string; label?: string | null; original?: Picture | null; picture?: Picture | null; document?: string | null }): void {
    this.#history = new History(state);
    this.title = about.title;
    this.label = about.label ?? null;
    this.original = about.original ?? null;
    this.document = about.document ?? null;
    this.picture = about.picture ?? null;
    this.marks = new Set();
    this.#follow(!about.picture);
    if (this.mode !== 'change') this.mode = 'paint';
  }

  /** Encodes a picture and puts it on the canvas. */
  async take(source: { item?: number; path?: string; bytes?: Uint8Array }, title: string): Promise<void> {
    const { run } = this;
    if (!run) return;
    await attempt(async () => {
      const found = await client.call('studio.encode', { run, ...source });
      this.begin(freshCanvas(found.rows, found.columns, found.codes), { title, label: found.label, original: found.original, picture: found.decoded });
      for (const note of found.notes) notify(note);
    });
  }

  /** A change of the canvas. @param joined one step with the change before */
  push(next: CanvasState, joined = false): void {
    if (!this.#history || next === this.state) return;
    this.#history.push(next, joined);
    this.#follow();
  }

  /** Goes back to a state of before, where it can be reached. */
  undoTo(state: unknown): void {
    const history = this.#history;
    if (!history) return;
    let steps = 0;
    while (history.canUndo && history.present !== state) {
      history.undo();
      steps++;
    }
    if (history.present !== state) for (; steps > 0; steps--) history.redo();
    this.#follow(false);
  }

  undo(): void {
    this.#history?.undo();
    this.#follow();
  }

  redo(): void {
    this.#history?.redo();
    this.#follow();
  }

  #follow(draw = true): void {
    const history = this.#history;
    if (!history) return;
    const resized = this.state && (this.state.rows !== history.present.rows || this.state.columns !== history.present.columns);
    this.state = history.present;
    this.canUndo = history.canUndo;
    this.canRedo = history.canRedo;
    if (resized) this.marks = new Set();
    if (draw) void this.#draw();
  }

  #drawing = false;
  #again = false;
  /** Draws the canvas; while one picture is under way only the newest state waits. */
  async #draw(): Promise<void> {
    if (this.#drawing) {
      this.#again = true;
      return;
    }
    this.#drawing = true;
    do {
      this.#again = false;
      const { run, state, codes } = this;
      if (!run || !state || !codes) break;
      const began = performance.now();
      const found = await attempt(() => client.call('studio.decode', { run, codes, rows: state.rows, columns: state.columns }));
      if (!found) break;
      this.picture = found.picture;
      this.decodeMs = performance.now() - began;
    } while (this.#again);
    this.#drawing = false;
  }
}

export const studio = new Studio();
