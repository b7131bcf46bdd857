/** What goes out of a map, and what is kept of it. */
import type { SavedEntry } from '../../../electron/contract/index.ts';
import { client } from '../../services/client.ts';
import { ask } from '../../state/ask.svelte.ts';
import { exportFile, fileName } from '../../state/export-file.ts';
import { attempt } from '../../state/notify.svelte.ts';
import type { CloudSession } from './cloud-session.ts';

/** The selection, or all points where nothing is selected, with columns and coordinates. */
export async function exportPoints(session: CloudSession, format: 'csv' | 'parquet' | 'json'): Promise<void> {
  const { source, chosen } = session;
  if (!source) return;
  const points = chosen.bits ?? undefined;
  await exportFile(`${fileName(session.title)}${points ? `-${chosen.count}` : ''}`, format, async (out) =>
    client.call('out.points', { ...(await session.here()), format, ...(points ? { points } : {}), ...(out ? { out } : {}) }),
  );
}

/** The view as one file that opens in any browser. */
export async function exportPage(session: CloudSession, dark: boolean): Promise<void> {
  const { source, chosen, colouring } = session;
  if (!source) return;
  const colorBy = source.columns.some(({ name }) => name === colouring.by) ? colouring.by : undefined;
  await exportFile(fileName(session.title), 'html', async (out) =>
    client.call('out.page', { ...(await session.here()), title: session.title.slice(0, 120), dark, thumbnails: source.media.pictures !== null, ...(colorBy ? { colorBy } : {}), ...(chosen.bits ? { points: chosen.bits } : {}), ...(out ? { out } : {}) }),
  );
}

/** @returns true when it was kept */
export async function saveSelection(session: CloudSession): Promise<boolean> {
  const { source, chosen } = session;
  if (!source || !chosen.bits) return false;
  const name = await ask.text('Keep this selection', 'It is kept with the points and can be taken up again.', chosen.words.slice(0, 60), 'Keep');
  if (!name?.trim()) return false;
  return (await attempt(() => client.call('saved.selection', { source: source.id, name: name.trim().slice(0, 120), points: chosen.bits! }))) !== undefined;
}

export async function kept(source: string, kind: SavedEntry['kind']): Promise<SavedEntry[]> {
  const list = await attempt(() => client.call('saved.list', { source }));
  return (list ?? []).filter((entry) => entry.kind === kind);
}

export async function recallSelection(session: CloudSession, entry: SavedEntry): Promise<void> {
  const { source } = session;
  if (!source) return;
  await attempt(async () => {
    const { bits } = await client.call('saved.points', { source: source.id, id: entry.id });
    session.chosen.apply(bits, 'replace', entry.name);
  });
}
