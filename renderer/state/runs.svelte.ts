import type { FamilyInfo, PriorInfo, RunInfo } from '../../electron/contract/index.ts';
import { isVoiceRun } from '../services/capabilities.ts';
import { client } from '../services/client.ts';
import { jobs } from './jobs.svelte.ts';
import { attempt, notifyUndo } from './notify.svelte.ts';
import { project } from './project.svelte.ts';
import { selection } from './selection.svelte.ts';

class Runs {
  /** Newest first. */
  list = $state.raw<RunInfo[]>([]);
  loaded = $state(false);
  failed = $state(false);
  families = $state.raw<FamilyInfo[]>([]);
  priors = $state.raw<PriorInfo[]>([]);
  /** Runs on whose codes a prior can be trained. */
  withCodes = $derived(this.list.filter((run) => this.hasCodes(run) && run.step > 0));
  /** The run that Map and Train show. */
  current = $derived(this.list.find((run) => run.run === selection.run) ?? null);

  constructor() {
    project.onOpen(() => {
      selection.setRun(null);
      void this.load();
    });
    jobs.onChange((job) => {
      if (job.kind === 'train' || job.kind === 'pipeline') void this.load();
    });
  }

  async load(): Promise<void> {
    const done = await attempt(async () => {
      const list = await client.call('runs.list', {});
      this.list = list.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
      this.loaded = true;
      if (!list.some((run) => run.run === selection.run)) selection.setRun((list.find((run) => run.status === 'running') ?? list.find((run) => run.codec === undefined && !isVoiceRun(run)) ?? list[0])?.run ?? null); // priors and voices have no map of items
      return true;
    });
    this.failed = !done;
  }

  async loadFamilies(): Promise<void> {
    await attempt(async () => {
      [this.families, this.priors] = await Promise.all([client.call('families.list', {}), client.call('priors.list', {})]);
    });
  }

  family(kind: string): FamilyInfo | null {
    return this.families.find((family) => family.kind === kind) ?? null;
  }

  /** What kind of model a run trains: a family, or a kind of prior. */
  kind(run: RunInfo): FamilyInfo | PriorInfo | null {
    return run.codec ? (this.priors.find((prior) => prior.kind === run.family) ?? null) : this.family(run.family);
  }

  /** Whether pictures of a class can be asked for. */
  drawsByClass(run: RunInfo): boolean {
    return run.data.classes.length > 0 && (run.codec ? run.config.conditional !== false : (this.family(run.family)?.conditional ?? false));
  }

  /** Whether a prior can be trained on what the run has learned. */
  hasCodes(run: RunInfo): boolean {
    return run.codec === undefined && this.family(run.family)?.latent === 'codes';
  }

  /** Takes a newer description of one run, from its events. */
  take(info: RunInfo): void {
    this.list = this.list.some((run) => run.run === info.run) ? this.list.map((run) => (run.run === info.run ? info : run)) : [info, ...this.list];
  }

  async rename(run: RunInfo, name: string): Promise<void> {
    const next = name.trim();
    if (!next || next === run.name) return;
    const info = await attempt(() => client.call('runs.rename', { run: run.run, name: next }));
    if (info) this.take(info);
  }

  async remove(run: RunInfo): Promise<void> {
    await attempt(async () => {
      await client.call('runs.remove', { run: run.run });
      await this.load();
      notifyUndo(`"${run.name}" was moved to the bin.`, async () => {
        const info = await client.call('runs.restore', { run: run.run });
        this.take(info);
        selection.setRun(info.run);
      });
    });
  }
}

export const runs = new Runs();
