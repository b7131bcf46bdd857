import { metricRange } from '../../scene/color/metric-range.ts';
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

  byCategory = $derived.by(() => this.values === null);
  range = $derived.by(() => this.values && metricRange(this.values));
  legend = $derived.by(() => legendRows(this.names, this.codes));

  setCategories(column: string, names: readonly string[], codes: Int32Array): void {
    if (column !== this.category || names.length !== this.names.length) this.shown = null;
    this.category = column;
    this.names = names;
    this.codes = codes;
  }

  toggle(label: number, additive: boolean): void {
    this.shown = toggledClass(this.shown, label, additive, this.legend.map((row) => row.label));
  }

  isShown(item: number): boolean {
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
  }
}
