/** Tables of points as Parquet files, through the embedded DuckDB, so that any tool can read what a model sees. */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DuckDBDataChunk, DuckDBInstance, FLOAT, INTEGER, LIST, VARCHAR, listValue, type DuckDBConnection, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import { AtelierError, toAtelierError } from '../core/errors.ts';

export interface PointTable {
  names: readonly string[];
  /** null where unknown. [N] */
  labels: readonly (string | null)[];
  splits: readonly string[];
  step: number;
  /** [N, D] */
  latents: Float32Array;
  dimensions: number;
  /** [N, 3]; unset: no columns x, y, z. */
  positions?: Float32Array;
  /** Further columns of floats, each [N]. */
  metrics?: Readonly<Record<string, Float32Array>>;
  /** Codes of each item's grid, row by row, [N, width]; unset: no column `codes`. */
  codes?: { values: Int32Array; width: number };
}

/** Up to this many dimensions have a column each (`z0`, `z1`, ...); more stand in one column of lists (`latent`). */
export const MAX_LATENT_COLUMNS = 512;
const CHUNK_ROWS = 2048;

/**
 * Writes a Parquet file: `item`, `label`, `split`, `step`, `x`, `y`, `z`, a column for each metric, then the latents and the codes.
 * The file appears whole or not at all.
 * @returns number of rows, names of the columns
 * @throws AtelierError 'bad-input' when lengths disagree or columns collide, 'disk-full' | 'no-permission'
 */
export async function writePoints(path: string, table: PointTable): Promise<{ rows: number; columns: string[] }> {
  const columns = columnsOf(table);
  const target = resolve(path);
  const partial = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString('hex')}.tmp`);
  const n = table.names.length;
  try {
    await mkdir(dirname(target), { recursive: true });
    await withDatabase(async (connection) => {
      await connection.run(`CREATE TABLE points (${columns.map((c) => `${quoted(c.name)} ${c.type.toString()}`).join(', ')})`);
      const appender = await connection.createAppender('points');
      const types = columns.map((c) => c.type);
      for (let from = 0; from < n; from += CHUNK_ROWS) {
        const count = Math.min(CHUNK_ROWS, n - from);
        const chunk = DuckDBDataChunk.create(types, count);
        chunk.setColumns(columns.map((c) => Array.from({ length: count }, (_, i) => c.value(from + i))));
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
      await connection.run(`COPY points TO ${literal(partial)} (FORMAT parquet, COMPRESSION zstd)`);
    });
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw diskError(error, `writing ${target}`);
  }
  return { rows: n, columns: columns.map((c) => c.name) };
}

/**
 * Reads columns of a Parquet or CSV file.
 * @param columns unset: all
 * @returns values by column, in the order of the rows
 * @throws AtelierError 'not-found' | 'bad-data'
 */
export async function readTable(path: string, columns?: readonly string[]): Promise<Record<string, DuckDBValue[]>> {
  const source = resolve(path);
  try {
    return await withDatabase(async (connection) => {
      const reader = await connection.runAndReadAll(`SELECT ${columns ? columns.map(quoted).join(', ') : '*'} FROM ${literal(source)}`);
      return reader.getColumnsObject();
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/No files found/i.test(message)) throw new AtelierError('not-found', `There is no file ${source}.`, 'Check the path.', { cause: error });
    throw new AtelierError('bad-data', `${source} could not be read as a table: ${message.split('\n')[0]}.`, 'Use a Parquet or CSV file with the columns asked for.', { cause: error });
  }
}

interface Column {
  name: string;
  type: DuckDBType;
  value: (row: number) => DuckDBValue;
}

function columnsOf({ names, labels, splits, step, latents, dimensions, positions, metrics = {}, codes }: PointTable): Column[] {
  const n = names.length;
  const check = (what: string, got: number, expected: number): void => {
    if (got !== expected) throw new AtelierError('bad-input', `writePoints: ${got} ${what} for ${n} items; expected ${expected}.`, 'Pass one row for every item.');
  };
  check('labels', labels.length, n);
  check('splits', splits.length, n);
  check('latent values', latents.length, n * dimensions);
  if (positions) check('coordinates', positions.length, 3 * n);
  const columns: Column[] = [
    { name: 'item', type: VARCHAR, value: (i) => names[i] },
    { name: 'label', type: VARCHAR, value: (i) => labels[i] },
    { name: 'split', type: VARCHAR, value: (i) => splits[i] },
    { name: 'step', type: INTEGER, value: () => step },
  ];
  if (positions) ['x', 'y', 'z'].forEach((name, a) => columns.push({ name, type: FLOAT, value: (i) => positions[i * 3 + a] }));
  for (const [name, values] of Object.entries(metrics)) {
    check(`values of ${name}`, values.length, n);
    columns.push({ name, type: FLOAT, value: (i) => values[i] });
  }
  if (dimensions <= MAX_LATENT_COLUMNS) {
    for (let d = 0; d < dimensions; d++) columns.push({ name: `z${d}`, type: FLOAT, value: (i) => latents[i * dimensions + d] });
  } else {
    columns.push({ name: 'latent', type: LIST(FLOAT), value: (i) => listValue(Array.from(latents.subarray(i * dimensions, (i + 1) * dimensions))) });
  }
  if (codes) {
    check('codes', codes.values.length, n * codes.width);
    columns.push({ name: 'codes', type: LIST(INTEGER), value: (i) => listValue(Array.from(codes.values.subarray(i * codes.width, (i + 1) * codes.width))) });
  }
  const twice = columns.find((c, i) => columns.findIndex((o) => o.name.toLowerCase() === c.name.toLowerCase()) !== i);
  if (twice) throw new AtelierError('bad-input', `writePoints: two columns are called ${twice.name}.`, 'Rename the metric.');
  return columns;
}

async function withDatabase<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** DuckDB reports system errors as text. */
function diskError(error: unknown, doing: string): AtelierError {
  const message = error instanceof Error ? error.message : '';
  const code = /No space left/i.test(message) ? 'ENOSPC' : /Read-only file system/i.test(message) ? 'EROFS' : /Permission denied/i.test(message) ? 'EACCES' : null;
  return toAtelierError(code ? Object.assign(new Error(message, { cause: error }), { code }) : error, doing);
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
