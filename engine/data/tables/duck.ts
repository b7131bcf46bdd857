import type { DuckDBConnection } from '@duckdb/node-api';
import { AtelierError, toAtelierError } from '../../core/errors.ts';

/** A database in memory for one table. */
export interface Duck {
  connection: DuckDBConnection;
  /** Rows as plain values. */
  all(sql: string): Promise<Record<string, unknown>[]>;
  close(): void;
}

export async function openDuck(): Promise<Duck> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  return {
    connection,
    all: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Record<string, unknown>[],
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What DuckDB said, in a sentence that names the file. */
export function tableError(error: unknown, path: string): AtelierError {
  if (error instanceof AtelierError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const system = /no space/i.test(text) ? 'ENOSPC' : /permission denied/i.test(text) ? 'EACCES' : /read-only/i.test(text) ? 'EROFS' : /no files found|no such file/i.test(text) ? 'ENOENT' : undefined;
  if (system) return toAtelierError(Object.assign(new Error(text), { code: system, path }), `working on the table ${path}`);
  if (/out of memory/i.test(text)) return new AtelierError('out-of-memory', `${path} does not fit into the memory.`, 'Close other programs or take a part of the table.', { cause: error });
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1] ?? /in (?:record\/value|line) (\d+)/i.exec(text)?.[1];
  const first = text.split('\n').find((l) => l.trim() !== '') ?? text;
  return new AtelierError('bad-data', `${path} cannot be read as a table${line ? `; line ${line} is broken` : ''}: ${first.replace(/^[A-Za-z ]*Error: /, '').trim()}`, 'Correct the file, or export it again.', { cause: error });
}
