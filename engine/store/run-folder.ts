/**
 * The folder of one run: plain files that any tool can read, each replaced atomically.
 *
 *     run.json                                what RunInfo says, without the folder
 *     metrics.jsonl                           a MetricRow a line
 *     lock                                    who trains it just now
 *     checkpoints/step-00000200.safetensors   parameters `p/`, optimizer `m/` `v/`, averaged weights `e/`
 *     previews/00000200/preview.json + pictures
 *     map/items.json + thumbs-0.webp ..., map/frame-00000200.safetensors
 *     log.txt
 */
import { appendFile, access, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { MetricRow, RunInfo, RunPreview } from '../../electron/contract/index.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { silent, type Logger } from '../core/log.ts';
import type { SafeTensors } from '../core/safetensors.ts';
import { Checkpoints, type Checkpoint } from './checkpoints.ts';
import { readRecord, recordText } from '../core/record-file.ts';
import { MetricsLog } from './metrics-log.ts';
import { MapStore, type MapItems, type StoredFrame } from './run-map.ts';
import { listPreviewSteps, loadPreview, savePreview, type StoredPreview } from './run-previews.ts';
import { acquireLock, isLocked, type RunLock } from './run-lock.ts';

/** What run.json holds: the folder is where it lies, so it can be moved. */
export type RunRecord = Omit<RunInfo, 'run'>;
export interface RunOptions {
  log?: Logger;
}

const FORMAT = 'latent-atelier-run';
const FILE = 'run.json';

export class RunFolder {
  readonly folder: string;
  readonly #metrics: MetricsLog;
  readonly #checkpoints: Checkpoints;
  readonly #map: MapStore;
  #record: RunRecord;
  #lock: RunLock | null = null;
  #writing: Promise<void> = Promise.resolve();

  /** Use `createRun` or `openRun`. */
  constructor(folder: string, record: RunRecord, options: RunOptions = {}) {
    this.folder = folder;
    this.#record = record;
    this.#metrics = new MetricsLog(join(folder, 'metrics.jsonl'));
    this.#checkpoints = new Checkpoints(join(folder, 'checkpoints'), options.log ?? silent);
    this.#map = new MapStore(join(folder, 'map'));
  }

  /** The run as last written or read by this object. */
  get info(): RunInfo {
    return { run: this.folder, ...this.#record };
  }

  /**
   * Marks the run as being worked on, until `unlock` or the end of the process.
   * @throws AtelierError 'busy' when another job holds it; the lock of a process that died is taken over
   */
  async lock(): Promise<void> {
    if (this.#lock) return;
    this.#lock = await acquireLock(join(this.folder, 'lock'), `The run "${this.#record.name}" in ${this.folder}`);
  }

  async unlock(): Promise<void> {
    await this.#lock?.release();
    this.#lock = null;
  }

  /** Whether a living process, this one included, trains the run. */
  isLocked(): Promise<boolean> {
    return isLocked(join(this.folder, 'lock'));
  }

  /**
   * Changes the named fields of run.json, on top of what other processes wrote (a rename during training); `updatedAt` follows.
   * Calls are written in order.
   */
  update(change: Partial<RunRecord>): Promise<RunInfo> {
    const write = async (): Promise<void> => {
      const current = await readRun(this.folder);
      const record = { ...current, ...change, updatedAt: new Date().toISOString() };
      await writeFileAtomic(join(this.folder, FILE), recordText(FORMAT, record), `writing ${join(this.folder, FILE)}`);
      this.#record = record;
    };
    const next = this.#writing.catch(() => {}).then(write);
    this.#writing = next;
    next.catch(() => {});
    return next.then(() => this.info);
  }

  /** Reads run.json again, as when another process trains. A run that says it trains while nobody holds it was interrupted. */
  async refresh(): Promise<RunInfo> {
    await this.#writing.catch(() => {});
    this.#record = await readRun(this.folder);
    if (this.#record.status === 'running' && !(await this.isLocked())) this.#record = { ...this.#record, status: 'interrupted' };
    return this.info;
  }

  appendMetrics(rows: readonly MetricRow[]): Promise<void> {
    return this.#metrics.append(rows);
  }

  readMetrics(sinceStep = 0): Promise<MetricRow[]> {
    return this.#metrics.read(sinceStep);
  }

  /** Drops metric rows after `step`; called before going on from a checkpoint. */
  truncateMetrics(step: number): Promise<void> {
    return this.#metrics.truncate(step);
  }

  /** @param keep how many of the newest stay on disk, this one included */
  saveCheckpoint(step: number, tensors: SafeTensors, metadata: Record<string, string>, keep = 3): Promise<string> {
    return this.#checkpoints.save(step, tensors, { ...metadata, step: String(step) }, keep);
  }

  /** The newest whole checkpoint, or exactly the one of `step`. @throws AtelierError 'not-found' | 'bad-data' */
  loadCheckpoint(step?: number): Promise<Checkpoint> {
    return this.#checkpoints.load(step);
  }

  /** Steps, ascending. */
  listCheckpoints(): Promise<number[]> {
    return this.#checkpoints.list();
  }

  savePreview(step: number, preview: StoredPreview): Promise<void> {
    return savePreview(join(this.folder, 'previews'), step, preview);
  }

  /** The preview of `step`, or the newest; null when there is none. */
  async loadPreview(step?: number): Promise<RunPreview | null> {
    return loadPreview(join(this.folder, 'previews'), step);
  }

  listPreviews(): Promise<number[]> {
    return listPreviewSteps(join(this.folder, 'previews'));
  }

  saveMapItems(items: MapItems): Promise<void> {
    return this.#map.saveItems(items);
  }

  loadMapItems(): Promise<MapItems | null> {
    return this.#map.loadItems();
  }

  saveMapFrame(frame: StoredFrame): Promise<void> {
    return this.#map.saveFrame(frame);
  }

  /** The frame of `step`, or the newest whole one. @throws AtelierError 'not-found' | 'bad-data' */
  loadMapFrame(step?: number): Promise<StoredFrame> {
    return this.#map.loadFrame(step);
  }

  listMapSteps(): Promise<number[]> {
    return this.#map.listSteps();
  }

  /** Drops map frames and previews after `step`, as `truncateMetrics` does for rows. */
  async truncateViews(step: number): Promise<void> {
    await this.#map.truncate(step);
  }

  /** Adds a line to log.txt; a log that cannot be written never stops a training. */
  async appendLog(message: string): Promise<void> {
    await appendFile(join(this.folder, 'log.txt'), `${new Date().toISOString()} ${message}\n`).catch(() => {});
  }
}

/**
 * Makes the folder and its run.json.
 * @throws AtelierError 'bad-input' when a run stands there already, 'disk-full' | 'no-permission'
 */
export async function createRun(folder: string, record: RunRecord, options: RunOptions = {}): Promise<RunFolder> {
  const path = resolve(folder);
  if (await exists(join(path, FILE))) {
    throw new AtelierError('bad-input', `There is already a run in ${path}.`, 'Choose another folder, or continue that run.');
  }
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw toAtelierError(error, `making the run folder ${path}`);
  }
  const { run: _folder, ...kept } = record as RunInfo;
  await writeFileAtomic(join(path, FILE), recordText(FORMAT, kept), `writing ${join(path, FILE)}`);
  return new RunFolder(path, kept, options);
}

/**
 * Opens a run by its folder, or by a file within it.
 * @throws AtelierError 'not-found' | 'bad-data' | 'newer-version'
 */
export async function openRun(folder: string, options: RunOptions = {}): Promise<RunFolder> {
  let path = resolve(folder);
  if (path.endsWith(FILE)) path = dirname(path);
  const run = new RunFolder(path, await readRun(path), options);
  await run.refresh();
  return run;
}

/**
 * The runs below a folder (one level), newest first. Folders that cannot be read are named, not thrown.
 */
export async function listRuns(folder: string): Promise<{ runs: RunInfo[]; problems: AtelierError[] }> {
  let names: string[];
  try {
    names = (await readdir(folder, { withFileTypes: true })).filter((e) => e.isDirectory()).map((e) => e.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { runs: [], problems: [] };
    throw toAtelierError(error, `listing ${folder}`);
  }
  const runs: RunInfo[] = [];
  const problems: AtelierError[] = [];
  for (const name of names) {
    if (!(await exists(join(folder, name, FILE)))) continue;
    try {
      runs.push((await openRun(join(folder, name))).info);
    } catch (error) {
      problems.push(toAtelierError(error, `opening ${join(folder, name)}`));
    }
  }
  runs.sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.run.localeCompare(b.run));
  return { runs, problems };
}

async function readRun(folder: string): Promise<RunRecord> {
  const path = join(folder, FILE);
  if (!(await exists(path))) throw new AtelierError('not-found', `${folder} is not a run: it has no ${FILE}.`, 'Choose the folder that a training made.');
  const record = await readRecord<RunRecord>(path, FORMAT, 'a run');
  if (typeof record.family !== 'string' || typeof record.config !== 'object' || typeof record.step !== 'number' || typeof record.status !== 'string') {
    throw new AtelierError('bad-data', `${path} lacks the family, config, step or status of the run.`, 'Restore the file from a copy.');
  }
  return record;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
