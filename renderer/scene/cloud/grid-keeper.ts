import { CellGrid, type CellSort } from './cell-grid.ts';

/** Up to this many items are sorted at once, which takes a few milliseconds; more of them in a worker. */
export const sortedHere = 60_000;

/** As much of a worker as is needed. */
export interface SortWorker {
  postMessage(positions: Float32Array): void;
  onmessage: ((event: { data: CellSort }) => void) | null;
  terminate(): void;
}

const startWorker = (): SortWorker => new Worker(new URL('./cell-sort.worker.ts', import.meta.url), { type: 'module', name: 'cells of the map' }) as SortWorker;

/** The grid over the positions of the day. Of many items it comes a little later, so that nobody waits; until then there is none. */
export class GridKeeper {
  /** Called when a grid has come that was not there when it was asked for. */
  onReady: (() => void) | null = null;
  readonly #start: () => SortWorker;
  #worker: SortWorker | null = null;
  #grid: CellGrid | null = null;
  #of: Float32Array | null = null;
  /** Positions that the worker sorts now; those asked for since then come after them. */
  #sorting: Float32Array | null = null;

  constructor(start = startWorker) {
    this.#start = start;
  }

  /** @param positions [N, 3]; a grid is kept for as long as the same array is asked for @returns null while it is being made */
  of(positions: Float32Array): CellGrid | null {
    if (this.#of === positions) return this.#grid;
    this.#of = positions;
    if (positions.length / 3 <= sortedHere) this.#grid = new CellGrid(positions);
    else {
      this.#grid = null;
      if (!this.#sorting) this.#sort(positions);
    }
    return this.#grid;
  }

  #sort(positions: Float32Array): void {
    this.#sorting = positions;
    const worker = (this.#worker ??= this.#start());
    worker.onmessage = ({ data }) => {
      const wanted = this.#of!;
      const sorted = this.#sorting;
      this.#sorting = null;
      if (wanted === sorted) {
        this.#grid = new CellGrid(positions, data);
        this.onReady?.();
      } else if (!this.#grid) this.#sort(wanted);
    };
    worker.postMessage(positions);
  }

  dispose(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#of = this.#grid = this.#sorting = null;
    this.onReady = null;
  }
}
