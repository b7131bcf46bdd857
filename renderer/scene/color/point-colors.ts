import type { MetricRange } from './metric-range.ts';
import { hasPoint, type PointBits } from '../select/point-bits.ts';
import type { Rgb } from './oklab.ts';
import { ramp, type RampName } from './ramps.ts';

/** How strongly an item is drawn; the alpha byte of its colour. */
export const presence = { full: 255, receding: 96, dimmed: 36, hidden: 0 } as const;

/**
 * Colours items by class.
 * @param labels [N], -1 unknown
 * @param palette one colour a class
 * @param unknown colour of items without a class
 * @param out [N, 4] bytes; the alpha byte is left as it is
 */
export function colorByClass(labels: Int32Array, palette: readonly Rgb[], unknown: Rgb, out: Uint8Array): void {
  const bytes = palette.map(toBytes);
  const none = toBytes(unknown);
  for (let i = 0; i < labels.length; i++) {
    const color = bytes[labels[i]] ?? none;
    out[i * 4] = color[0];
    out[i * 4 + 1] = color[1];
    out[i * 4 + 2] = color[2];
  }
}

/**
 * Colours items by a metric; values that are not finite get `unknown`.
 * @param values [N]
 * @param out [N, 4] bytes; the alpha byte is left as it is
 */
export function colorByMetric(values: Float32Array, range: MetricRange, name: RampName, unknown: Rgb, out: Uint8Array): void {
  const table = Array.from({ length: 256 }, (_, i) => toBytes(ramp(name, i / 255)));
  const none = toBytes(unknown);
  const scale = 255 / (range.high - range.low);
  for (let i = 0; i < values.length; i++) {
    const t = Math.round((values[i] - range.low) * scale);
    const color = Number.isFinite(values[i]) ? table[t < 0 ? 0 : t > 255 ? 255 : t] : none;
    out[i * 4] = color[0];
    out[i * 4 + 1] = color[1];
    out[i * 4 + 2] = color[2];
  }
}

/** Values that a legend lets through, the ends among them; not-a-number never. */
export interface ValueRange {
  /** [N] */
  values: Float32Array;
  low: number;
  high: number;
}

/**
 * Writes the alpha byte: dimmed for items of classes that are not shown and of values outside of the range; of the others full, or
 * receding where others are selected.
 * @param labels [N]; those outside of `classes` count as -1
 * @param shown null: all classes are shown
 * @param selected null: nothing is selected
 */
export function applyFilter(labels: Int32Array, classes: number, shown: ReadonlySet<number> | null, selected: PointBits | null, out: Uint8Array, range: ValueRange | null = null): void {
  const hidden = Uint8Array.from({ length: classes + 1 }, (_, c) => (shown && !shown.has(c < classes ? c : -1) ? 1 : 0));
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    const away = hidden[label >= 0 && label < classes ? label : classes] === 1 || (range !== null && !(range.values[i] >= range.low && range.values[i] <= range.high));
    out[i * 4 + 3] = away ? presence.dimmed : selected && !hasPoint(selected, i) ? presence.receding : presence.full;
  }
}

const toBytes = (rgb: Rgb): [number, number, number] => [Math.round(rgb[0] * 255), Math.round(rgb[1] * 255), Math.round(rgb[2] * 255)];
