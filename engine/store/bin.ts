import { randomBytes } from 'node:crypto';
import { access, cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { readRecord, recordText } from '../core/record-file.ts';
import { isLocked } from './run-lock.ts';

const FORMAT = 'latent-atelier-binned';
const RECORD = '.binned.json';
/** What tells a folder of the project. */
const KINDS = ['run.json', 'dataset.json', 'pipeline.json', 'take.json'];

interface Binned {
  origin: string;
  removedAt: string;
}

/**
 * Moves a run, a dataset, a guided path or a take into the project's bin, from where `restoreFromBin` brings it back.
 * @throws AtelierError 'not-found', 'busy' while the run trains
 */
export async function moveToBin(project: string, folder: string): Promise<void> {
  const origin = resolve(folder);
  if (!(await exists(origin))) throw new AtelierError('not-found', `There is no folder ${origin}.`, 'It may have been removed already.');
  const kinds = await Promise.all(KINDS.map((file) => exists(join(origin, file))));
  if (!kinds.includes(true)) {
    throw new AtelierError('bad-input', `${origin} is neither a run, a dataset, a guided path nor a take.`, 'Remove other folders with the file manager.');
  }
  if (await isLocked(join(origin, 'lock'))) throw new AtelierError('busy', `The run in ${origin} is training.`, 'Pause or cancel it first.');
  const place = join(resolve(project), 'bin', `${basename(origin)}-${randomBytes(3).toString('hex')}`);
  try {
    await mkdir(dirname(place), { recursive: true });
    const record: Binned = { origin, removedAt: new Date().toISOString() };
    await writeFileAtomic(join(origin, RECORD), recordText(FORMAT, record));
    await move(origin, place);
  } catch (error) {
    throw toAtelierError(error, `moving ${origin} to the bin`);
  }
}

/**
 * Brings the last thing removed from a folder back to it.
 * @returns the folder
 * @throws AtelierError 'not-found' when the bin does not have it, 'busy' when something else stands in its place
 */
export async function restoreFromBin(project: string, folder: string): Promise<string> {
  const origin = resolve(folder);
  const bin = join(resolve(project), 'bin');
  const names = await readdir(bin).catch(() => []);
  const candidates: { place: string; removedAt: string }[] = [];
  for (const name of names) {
    const place = join(bin, name);
    const record = await readRecord<Binned>(join(place, RECORD), FORMAT, 'a thing in the bin').catch(() => null);
    if (record?.origin === origin) candidates.push({ place, removedAt: record.removedAt });
  }
  const newest = candidates.sort((a, b) => b.removedAt.localeCompare(a.removedAt))[0];
  if (!newest) throw new AtelierError('not-found', `The bin of ${resolve(project)} does not have ${origin}.`, 'It may have been restored already.');
  if (await exists(origin)) throw new AtelierError('busy', `Something else stands in ${origin} now.`, 'Move or rename it, then restore again.');
  try {
    await mkdir(dirname(origin), { recursive: true });
    await move(newest.place, origin);
    await rm(join(origin, RECORD), { force: true });
  } catch (error) {
    throw toAtelierError(error, `restoring ${origin}`);
  }
  return origin;
}

/** Renames; across disks it copies whole before it removes. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const partial = `${to}.partial`;
    await cp(from, partial, { recursive: true });
    await rename(partial, to);
    await rm(from, { recursive: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
