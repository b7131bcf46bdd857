import { upload, type Dropped } from '../services/drop.ts';
import { askFolder } from './ask.svelte.ts';
import { datasets } from './datasets.svelte.ts';
import { attempt, notifyError } from './notify.svelte.ts';
import { place } from './places.svelte.ts';
import { isTable, tables } from './tables.svelte.ts';

/** What the import dialog works on. */
export interface ImportSource {
  path: string;
  name: string;
}

class ImportState {
  /** The source whose options are being asked for. */
  pending = $state.raw<ImportSource | null>(null);
  /** Files on their way to the engine (browser only). */
  uploading = $state.raw<{ name: string; sent: number; total: number } | null>(null);

  async pick(): Promise<void> {
    const path = await attempt(() => askFolder('Import a folder of pictures', 'Continue'));
    if (path) this.consider(path);
  }

  /** A table is opened as a map; all else is asked about. */
  consider(path: string): void {
    if (isTable(path)) return void tables.open(path);
    const name = path.replace(/[\\/]+$/, '').split(/[\\/]/).pop() ?? path;
    this.pending = { path, name };
  }

  async drop(things: readonly Dropped[]): Promise<void> {
    if (things.length === 0) return;
    const [first] = things;
    if (first.path) {
      if (things.length > 1 && !first.isFolder) return this.consider(parentOf(first.path));
      return this.consider(first.path);
    }
    await attempt(async () => {
      const files = (await Promise.all(things.map((thing) => thing.files()))).flat();
      if (files.length === 0) return notifyError({ code: 'bad-data', message: `"${first.name}" has no files in it.`, remedy: 'Drop a folder that has pictures in it.' });
      this.uploading = { name: first.name, sent: 0, total: files.length };
      try {
        const path = await upload(files, (sent, total) => (this.uploading = { name: first.name, sent, total }));
        if (things.length === 1 && isTable(path)) return void (await tables.open(path));
        this.pending = { path, name: things.length === 1 ? first.name.replace(/\.[^.]{1,5}$/, '') : 'Dropped pictures' };
      } finally {
        this.uploading = null;
      }
    });
  }

  async start(options: { name: string; size?: number; fit: 'cover' | 'contain' }): Promise<void> {
    const source = this.pending;
    if (!source) return;
    const started = await datasets.import({ path: source.path, name: options.name || undefined, size: options.size, fit: options.fit });
    if (!started) return;
    this.pending = null;
    place.go('data');
  }
}

const parentOf = (path: string): string => path.replace(/[\\/][^\\/]*$/, '');

export const importing = new ImportState();
