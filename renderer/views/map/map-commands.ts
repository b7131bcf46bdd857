import type { Command } from '../../state/commands.svelte.ts';
import type { CloudSession } from './cloud-session.ts';
import { exportPage, exportPoints } from './export.ts';
import { mapKeys, type MapActs } from './map-keys.ts';

/** What the palette offers while the map is in front: all that has a key, and ways out. */
export function mapCommands(acts: MapActs, session: CloudSession, dark: boolean): Command[] {
  const points = session.chosen.count > 0 ? 'selection' : 'points';
  return [
    ...mapKeys(acts).filter(({ keys }) => keys !== 'escape').map(({ keys, title, run }) => ({ id: `map-${keys}`, title, group: 'Map' as const, keys, run: () => run(new KeyboardEvent('keydown')) })),
    ...(session.source
      ? [
          { id: 'map-page', title: 'Export the map as a page', group: 'Map' as const, run: () => void exportPage(session, dark) },
          ...(['csv', 'parquet', 'json'] as const).map((format) => ({ id: `map-${format}`, title: `Export the ${points} as ${format}`, group: 'Map' as const, run: () => void exportPoints(session, format) })),
        ]
      : []),
  ];
}
