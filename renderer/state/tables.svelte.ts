import type { TableEntry } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { shell } from '../services/shell.ts';
import { ask } from './ask.svelte.ts';
import { attempt, notifyUndo } from './notify.svelte.ts';
import { place } from './places.svelte.ts';
import { project } from './project.svelte.ts';
import { selection } from './selection.svelte.ts';

/** What the map shows: the run that is selected everywhere, a table, the codebook of a run, or codes and voices of a converter. */
export type MapSubject = { kind: 'run' } | { kind: 'table'; table: string } | { kind: 'codebook'; run: string } | { kind: 'voices'; model: string };

const extensions = ['csv', 'tsv', 'parquet', 'jsonl', 'ndjson', 'npy', 'npz', 'safetensors', 'json'] as const;

/** Files that are tables and nothing else; an npz may be pictures too. */
export const isTable = (path: string): boolean => /\.(csv|tsv|parquet|jsonl|ndjson|npy|safetensors)(\.gz)?$/i.test(path) || /projector_config\.json$/i.test(path);
export const mayBeTable = (path: string): boolean => isTable(path) || /\.(npz|json)$/i.test(path);

/** What `atelier map` asks to be shown first, behind the address: `#table=<id>` or `#run=<folder>`. */
let asked = new URLSearchParams(location.hash.slice(1));

/** Tables of the project, and which map is shown. */
class Tables {
  list = $state.raw<TableEntry[]>([]);
  subject = $state.raw<MapSubject>({ kind: 'run' });
  opening = $state(false);
  current = $derived.by(() => (this.subject.kind === 'table' ? (this.list.find(({ id }) => this.subject.kind === 'table' && id === this.subject.table) ?? null) : null));

  constructor() {
    project.onOpen(() => {
      this.subject = { kind: 'run' };
      void this.load();
    });
  }

  async load(): Promise<void> {
    await attempt(async () => {
      this.list = await client.call('tables.list', {});
      const { subject } = this;
      if (subject.kind === 'table' && !this.list.some(({ id }) => id === subject.table)) this.subject = { kind: 'run' };
      const [table, run] = [asked.get('table'), asked.get('run')];
      asked = new URLSearchParams();
      if (run) this.showRun(run);
      else if (this.list.some(({ id }) => id === table)) this.show(table!);
    });
  }

  showRun(run: string): void {
    selection.setRun(run);
    this.subject = { kind: 'run' };
  }

  show(table: string): void {
    this.subject = { kind: 'table', table };
    place.go('map');
  }

  /** Takes a file into the project and shows it. @returns whether it could be opened */
  async open(path: string): Promise<boolean> {
    this.opening = true;
    const entry = await attempt(() => client.call('tables.add', { path }));
    if (entry) {
      await this.load();
      this.show(entry.id);
    }
    this.opening = false;
    return entry !== undefined;
  }

  /** Asks for a file, then opens it. */
  async pick(): Promise<void> {
    const title = 'Open a table of vectors or coordinates';
    const path = shell
      ? (await shell.pickFiles({ title, many: false, filters: [{ name: 'Tables', extensions: [...extensions] }] }))[0]
      : await ask.text(title, `${extensions.slice(0, -1).join(', ')}, or a projector's configuration: an absolute path on the machine where the engine runs.`, '', 'Open');
    if (path) await this.open(path);
  }

  async remove(entry: TableEntry): Promise<void> {
    await attempt(async () => {
      await client.call('tables.remove', { id: entry.id });
      await this.load();
      notifyUndo(`"${entry.name}" was taken off the list; its file stays.`, async () => {
        await client.call('tables.add', { path: entry.path, name: entry.name, ...(entry.metadata ? { metadata: entry.metadata } : {}), ...(entry.vectors ? { vectors: entry.vectors } : {}), ...(entry.sprite ? { sprite: entry.sprite } : {}) });
        await this.load();
      });
    });
  }
}

export const tables = new Tables();
