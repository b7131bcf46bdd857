import type { DatasetInfo, InputOf } from '../../electron/contract/index.ts';
import type { Calls } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { jobs } from './jobs.svelte.ts';
import { attempt, notifyUndo } from './notify.svelte.ts';
import { project } from './project.svelte.ts';

class Datasets {
  list = $state.raw<DatasetInfo[]>([]);
  loaded = $state(false);
  failed = $state(false);
  /** Ref of the dataset that the Data place shows and that a new training starts with. */
  selected = $state<string | null>(null);
  current = $derived(this.list.find((set) => set.ref === this.selected) ?? null);

  constructor() {
    project.onOpen(() => {
      this.selected = null;
      void this.load();
    });
    jobs.onChange((job) => {
      if (job.kind === 'import' && job.state === 'done') void this.load().then(() => job.result && (this.selected = job.result));
    });
  }

  async load(): Promise<void> {
    const done = await attempt(async () => {
      this.list = await client.call('data.list', {});
      this.loaded = true;
      if (!this.list.some((set) => set.ref === this.selected)) this.selected = this.list[0]?.ref ?? null;
      return true;
    });
    this.failed = !done;
  }

  import(input: InputOf<Calls['data.import']>): Promise<{ job: string } | undefined> {
    return attempt(() => client.call('data.import', input));
  }

  async remove(set: DatasetInfo): Promise<void> {
    await attempt(async () => {
      await client.call('data.remove', { ref: set.ref });
      await this.load();
      notifyUndo(`"${set.name}" was removed from the project.`, async () => {
        await client.call('data.restore', { ref: set.ref });
        await this.load();
        this.selected = set.ref;
      });
    });
  }
}

export const datasets = new Datasets();
