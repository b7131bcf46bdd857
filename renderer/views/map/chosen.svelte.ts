import { combined, countBits, emptyBits, hasPoint, inverted, pointsOf, type PointBits, type SetMode } from '../../scene/select/point-bits.ts';

interface Entry {
  bits: PointBits | null;
  /** What made it, e.g. `Lasso`. */
  words: string;
}

const kept = 100;

/** The points that are selected, and how they came to be: every act can be taken back. */
export class Chosen {
  /** Points in all. */
  total = $state(0);
  /** Null: nothing is selected. */
  bits = $derived.by(() => this.#at.bits);
  count = $derived.by(() => (this.#at.bits ? countBits(this.#at.bits) : 0));
  words = $derived.by(() => this.#at.words);
  /** What undo takes back and redo brings again, in words. */
  undoes = $derived.by(() => (this.#past.length > 0 ? this.#at.words : null));
  redoes = $derived.by(() => this.#future.at(-1)?.words ?? null);
  #at = $state.raw<Entry>({ bits: null, words: '' });
  #past = $state.raw<readonly Entry[]>([]);
  #future = $state.raw<readonly Entry[]>([]);

  /** Begins anew, with another map. */
  reset(total: number): void {
    this.total = total;
    this.#at = { bits: null, words: '' };
    this.#past = this.#future = [];
  }

  has(item: number): boolean {
    return this.bits !== null && hasPoint(this.bits, item);
  }

  /** @param words what is done, for undo */
  apply(next: PointBits, mode: SetMode, words: string): void {
    const bits = combined(mode, this.bits ?? emptyBits(this.total), next);
    this.#go({ bits: countBits(bits) > 0 ? bits : null, words });
  }

  clear(): void {
    if (this.bits) this.#go({ bits: null, words: 'Clear' });
  }

  invert(): void {
    if (this.total > 0) this.apply(inverted(this.bits ?? emptyBits(this.total), this.total), 'replace', 'Invert');
  }

  undo(): void {
    const before = this.#past.at(-1);
    if (!before) return;
    this.#past = this.#past.slice(0, -1);
    this.#future = [...this.#future, this.#at];
    this.#at = before;
  }

  redo(): void {
    const next = this.#future.at(-1);
    if (!next) return;
    this.#future = this.#future.slice(0, -1);
    this.#past = [...this.#past, this.#at];
    this.#at = next;
  }

  /** Ascending. */
  points(): Uint32Array {
    return this.bits ? pointsOf(this.bits) : new Uint32Array(0);
  }

  #go(entry: Entry): void {
    const { bits } = this.#at;
    const same = bits === entry.bits || (bits !== null && entry.bits !== null && bits.every((byte, i) => byte === entry.bits![i]));
    if (same) return;
    this.#past = [...this.#past.slice(-kept + 1), this.#at];
    this.#future = [];
    this.#at = entry;
  }
}
