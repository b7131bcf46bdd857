import { basename } from 'node:path';
import type { DatasetInfo, InputOf, Calls } from '../../electron/contract/index.ts';
import { AtelierError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { exists } from './exists.ts';
import { followJob } from './follow-job.ts';

/**
 * A dataset by its ref, its folder or its name.
 * @throws AtelierError 'not-found' naming what there is; 'bad-input' when a name means several
 */
export async function findData(context: Context, given: string): Promise<DatasetInfo> {
  const list = await context.call('data.list', {});
  const path = context.path(given);
  const exact = list.find((d) => d.ref === given || d.ref === path);
  if (exact) return exact;
  const named = list.filter((d) => d.name === given || basename(d.ref) === given);
  if (named.length === 1) return named[0];
  if (named.length > 1) throw new AtelierError('bad-input', `Several datasets are called "${given}".`, `Name one by its ref: ${named.map((d) => d.ref).join(', ')}.`);
  if (given.startsWith('builtin:')) return context.call('data.info', { ref: given });
  throw new AtelierError('not-found', `There is no dataset "${given}" in the project.`, `There are ${list.map((d) => d.ref).join(', ') || 'none'}; import a folder with: atelier data import <path>.`);
}

/** Imports and waits, with progress on standard error. */
export async function importData(context: Context, options: InputOf<Calls['data.import']>): Promise<DatasetInfo> {
  const { job } = await context.call('data.import', options);
  const ended = await followJob(context, job);
  return context.call('data.info', { ref: ended.result ?? '' });
}

/** The ref of what a word means: a dataset of the project, a built-in set, a folder or file; one that is not a dataset yet is imported first. */
export async function dataOf(context: Context, given: string, size?: number): Promise<string> {
  if (given.startsWith('builtin:')) return given;
  try {
    return (await findData(context, given)).ref;
  } catch (error) {
    const path = context.path(given);
    if (!(await exists(path))) throw error;
    context.note(`Importing ${path}`);
    const info = await importData(context, { path, size });
    if (info.skipped.total) context.note(`${info.skipped.total} files were passed over; see: atelier data info ${info.ref}`);
    return info.ref;
  }
}
