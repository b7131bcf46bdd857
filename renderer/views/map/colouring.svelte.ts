import { metricRange } from '../../scene/color/metric-range.ts';
import type { ValueRange } from '../../scene/color/point-colors.ts';
import type { RampName } from '../../scene/color/ramps.ts';
import { legendRows, toggledClass, type Shown } from './legend.ts';

/** What the points' colours say, and which categories are shown. The legend and the scene read it; the session fills it in. */
export class Colouring {
  /** The column's name; `class` for the classes of a run. */
  by = $state('class');
  ramp = $state<RampName>('viridis');
  /** Category of each point, -1 none. Kept when colours go by a number, so that the legend still filters. [N] */
  codes = $state.raw<Int32Array>(new Int32Array(0));
  names = $state.raw<readonly string[]>([]);
  /** The column that the categories are of. */
  category = $state('class');
  /** Value of each point when colours go by a number. [N] */
  values = $state.raw<Float32Array | null>(null);
  /** Categories shown; null: all. */
  shown = $state.raw<Shown>(null);

  /** Ends of the values that are shown; null: open. They hold for the column that colours. */
  least = $state<number | null>(null);
  most = $state<number | null>(null);
  /** What the ends let through; null: everything. */
  let = $derived.by((): ValueRange | null => (this.values && (this.least !== null || this.most !== null) ? { values: this.values, low: this.least ?? -Infinity, high: this.most ?? Infinity } : null));

  byCategory = $derived.by(() => this.values === null);
  range = $derived.by(() => this.values && metricRange(this.values));
  legend = $derived.by(() => legendRows(this.names, this.codes));

  /** Colours go by another column. @param values null: by its categories */
  setValues(column: string, values: Float32Array | null): void {
    if (column !== this.by) this.setEnds(null, null);
    this.by = column;
    this.values = values;
  }

  setCategories(column: string, names: readonly string[], codes: Int32Array): void {
    if (column !== this.category || names.length !== this.names.length) this.shown = null;
    this.category = column;
    this.names = names;
    this.codes = codes;
  }

  toggle(label: number, additive: boolean): void {
    this.shown = toggledClass(this.shown, label, additive, this.legend.map((row) => row.label));
  }

  /** Shows the values between two ends only; null: open. */
  setEnds(least: number | null, most: number | null): void {
    this.least = least;
    this.most = most;
  }

  isShown(item: number): boolean {
    const { let: range } = this;
    if (range && !(range.values[item] >= range.low && range.values[item] <= range.high)) return false;
    return this.shown === null || this.shown.has(this.#known(item));
  }

  /** The category's code, or -1 where it has none that is listed. */
  #known(item: number): number {
    const code = this.codes[item] ?? -1;
    return code < this.names.length ? code : -1;
  }

  reset(): void {
    this.by = this.category = 'class';
    this.codes = new Int32Array(0);
    this.names = [];
    this.values = null;
    this.shown = null;
    this.setEnds(null, null);
  }
}
