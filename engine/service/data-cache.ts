import type { Dataset } from '../data/index.ts';

interface Entry {
  set: Promise<Dataset>;
  users: number;
  lastUse: number;
}

const limit = 2;
const idleMs = 60_000;

/** Datasets held open between pages of the same set, at most two, let go after an idle minute. */
export class DataCache {
  readonly #entries = new Map<string, Entry>();
  #timer: NodeJS.Timeout | undefined;

  /** Opens the set unless it is open, and lends it to `work`. @throws as `openImages` */
  async use<T>(ref: string, work: (set: Dataset) => Promise<T>): Promise<T> {
    let entry = this.#entries.get(ref);
    if (!entry) {
      const set = import('../data/index.ts').then(({ openImages }) => openImages(ref));
      entry = { set, users: 0, lastUse: 0 };
      this.#entries.set(ref, entry);
      set.catch(() => this.#entries.delete(ref));
    }
    entry.users++;
    try {
      return await work(await entry.set);
    } finally {
      entry.users--;
      entry.lastUse = Date.now();
      this.#tidy();
    }
  }

  /** Lets a set go, as before it is removed. */
  async drop(ref: string): Promise<void> {
    const entry = this.#entries.get(ref);
    this.#entries.delete(ref);
    await entry?.set.then((set) => set.close()).catch(() => {});
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([...this.#entries.keys()].map((ref) => this.drop(ref)));
  }

  #tidy(): void {
    const now = Date.now();
    const idle = [...this.#entries].filter(([, entry]) => entry.users === 0).sort((a, b) => a[1].lastUse - b[1].lastUse);
    let excess = this.#entries.size - limit;
    for (const [ref, entry] of idle) {
      if (excess-- > 0 || now - entry.lastUse >= idleMs) void this.drop(ref);
    }
    clearTimeout(this.#timer);
    if (this.#entries.size > 0) this.#timer = setTimeout(() => this.#tidy(), idleMs).unref();
  }
}
