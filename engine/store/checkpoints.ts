import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { readSafetensors, writeSafetensors, type SafeTensors } from '../core/safetensors.ts';

export interface Checkpoint {
  step: number;
  path: string;
  tensors: SafeTensors;
  metadata: Record<string, string>;
}

const PREFIX = 'step-';
const SUFFIX = '.safetensors';

/** `step-00000200.safetensors`: sorts by step. */
export const stepFile = (prefix: string, step: number): string => `${prefix}${String(step).padStart(8, '0')}${SUFFIX}`;

/** Steps of the files `<prefix><step>.safetensors` of a folder, ascending; none when the folder is missing. */
export async function listSteps(folder: string, prefix: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw toAtelierError(error, `listing ${folder}`);
  }
  const steps = names.filter((n) => n.startsWith(prefix) && n.endsWith(SUFFIX)).map((n) => n.slice(prefix.length, -SUFFIX.length)).filter((n) => /^\d+$/.test(n)).map(Number);
  return steps.sort((a, b) => a - b);
}

/** The checkpoints of a run: whole files, newest last. */
export class Checkpoints {
  readonly folder: string;
  readonly #log: Logger;

  constructor(folder: string, log: Logger) {
    this.folder = folder;
    this.#log = log;
  }

  list(): Promise<number[]> {
    return listSteps(this.folder, PREFIX);
  }

  pathOf(step: number): string {
    return join(this.folder, stepFile(PREFIX, step));
  }

  /**
   * Writes one atomically, then drops the oldest beyond `keep`. The disk never holds fewer whole checkpoints than before.
   * @throws AtelierError 'disk-full' | 'no-permission'; earlier checkpoints are then untouched
   */
  async save(step: number, tensors: SafeTensors, metadata: Record<string, string>, keep: number): Promise<string> {
    const path = this.pathOf(step);
    await writeSafetensors(path, tensors, metadata);
    const old = (await this.list()).filter((s) => s < step);
    for (const s of old.slice(0, Math.max(0, old.length - (keep - 1)))) await rm(this.pathOf(s), { force: true });
    return path;
  }

  /**
   * @param step exactly this one; unset: the newest that is whole (a damaged one is named in a warning and passed over)
   * @throws AtelierError 'not-found' when there is none, 'bad-data' when the one asked for is damaged
   */
  async load(step?: number): Promise<Checkpoint> {
    if (step !== undefined) return this.#read(step);
    const steps = (await this.list()).reverse();
    for (const s of steps) {
      try {
        return await this.#read(s);
      } catch (error) {
        if (!(error instanceof AtelierError) || error.code !== 'bad-data') throw error;
        this.#log.warn(`${error.message} The checkpoint before it is used.`);
      }
    }
    if (steps.length > 0) throw new AtelierError('bad-data', `None of the ${steps.length} checkpoints in ${this.folder} is whole.`, 'Start the training again; the settings of the run are kept.');
    throw new AtelierError('not-found', `There is no checkpoint in ${this.folder} yet.`, 'Let the run train until its first checkpoint, or pause it, which saves one.');
  }

  async #read(step: number): Promise<Checkpoint> {
    const path = this.pathOf(step);
    const { tensors, metadata } = await readSafetensors(path);
    if (metadata.step !== undefined && Number(metadata.step) !== step) {
      throw new AtelierError('bad-data', `${path} holds step ${metadata.step} instead of ${step}.`, 'Use another checkpoint of the run.');
    }
    return { step, path, tensors, metadata };
  }
}
