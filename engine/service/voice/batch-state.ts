import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchState } from '../../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';

/** What a batch writes beside its files. */
export const BATCH_FILE = 'takes.json';

/** @throws AtelierError 'bad-data' when the list of a folder is none of a batch, 'no-permission' */
export async function batchState(folder: string): Promise<BatchState> {
  const path = join(folder, BATCH_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { items: [], waiting: [] };
    throw toAtelierError(error, `reading ${path}`);
  }
  const bad = new AtelierError('bad-data', `${path} is not the list of a batch.`, 'Choose another folder for the takes.');
  let found: Partial<BatchState>;
  try {
    found = JSON.parse(text) as Partial<BatchState>;
  } catch {
    throw bad;
  }
  if (!Array.isArray(found?.items)) throw bad;
  return { items: found.items, waiting: found.waiting ?? [] };
}
