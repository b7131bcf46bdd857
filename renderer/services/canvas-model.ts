/** A canvas of codes with layers of edits; every function gives a new state, so that undo is a list of states. */
import type { CanvasGrid } from '../../electron/contract/index.ts';

export interface CanvasLayer {
  name: string;
  visible: boolean;
  /** What stands in a cell of the list of codes instead of what is below. */
  edits: ReadonlyMap<number, number>;
}

export interface CanvasState {
  /** Cells of the coarsest grid. */
  rows: number;
  columns: number;
  base: Int32Array;
  /** The lowest first; there is always one. */
  layers: readonly CanvasLayer[];
  /** Where edits go. */
  active: number;
}

/** A grid of a canvas and where its cells stand in the list of codes. */
export interface PlacedCells {
  at: number;
  width: number;
  height: number;
}

/** A rectangle of one grid, in its cells. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What was copied: codes of a rectangle of a grid. */
export interface Clip {
  grid: number;
  width: number;
  height: number;
  codes: Int32Array;
}

export const freshCanvas = (rows: number, columns: number, base: Int32Array): CanvasState => ({ rows, columns, base, layers: [{ name: 'Layer 1', visible: true, edits: new Map() }], active: 0 });

export function placedCells(grids: readonly CanvasGrid[], { rows, columns }: Pick<CanvasState, 'rows' | 'columns'>): PlacedCells[] {
  let at = 0;
  return grids.map(({ scale }) => {
    const placed = { at, width: columns * scale, height: rows * scale };
    at += placed.width * placed.height;
    return placed;
  });
}

/** The codes as they are seen. */
export function flatten({ base, layers }: CanvasState): Int32Array {
  const codes = base.slice();
  for (const { visible, edits } of layers) if (visible) for (const [cell, code] of edits) codes[cell] = code;
  return codes;
}

/** Sets cells in the active layer. @returns the same state where nothing changes */
export function edit(state: CanvasState, changes: Iterable<readonly [cell: number, code: number]>): CanvasState {
  const { layers, active } = state;
  const edits = new Map(layers[active].edits);
  const seen = flatten({ ...state, layers: layers.slice(0, active + 1) });
  let changed = false;
  for (const [cell, code] of changes) {
    if (seen[cell] === code && edits.get(cell) === undefined) continue;
    if (edits.get(cell) === code) continue;
    edits.set(cell, code);
    changed = true;
  }
  return changed ? { ...state, layers: layers.with(active, { ...layers[active], edits }) } : state;
}

/** Cells of a grid whose middle is within `radius` cells of a cell's middle; a radius of 0.5 is the cell alone. */
export function brushCells(grid: PlacedCells, x: number, y: number, radius: number): number[] {
  const cells: number[] = [];
  const reach = Math.ceil(radius);
  for (let cy = Math.max(0, y - reach); cy <= Math.min(grid.height - 1, y + reach); cy++) {
    for (let cx = Math.max(0, x - reach); cx <= Math.min(grid.width - 1, x + reach); cx++) {
      if ((cx - x) ** 2 + (cy - y) ** 2 <= radius ** 2) cells.push(grid.at + cy * grid.width + cx);
    }
  }
  return cells;
}

/** Cells on the way from one to another, both included, without gaps. */
export function lineCells(from: { x: number; y: number }, to: { x: number; y: number }): { x: number; y: number }[] {
  const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const t = steps === 0 ? 0 : i / steps;
    return { x: Math.round(from.x + t * (to.x - from.x)), y: Math.round(from.y + t * (to.y - from.y)) };
  });
}

/** The rectangle between two cells, within the grid. */
export function regionBetween(grid: PlacedCells, a: { x: number; y: number }, b: { x: number; y: number }): Region {
  const left = Math.max(0, Math.min(a.x, b.x)), top = Math.max(0, Math.min(a.y, b.y));
  return { x: left, y: top, width: Math.min(grid.width, Math.max(a.x, b.x) + 1) - left, height: Math.min(grid.height, Math.max(a.y, b.y) + 1) - top };
}

export function regionCells(grid: PlacedCells, { x, y, width, height }: Region): number[] {
  return Array.from({ length: width * height }, (_, i) => grid.at + (y + Math.floor(i / width)) * grid.width + x + (i % width));
}

export function copyRegion(state: CanvasState, grids: readonly PlacedCells[], grid: number, region: Region): Clip {
  const codes = flatten(state);
  return { grid, width: region.width, height: region.height, codes: Int32Array.from(regionCells(grids[grid], region), (cell) => codes[cell]) };
}

/** Puts a clip down with its left upper corner at a cell; what reaches beyond the border is left out. */
export function paste(state: CanvasState, grids: readonly PlacedCells[], clip: Clip, x: number, y: number): CanvasState {
  const grid = grids[clip.grid];
  const changes: [number, number][] = [];
  clip.codes.forEach((code, i) => {
    const cx = x + (i % clip.width), cy = y + Math.floor(i / clip.width);
    if (cx >= 0 && cy >= 0 && cx < grid.width && cy < grid.height) changes.push([grid.at + cy * grid.width + cx, code]);
  });
  return edit(state, changes);
}

/** Fills what has the same code and hangs together with a cell, edge to edge. */
export function floodCells(codes: ArrayLike<number>, grid: PlacedCells, x: number, y: number): number[] {
  const wanted = codes[grid.at + y * grid.width + x];
  const seen = new Set<number>();
  const open = [y * grid.width + x];
  while (open.length > 0) {
    const cell = open.pop()!;
    if (seen.has(cell) || codes[grid.at + cell] !== wanted) continue;
    seen.add(cell);
    const column = cell % grid.width;
    if (column > 0) open.push(cell - 1);
    if (column < grid.width - 1) open.push(cell + 1);
    if (cell >= grid.width) open.push(cell - grid.width);
    if (cell < grid.width * (grid.height - 1)) open.push(cell + grid.width);
  }
  return [...seen].sort((a, b) => a - b).map((cell) => grid.at + cell);
}

/** More canvas on a side, in cells of the coarsest grid. */
export interface Border {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/**
 * Grows a canvas. New cells repeat the nearest code of the edge until they are drawn.
 * @returns the larger canvas, and its new cells as a mask over the list of codes
 */
export function extend(state: CanvasState, grids: readonly CanvasGrid[], border: Border): { state: CanvasState; mask: Int32Array } {
  const rows = state.rows + border.top + border.bottom;
  const columns = state.columns + border.left + border.right;
  const before = placedCells(grids, state);
  const after = placedCells(grids, { rows, columns });
  const total = after.reduce((sum, { width, height }) => sum + width * height, 0);
  const base = new Int32Array(total);
  const mask = new Int32Array(total);
  const moved = new Map<number, number>();
  grids.forEach(({ scale, alphabets }, level) => {
    const small = before[level], big = after[level];
    for (let y = 0; y < big.height; y++) {
      for (let x = 0; x < big.width; x++) {
        const oy = y - border.top * scale, ox = x - border.left * scale;
        const inside = oy >= 0 && ox >= 0 && oy < small.height && ox < small.width;
        const cy = Math.min(small.height - 1, Math.max(0, oy));
        // Codes of a column are of the alphabet of that column, so the nearest column of the same one is repeated.
        const cx = inside ? ox : nearestColumn(ox, small.width, alphabets);
        const from = small.at + cy * small.width + cx;
        const to = big.at + y * big.width + x;
        base[to] = state.base[from];
        if (inside) moved.set(from, to);
        else mask[to] = 1;
      }
    }
  });
  const layers = state.layers.map((layer) => ({ ...layer, edits: new Map([...layer.edits].map(([cell, code]) => [moved.get(cell)!, code])) }));
  return { state: { ...state, rows, columns, base, layers }, mask };
}

function nearestColumn(x: number, width: number, alphabets: number): number {
  const kind = ((x % alphabets) + alphabets) % alphabets;
  return x < 0 ? kind : width - alphabets + kind;
}

/** Undo without end. */
export class History<T> {
  #past: T[] = [];
  #future: T[] = [];
  present: T;

  constructor(present: T) {
    this.present = present;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** @param joined goes into the step before: a stroke is one step */
  push(next: T, joined = false): void {
    if (next === this.present) return;
    if (!joined) this.#past.push(this.present);
    this.#future = [];
    this.present = next;
  }

  undo(): void {
    const before = this.#past.pop();
    if (before === undefined) return;
    this.#future.push(this.present);
    this.present = before;
  }

  redo(): void {
    const after = this.#future.pop();
    if (after === undefined) return;
    this.#past.push(this.present);
    this.present = after;
  }
}
