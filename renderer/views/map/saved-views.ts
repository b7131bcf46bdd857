import { z } from 'zod';
import type { SavedEntry } from '../../../electron/contract/index.ts';
import type { Pose } from '../../scene/camera/pose.ts';
import { client } from '../../services/client.ts';
import { ask } from '../../state/ask.svelte.ts';
import { attempt } from '../../state/notify.svelte.ts';
import type { CloudSession } from './cloud-session.ts';
import type { ViewSettings } from './view-settings.ts';

const number = z.number().refine(Number.isFinite);

/** What a kept view holds. Read leniently: one kept by another version may lack something. */
const viewState = z.object({
  pose: z.object({ target: z.tuple([number, number, number]), yaw: number, pitch: number, distance: number }),
  layout: z.string().nullable(),
  colorBy: z.string(),
  /** Categories shown, by name; null: all. */
  shown: z.array(z.string()).nullable(),
  /** Ends of the values shown; null: open. */
  ends: z.tuple([number.nullable(), number.nullable()]).optional(),
  settings: z.object({ camera: z.enum(['orbit', 'fly', 'turntable']), size: number, opacity: number, pictures: z.boolean(), labels: z.boolean() }).partial(),
});

export async function keepView(session: CloudSession, pose: Pose, settings: ViewSettings): Promise<boolean> {
  const { source, layout, colouring } = session;
  if (!source) return false;
  const name = await ask.text('Keep this view', 'Camera, layout, colours and filter are kept with the points.', `View of ${session.title}`.slice(0, 60), 'Keep');
  if (!name?.trim()) return false;
  const shown = colouring.shown && [...colouring.shown].map((label) => colouring.names[label] ?? '');
  const state: z.infer<typeof viewState> = { pose, layout, colorBy: colouring.by, shown, ends: [colouring.least, colouring.most], settings };
  return (await attempt(() => client.call('saved.view', { source: source.id, name: name.trim().slice(0, 120), state }))) !== undefined;
}

/** Takes a kept view up again. @param look moves the camera @param show brings the layout up, where it is another */
export async function recallView(session: CloudSession, entry: SavedEntry, look: (pose: Pose) => void, show: (layout: string) => Promise<void>, set: (settings: Partial<ViewSettings>) => void): Promise<void> {
  await attempt(async () => {
    const read = viewState.safeParse(entry.state);
    if (!read.success) throw { code: 'bad-data', message: `The view "${entry.name}" cannot be read.`, remedy: 'It was kept by another version; keep it again.' };
    const { pose, layout, colorBy, shown, ends = [null, null], settings } = read.data;
    if (layout && layout !== session.layout) await show(layout);
    await session.colourBy(colorBy);
    session.colouring.shown = shown && new Set(shown.map((name) => session.colouring.names.indexOf(name)));
    session.colouring.setEnds(...ends);
    set(settings);
    look(pose);
  });
}
