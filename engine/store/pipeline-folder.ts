/**
 * The folder of one guided path:
 *
 *     pipeline.json      what was chosen, where its runs lie, which stages are done
 *     lock               who works on it just now
 *     codec/  prior/     its runs, unless they stand among the project's
 *     samples/           one sheet, and each picture by itself
 *     report.json        the evaluation
 */
import { access, mkdir, readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { PipelineChoice, PipelineInfo, RunStatus, Sheet, StageKind, TrainingPlan } from '../../electron/contract/index.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { toAtelierError, type ErrorValue } from '../core/errors.ts';
import { readRecord, recordText } from '../core/record-file.ts';
import { acquireLock, isLocked, lockHolder, type RunLock } from './run-lock.ts';
import { loadSheet, saveSheet, type SheetRecord } from './sheets.ts';

const FORMAT = 'latent-atelier-pipeline';
const FILE = 'pipeline.json';

export interface TrainingChoice {
  family: string;
  preset?: string;
  config: Record<string, unknown>;
  training: Partial<TrainingPlan>;
}

export interface PipelineRecord {
  name: string;
  data: PipelineInfo['data'];
  device: string;
  seed: number;
  minutes: number | null;
  samples: number;
  choices: PipelineChoice[];
  codec: TrainingChoice;
  prior: TrainingChoice;
  /** Folders of the runs, relative to this one. */
  codecRun: string;
  priorRun: string;
  /** Whether the run's folder stands whole. */
  made: { codec: boolean; prior: boolean };
  stages: { kind: StageKind; state: 'waiting' | 'running' | 'done'; seconds: number | null }[];
  status: RunStatus;
  sheet: SheetRecord | null;
  samplesNote: string | null;
  evaluation: PipelineInfo['evaluation'];
  createdAt: string;
  updatedAt: string;
  error: ErrorValue | null;
}

export const stageTitles: Record<StageKind, string> = {
  codec: 'Learn to write pictures as codes',
  codes: 'Write every picture as codes',
  prior: 'Learn how codes stand together',
  samples: 'Draw new pictures',
  evaluation: 'Measure on held-out pictures',
};

export class PipelineFolder {
  readonly folder: string;
  #record: PipelineRecord;
  #lock: RunLock | null = null;

  /** Use `createPipeline` or `openPipeline`. */
  constructor(folder: string, record: PipelineRecord) {
    this.folder = folder;
    this.#record = record;
  }

  get record(): PipelineRecord {
    return this.#record;
  }

  get codecRun(): string {
    return resolve(this.folder, this.#record.codecRun);
  }

  get priorRun(): string {
    return resolve(this.folder, this.#record.priorRun);
  }

  get info(): PipelineInfo {
    const { codec: _c, prior: _p, codecRun: _cr, priorRun: _pr, made, samples: _s, sheet: _sheet, stages, ...rest } = this.#record;
    const runs: Partial<Record<StageKind, string>> = { ...(made.codec ? { codec: this.codecRun } : {}), ...(made.prior ? { codes: this.priorRun, prior: this.priorRun } : {}) };
    return { pipeline: this.folder, ...rest, stages: stages.map((stage) => ({ ...stage, title: stageTitles[stage.kind], run: runs[stage.kind] ?? null })) };
  }

  async update(change: Partial<PipelineRecord>): Promise<PipelineInfo> {
    const record = { ...this.#record, ...change, updatedAt: new Date().toISOString() };
    await writeFileAtomic(join(this.folder, FILE), recordText(FORMAT, record), `writing ${join(this.folder, FILE)}`);
    this.#record = record;
    return this.info;
  }

  /** @throws AtelierError 'busy' when another job holds it; the lock of a process that died is taken over */
  async lock(): Promise<void> {
    this.#lock ??= await acquireLock(join(this.folder, 'lock'), `The guided path "${this.#record.name}" in ${this.folder}`);
  }

  async unlock(): Promise<void> {
    await this.#lock?.release();
    this.#lock = null;
  }

  isLocked(): Promise<boolean> {
    return isLocked(join(this.folder, 'lock'));
  }

  /** Process that wrote the lock, dead or alive. */
  holder(): Promise<number | null> {
    return lockHolder(join(this.folder, 'lock'));
  }

  /** Writes the sheet to `samples/`. @returns what the record keeps of it */
  saveSamples(sheet: Sheet): Promise<SheetRecord> {
    return saveSheet(join(this.folder, 'samples'), 'sheet', sheet);
  }

  async loadSamples(): Promise<Sheet | null> {
    return this.#record.sheet ? loadSheet(join(this.folder, 'samples'), this.#record.sheet) : null;
  }
}

export const pipelinesFolderOf = (project: string): string => join(resolve(project), 'pipelines');

/** @param runs where its runs are to lie */
export async function createPipeline(folder: string, record: Omit<PipelineRecord, 'codecRun' | 'priorRun'>, runs: { codec: string; prior: string }): Promise<PipelineFolder> {
  const path = resolve(folder);
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw toAtelierError(error, `making the folder ${path}`);
  }
  const made = new PipelineFolder(path, { ...record, codecRun: relative(path, runs.codec), priorRun: relative(path, runs.prior) });
  await made.update({});
  return made;
}

export const isPipeline = (folder: string): Promise<boolean> => access(join(folder, FILE)).then(() => true, () => false);

/** A path that says it is under way while nobody works on it was interrupted. @throws AtelierError 'not-found' | 'bad-data' | 'newer-version' */
export async function openPipeline(folder: string): Promise<PipelineFolder> {
  const path = resolve(folder);
  const record = await readRecord<PipelineRecord>(join(path, FILE), FORMAT, 'a guided path');
  const opened = new PipelineFolder(path, record);
  return record.status === 'running' && !(await opened.isLocked()) ? new PipelineFolder(path, { ...record, status: 'interrupted' }) : opened;
}

/** The guided paths of a project, newest first; those that cannot be read are given as problems. */
export async function listPipelines(parent: string): Promise<{ pipelines: PipelineFolder[]; problems: Error[] }> {
  const names = await readdir(parent).catch(() => [] as string[]);
  const pipelines: PipelineFolder[] = [];
  const problems: Error[] = [];
  for (const name of names) {
    const folder = join(parent, name);
    if (!(await isPipeline(folder))) continue;
    try {
      pipelines.push(await openPipeline(folder));
    } catch (error) {
      problems.push(toAtelierError(error, `opening ${folder}`));
    }
  }
  return { pipelines: pipelines.sort((a, b) => b.record.createdAt.localeCompare(a.record.createdAt)), problems };
}
