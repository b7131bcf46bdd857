/** Tables that a project refers to, in `tables.json` beside `project.json`. The files themselves stay where they are. */
import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { TableEntry } from '../../electron/contract/index.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError } from '../core/errors.ts';
import { readRecord, recordText } from '../core/record-file.ts';

type Stored = Omit<TableEntry, 'present'>;
const FORMAT = 'latent-atelier-tables';
const fileOf = (project: string): string => join(resolve(project), 'tables.json');

/** By the time they were added. */
export async function listTables(project: string): Promise<TableEntry[]> {
  return Promise.all((await read(project)).map(async (t) => ({ ...t, present: await access(t.path).then(() => true, () => false) })));
}

/** Adds a table; the same file with the same settings is kept once. */
export async function addTable(project: string, table: Omit<Stored, 'id' | 'addedAt' | 'name'> & { name?: string }): Promise<TableEntry> {
  const before = await read(project);
  const same = (a: Omit<Stored, 'id' | 'addedAt' | 'name'>): string => JSON.stringify([a.path, a.metadata, a.vectors, a.sprite]);
  const old = before.find((t) => same(t) === same(table));
  const entry: Stored = { id: old?.id ?? randomUUID(), name: table.name ?? old?.name ?? basename(table.path), path: table.path, metadata: table.metadata, vectors: table.vectors, sprite: table.sprite, addedAt: old?.addedAt ?? new Date().toISOString() };
  await write(project, [...before.filter((t) => t !== old), entry]);
  return { ...entry, present: true };
}

/** @throws AtelierError 'not-found' */
export async function removeTable(project: string, id: string): Promise<void> {
  const before = await read(project);
  if (!before.some((t) => t.id === id)) throw new AtelierError('not-found', `The project has no table ${id}.`, 'Look at the list again.');
  await write(project, before.filter((t) => t.id !== id));
}

async function read(project: string): Promise<Stored[]> {
  try {
    return (await readRecord<{ tables: Stored[] }>(fileOf(project), FORMAT, 'the list of tables')).tables;
  } catch (error) {
    if (error instanceof AtelierError && error.code === 'not-found') return [];
    throw error;
  }
}

const write = (project: string, tables: Stored[]): Promise<void> => writeFileAtomic(fileOf(project), recordText(FORMAT, { tables }), 'writing the list of tables');
