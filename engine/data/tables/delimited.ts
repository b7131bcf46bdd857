import { extname } from 'node:path';
import { AtelierError } from '../../core/errors.ts';
import { literal, quoted, tableError, type Duck } from './duck.ts';

/** The column of a table in the database that holds the number of the row in the file. */
export const ROW = '__row';

/** Endings that DuckDB reads; `.gz` and `.zst` may follow those of text. */
const READERS: Record<string, (path: string) => string> = {
  '.parquet': (path) => `read_parquet(${literal(path)})`,
  '.jsonl': (path) => `read_json(${literal(path)}, format = 'newline_delimited', maximum_object_size = 67108864)`,
  '.ndjson': (path) => `read_json(${literal(path)}, format = 'newline_delimited', maximum_object_size = 67108864)`,
};
const SEPARATORS: Record<string, string> = { '.csv': ',', '.tsv': '\t', '.tab': '\t' };

/** Without compression's ending, in lower case: ".csv" of "a.CSV.gz". */
export function endingOf(path: string): string {
  return extname(path.toLowerCase().replace(/\.(gz|zst)$/, ''));
}
export const isTabular = (path: string): boolean => endingOf(path) in READERS || endingOf(path) in SEPARATORS;

const TOLERATED = 0.1;

/**
 * Reads a csv, tsv, parquet or jsonl file into a table of the database, with a column for the row's number.
 * Broken lines of text are left out and named.
 * @param header whether the first line names the columns; unset: seen from the file
 * @returns warnings
 * @throws AtelierError 'bad-data' when the file cannot be read, or more than a tenth of its lines are broken
 */
export async function readInto(duck: Duck, table: string, path: string, header?: boolean): Promise<string[]> {
  const ending = endingOf(path);
  const numbered = (source: string): string => `CREATE TABLE ${quoted(table)} AS SELECT (row_number() OVER () - 1)::INTEGER AS ${ROW}, * FROM ${source}`;
  try {
    if (ending in READERS) {
      await duck.connection.run(numbered(READERS[ending](path)));
      return [];
    }
    const options = [`delim = ${literal(SEPARATORS[ending])}`, 'store_rejects = true', `rejects_table = ${literal(`${table}_rejects`)}`, `rejects_scan = ${literal(`${table}_scan`)}`];
    if (header !== undefined) options.push(`header = ${header}`);
    await duck.connection.run(numbered(`read_csv(${literal(path)}, ${options.join(', ')})`));
    return await brokenLines(duck, table, path);
  } catch (error) {
    throw tableError(error, path);
  }
}

async function brokenLines(duck: Duck, table: string, path: string): Promise<string[]> {
  const broken = await duck.all(`SELECT line, any_value(error_message) AS why FROM ${quoted(`${table}_rejects`)} GROUP BY line ORDER BY line`);
  if (broken.length === 0) return [];
  const [{ rows }] = await duck.all(`SELECT count(*) AS rows FROM ${quoted(table)}`);
  const named = broken.slice(0, 5).map(({ line }) => String(line)).join(', ') + (broken.length > 5 ? ', ...' : '');
  const what = `${path}: ${broken.length === 1 ? `line ${named} is broken` : `${broken.length} lines are broken (${named})`}: ${String(broken[0].why).split('\n')[0]}`;
  if (broken.length > TOLERATED * (broken.length + Number(rows))) throw new AtelierError('bad-data', what, 'Correct the file, or export it again.');
  return [`${what} Left out.`];
}
