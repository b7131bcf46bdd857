import { client } from '../../services/client.ts';
import { gallery } from '../../state/gallery.svelte.ts';
import { attempt, notify } from '../../state/notify.svelte.ts';
import { studio } from '../../state/studio.svelte.ts';

/** Keeps what is on the canvas in the gallery. */
export async function keepCanvas(): Promise<void> {
  const { run, state, codes } = studio;
  if (!run || !state || !codes) return;
  await attempt(async () => {
    gallery.add(await client.call('gallery.keep', { run, codes, rows: state.rows, columns: state.columns, recipe: { kind: 'canvas', note: studio.title || undefined, label: studio.label ?? undefined } }), studio.picture ?? undefined);
    notify('The picture is in the gallery.');
  });
}
