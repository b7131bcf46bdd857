/** Columns that the map itself adds to those of its points. */
import type { MapFrame } from '../../../electron/contract/index.ts';
import type { ColourChoice } from './cloud-session.ts';

/** How densely points stand around each, in the layout that is shown. */
export const densityColumn = 'density';
export const densityChoice: ColourChoice = { value: densityColumn, label: 'Density', note: 'of this layout' };

/**
 * With the score by which anomalies are told from the rest: minus the bound, or minus the PSNR where a model has none. The strangest
 * items score highest.
 */
export function withAnomaly(frame: MapFrame): MapFrame {
  const { elboNats, psnrDb } = frame.metrics;
  const [name, values] = elboNats ? ['anomalyNats', elboNats] : ['anomalyDb', psnrDb];
  return values ? { ...frame, metrics: { ...frame.metrics, [name]: values.map((v) => -v) } } : frame;
}
