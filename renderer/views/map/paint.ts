import type { Rgb } from '../../scene/color/oklab.ts';
import { applyFilter, colorByClass, colorByMetric } from '../../scene/color/point-colors.ts';
import type { PointBits } from '../../scene/select/point-bits.ts';
import type { Colouring } from './colouring.svelte.ts';
import { classColours, unknownColour } from './scene-theme.ts';

/** CSS colours of the categories, and of points without one. */
export interface Palette {
  classes: readonly string[];
  unknown: string;
}

const css = (color: Rgb): string => `rgb(${color.map((c) => Math.round(c * 255)).join(' ')})`;

/** The colour of every point, [N, 4] bytes: by category or number, dimmed where the legend hides it, receding where others are selected. */
export function paint(colouring: Colouring, selected: PointBits | null, ground: Rgb): { rgba: Uint8Array<ArrayBuffer>; palette: Palette } {
  const { codes, names, values, range, ramp, shown } = colouring;
  const classes = classColours(names.length, ground);
  const unknown = unknownColour(ground);
  const rgba = new Uint8Array(codes.length * 4);
  if (values && range) colorByMetric(values, range, ramp, unknown, rgba);
  else colorByClass(codes, classes, unknown, rgba);
  applyFilter(codes, names.length, shown, selected, rgba, colouring.let);
  return { rgba, palette: { classes: classes.map(css), unknown: css(unknown) } };
}
