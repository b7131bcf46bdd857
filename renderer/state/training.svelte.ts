import type { Estimate, InputOf, Calls, Diagnosis, FamilyInfo, PriorInfo, RunInfo } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { datasets } from './datasets.svelte.ts';
import { devices } from './devices.svelte.ts';
import { attempt, isErrorValue } from './notify.svelte.ts';
import { place } from './places.svelte.ts';
import { project } from './project.svelte.ts';
import { runs } from './runs.svelte.ts';
import { selection } from './selection.svelte.ts';

export type TrainRequest = InputOf<Calls['train.start']>;
export type Plan = NonNullable<TrainRequest['training']>;

/** How long the composer trains at first; all else comes from the preset, then from the engine's own defaults. */
const firstLimit: Plan = { minutes: 5 };
/** The engine's defaults of what the form shows, for fields that nobody has set. */
const planDefaults: Plan = { batchSize: 32, learningRate: 3e-4, weightDecay: 0, clipNorm: 1, augmentFlip: false, checkpointEvery: 200, evaluateEvery: 100 };

/** What is composed: a model of pictures, a prior over the codes of one, or the guided path to both. */
export type Making = 'model' | 'prior' | 'path';

/** The new run being composed, and whether the Train place shows it, a run that exists or a guided path. */
class Training {
  mode = $state<'compose' | 'run' | 'path' | 'toy'>('compose');
  making = $state<Making>('model');
  /** Folder of the run whose codes a prior learns. */
  codesOf = $state<string | null>(null);
  priorKind = $state<string | null>(null);
  data = $state<string | null>(null);
  family = $state<string | null>(null);
  preset = $state<string | null>(null);
  config = $state.raw<Record<string, unknown>>({});
  plan = $state.raw<Plan>(firstLimit);
  /** Side length in pixels of a built-in set; null: as it is. */
  size = $state<number | null>(null);
  seed = $state(0);
  name = $state('');
  /** Where the configuration came from, when a remedy or a copy prepared it. */
  origin = $state<string | null>(null);
  estimate = $state.raw<Estimate | null>(null);
  estimating = $state(false);
  estimateError = $state.raw<{ message: string; remedy: string } | null>(null);
  starting = $state(false);

  info = $derived<FamilyInfo | PriorInfo | null>(this.making === 'prior' ? (runs.priors.find((prior) => prior.kind === this.priorKind) ?? null) : this.family ? runs.family(this.family) : null);
  /** Values that the preset gives; what differs from it is marked. */
  base = $derived<Record<string, unknown>>({ ...this.info?.defaults, ...this.info?.presets.find((p) => p.id === this.preset)?.config });

  presetPlan = $derived<Plan>({ ...planDefaults, ...this.info?.presets.find((p) => p.id === this.preset)?.training });
  /** What will be used, set or not. */
  fullPlan = $derived<Plan>({ ...this.presetPlan, ...this.plan });

  #aborter: AbortController | null = null;

  constructor() {
    project.onOpen(() => {
      this.mode = 'compose';
      this.data = null;
      this.estimate = null;
    });
  }

  compose(making: Making = 'model'): void {
    this.mode = 'compose';
    this.origin = null;
    this.make(making);
    if (datasets.selected) this.data = datasets.selected;
    place.go('train');
  }

  show(run: string): void {
    selection.setRun(run);
    this.mode = 'run';
  }

  /** Turns to another thing to make, each with its own starting point. */
  make(making: Making): void {
    if (making === this.making) return;
    this.making = making;
    this.estimate = null;
    this.estimateError = null;
    if (making === 'prior') {
      const open = runs.withCodes;
      if (!open.some((run) => run.run === this.codesOf)) this.codesOf = (open.find((run) => run.run === selection.run) ?? open[0])?.run ?? null;
      this.choosePrior(this.priorKind ?? runs.priors[0]?.kind ?? null);
    } else if (making === 'model') this.choosePreset(this.#usualPreset(runs.family(this.family ?? '')));
  }

  choosePrior(kind: string | null): void {
    this.priorKind = kind;
    this.choosePreset(this.#usualPreset(this.info));
  }

  #usualPreset(info: FamilyInfo | PriorInfo | null): string | null {
    const presets = info?.presets ?? [];
    return (presets.find((preset) => preset.id === 'quick') ?? presets[0])?.id ?? null;
  }

  chooseFamily(kind: string): void {
    if (kind === this.family) return;
    this.family = kind;
    this.choosePreset(this.#usualPreset(runs.family(kind)));
  }

  choosePreset(id: string | null): void {
    this.preset = id;
    this.config = { ...this.base };
    // The preset's own training settings count again; how long to train stays as chosen.
    this.plan = { steps: this.plan.steps, minutes: this.plan.minutes };
    this.origin = null;
  }

  set(key: string, value: unknown): void {
    this.config = { ...this.config, [key]: value };
  }

  setPlan(change: Partial<Plan>): void {
    this.plan = { ...this.plan, ...change };
  }

  /** Prepares a run like another, with some settings changed; nothing is started. */
  prepare(run: RunInfo, change: Record<string, unknown> = {}, origin: string): void {
    this.making = 'model';
    this.data = run.data.ref;
    this.family = run.family;
    this.preset = null;
    this.config = { ...runs.family(run.family)?.defaults, ...run.config, ...change };
    this.plan = { ...run.training };
    this.size = run.data.ref.startsWith('builtin:') ? run.data.width : null;
    this.seed = run.seed;
    this.name = '';
    this.origin = origin;
    this.mode = 'compose';
    place.go('train');
  }

  remedy(run: RunInfo, diagnosis: Diagnosis): void {
    this.prepare(run, diagnosis.config, `Like "${run.name}", changed as advised: ${diagnosis.remedy}`);
    this.setPlan(diagnosis.training ?? {});
  }

  priorRequest(): InputOf<Calls['train.prior']> | null {
    if (!this.codesOf || !this.priorKind) return null;
    return {
      codesOf: this.codesOf,
      family: this.priorKind,
      preset: this.preset ?? undefined,
      config: this.config,
      training: this.#planGiven(),
      device: devices.choice ?? undefined,
      seed: this.seed,
      name: this.name.trim() || undefined,
    };
  }

  /** Unset fields are left out, so that the engine's defaults count. */
  #planGiven(): Plan {
    return Object.fromEntries(Object.entries(this.plan).filter(([, value]) => value !== undefined)) as Plan;
  }

  request(): TrainRequest | null {
    if (!this.data || !this.family) return null;
    return {
      family: this.family,
      preset: this.preset ?? undefined,
      config: this.config,
      data: this.data,
      size: (datasets.list.find((set) => set.ref === this.data)?.builtin && this.size) || undefined,
      training: this.#planGiven(),
      device: devices.choice ?? undefined,
      seed: this.seed,
      name: this.name.trim() || undefined,
    };
  }

  async estimateNow(): Promise<void> {
    const request = this.making === 'model' ? this.request() : this.making === 'prior' ? this.priorRequest() : null;
    this.#aborter?.abort();
    if (!request) {
      this.estimating = false;
      this.estimate = null;
      return;
    }
    const aborter = (this.#aborter = new AbortController());
    this.estimating = true;
    try {
      const estimate = await client.call('train.estimate', request, { signal: aborter.signal });
      if (aborter.signal.aborted) return;
      this.estimate = estimate;
      this.estimateError = null;
    } catch (error) {
      if (aborter.signal.aborted) return;
      this.estimate = null;
      this.estimateError = isErrorValue(error) ? error : { message: String(error), remedy: '' };
    } finally {
      if (this.#aborter === aborter) this.estimating = false;
    }
  }

  async start(): Promise<void> {
    const request = this.making === 'prior' ? null : this.request();
    const prior = this.making === 'prior' ? this.priorRequest() : null;
    if ((!request && !prior) || this.starting) return;
    this.starting = true;
    this.#aborter?.abort();
    this.estimating = false;
    const started = await attempt(() => (prior ? client.call('train.prior', prior) : client.call('train.start', request!)));
    this.starting = false;
    if (!started) return;
    this.name = '';
    await runs.load();
    this.show(started.run);
  }

  /** Opens the form of a prior over the codes of a run. */
  preparePrior(run: RunInfo): void {
    this.codesOf = run.run;
    this.compose('prior');
  }

  /** Goes on with a run; one that has done all of its work gets as much again. */
  async continue(run: RunInfo): Promise<void> {
    const { steps, minutes } = run.training;
    const more = run.status !== 'finished' ? {} : minutes !== undefined ? { minutes } : { steps: run.step + (steps ?? 1000) };
    await attempt(async () => {
      await client.call('train.continue', { run: run.run, ...more });
      await runs.load();
    });
  }
}

export const training = new Training();
