import { upload, type Dropped } from '../services/drop.ts';
import { shell } from '../services/shell.ts';
import { decodeHere, isWindowOnly } from '../services/sound/decode-here.ts';
import { attempt, notifyError } from './notify.svelte.ts';
import { voice } from './voice.svelte.ts';

/** Sound files on their way in. */
class SoundIn {
  /** A folder that was dropped, to be converted as a whole. */
  folder = $state<string | null>(null);

  /** A file that was chosen or dropped. What only the window can decode is handed over decoded. */
  async file(file: File): Promise<boolean> {
    voice.opening = file.name;
    const opened = await attempt(async () => {
      const head = new Uint8Array(await file.slice(0, 12).arrayBuffer());
      if (isWindowOnly(head, file.name)) return this.bytes(await decodeHere(file), file.name);
      const path = shell?.pathOf(file);
      if (path) return voice.open({ path });
      if (shell) return voice.open({ bytes: new Uint8Array(await file.arrayBuffer()), name: file.name });
      return voice.open({ path: await upload([{ file, path: file.name }], () => {}) });
    });
    voice.opening = null;
    return opened ?? false;
  }

  /** A WAV file that was made here. To an engine behind a socket it goes as a file, for messages there are short. */
  async bytes(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<boolean> {
    const title = name.replace(/\.\w{2,5}$/, '') + '.wav';
    if (shell) return voice.open({ bytes, name: title });
    const path = await attempt(() => upload([{ file: new File([bytes], title, { type: 'audio/wav' }), path: title }], () => {}));
    return path !== undefined && voice.open({ path });
  }

  /** Takes what was dropped on the Voice place. */
  async drop(things: readonly Dropped[]): Promise<void> {
    const [first] = things;
    if (!first) return;
    if (first.isFolder && first.path) return void (this.folder = first.path);
    await attempt(async () => {
      const files = await first.files();
      if (files.length === 0) return notifyError({ code: 'bad-data', message: `"${first.name}" has no files in it.`, remedy: 'Drop a sound file, or a folder of them.' });
      if (first.isFolder) this.folder = await upload(files, () => {});
      else await this.file(files[0].file);
    });
  }
}

export const soundIn = new SoundIn();
