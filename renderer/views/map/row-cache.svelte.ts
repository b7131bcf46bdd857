import type { Cell, Client, RowPage } from '../../../electron/contract/index.ts';

export interface Row {
  /** Point of the map. */
  index: number;
  values: ReadonlyMap<string, Cell>;
}

const pageRows = 100;
const pagesKept = 60;

/** Which rows, in which order. */
export interface RowQuery {
  within: Uint8Array | null;
  order: { column: string; descending: boolean } | null;
}

/** Rows of a table by page, fetched when they come into sight; those unseen for longest are let go. */
export class RowCache {
  /** Rows in all. */
  total = $state(0);
  /** Grows when rows came. */
  revision = $state(0);
  error = $state.raw<unknown>(null);
  readonly #client: Client;
  readonly #source: string;
  readonly #pages = new Map<number, Row[]>();
  readonly #asked = new Set<number>();
  #query: RowQuery = { within: null, order: null };
  #round = 0;

  constructor(client: Client, source: string, total: number) {
    this.#client = client;
    this.#source = source;
    this.total = total;
  }

  /** Other rows, or in another order. */
  ask(query: RowQuery): void {
    if (query.within === this.#query.within && query.order?.column === this.#query.order?.column && query.order?.descending === this.#query.order?.descending) return;
    this.#query = query;
    this.#round++;
    this.#pages.clear();
    this.#asked.clear();
    void this.#fetch(0);
  }

  /** The row at a place of the table; undefined while it is on its way. */
  at(place: number): Row | undefined {
    const page = Math.floor(place / pageRows);
    const rows = this.#pages.get(page);
    if (!rows) void this.#fetch(page);
    return rows?.[place % pageRows];
  }

  async #fetch(page: number): Promise<void> {
    if (this.#asked.has(page)) return;
    this.#asked.add(page);
    const round = this.#round;
    const { within, order } = this.#query;
    try {
      const rows = toRows(await this.#client.call('points.rows', { source: this.#source, from: page * pageRows, count: pageRows, ...(within ? { within } : {}), ...(order ? { order } : {}) }), (total) => round === this.#round && (this.total = total));
      if (round !== this.#round) return;
      this.#pages.set(page, rows);
      for (const oldest of this.#pages.keys()) {
        if (this.#pages.size <= pagesKept) break;
        this.#pages.delete(oldest);
        this.#asked.delete(oldest);
      }
      this.error = null;
      this.revision++;
    } catch (error) {
      if (round !== this.#round) return;
      this.#asked.delete(page);
      this.error = error;
    }
  }
}

function toRows(page: RowPage, total: (count: number) => unknown): Row[] {
  total(page.total);
  return Array.from(page.indices, (index, i) => ({ index, values: new Map(page.columns.map(({ name, values }) => [name, values[i]])) }));
}
