/** Where files go that this window makes or asks the engine for. */
import { shell } from '../services/shell.ts';
import { askSavePath } from './ask.svelte.ts';
import { attempt, notify } from './notify.svelte.ts';

/** A title as the name of a file. */
export const fileName = (title: string): string => title.replace(/\.[^.]{1,11}$/, '').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'map';

/** Hands bytes over as a download; the application asks where to put it. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Runs an export to a file that is asked for in the application, to a download in a browser. */
export async function exportFile(name: string, extension: string, run: (out: string | undefined) => Promise<{ out: string | null; bytes: Uint8Array | null; mime: string }>): Promise<void> {
  await attempt(async () => {
    const out = shell ? await askSavePath('Export', `${name}.${extension}`, extension) : undefined;
    if (out === null) return;
    const made = await run(out);
    if (made.bytes) download(new Blob([made.bytes as Uint8Array<ArrayBuffer>], { type: made.mime }), `${name}.${extension}`);
    notify('Exported', made.out ?? undefined);
  });
}
