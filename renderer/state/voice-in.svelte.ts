import { upload, type Dropped } from '../services/drop.ts';
import { shell } from '../services/shell.ts';
import { askFiles } from './ask.svelte.ts';
import { attempt, notifyError } from './notify.svelte.ts';
import { voice } from './voice.svelte.ts';

/** Endings that open dialogs show; the engine looks into the files, whatever they are called. */
const ENDINGS = ['wav', 'mp3', 'flac', 'ogg', 'oga', 'opus', 'm4a', 'aac', 'mp4', 'webm', 'g722'];

/** Sound files on their way in. */
class SoundIn {
  async pick(): Promise<void> {
    await attempt(async () => {
      const paths = shell ? await shell.pickFiles({ title: 'Open a recording', filters: [{ name: 'Sound', extensions: ENDINGS }], many: false }) : await askFiles('Open a recording');
      if (paths[0]) await voice.open({ path: paths[0] });
    });
  }

  /** Takes what was dropped on the Voice place. */
  async drop(things: readonly Dropped[]): Promise<void> {
    const [first] = things;
    if (!first) return;
    if (first.path) return void (await voice.open({ path: first.path }));
    await attempt(async () => {
      const files = await first.files();
      if (files.length === 0) return notifyError({ code: 'bad-data', message: `"${first.name}" has no files in it.`, remedy: 'Drop a sound file.' });
      voice.opening = first.name;
      try {
        await voice.open({ path: await upload(files, () => {}) });
      } finally {
        voice.opening = null;
      }
    });
  }
}

export const soundIn = new SoundIn();
