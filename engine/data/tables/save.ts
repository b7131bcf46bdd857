import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { AtelierError } from '../../core/errors.ts';
import { ROW } from './delimited.ts';
import { literal, quoted, tableError, type Duck } from './duck.ts';

/** A number a row. Whole numbers when the values are an Int32Array. */
export interface AddedColumn {
  name: string;
  values: Float32Array | Int32Array;
}

const FORMATS: Record<string, string> = {
  '.parquet': 'FORMAT parquet, COMPRESSION zstd',
  '.csv': 'FORMAT csv, HEADER true',
  '.tsv': "FORMAT csv, HEADER true, DELIM '\t'",
  '.jsonl': 'FORMAT json',
  '.json': 'FORMAT json, ARRAY true',
};

/** @throws AtelierError 'bad-input' when the ending says no format */
export function checkEnding(out: string): void {
  if (!(extname(out).toLowerCase() in FORMATS)) throw new AtelierError('bad-input', `${out}: a table is written as ${Object.keys(FORMATS).join(', ')}.`, 'Give the file one of these endings.');
}

/**
 * Writes `row` (its number in the file the vectors came from), the added columns and the metadata, replacing the file whole.
 * @param about where the metadata stands in the database; columns of the same name as an added one are left out
 * @returns the names of the columns written
 */
export async function saveTable(duck: Duck, about: { from: string; columns: readonly string[] } | null, rows: Int32Array, added: readonly AddedColumn[], out: string): Promise<string[]> {
  checkEnding(out);
  const whole = added.map(({ values }) => values instanceof Int32Array);
  await duck.connection.run(`CREATE OR REPLACE TABLE added (${ROW} INTEGER, ${added.map((a, i) => `${quoted(a.name)} ${whole[i] ? 'INTEGER' : 'FLOAT'}`).join(', ')})`);
  const appender = await duck.connection.createAppender('added');
  for (let i = 0; i < rows.length; i++) {
    appender.appendInteger(rows[i]);
    for (let c = 0; c < added.length; c++) {
      if (whole[c]) appender.appendInteger(added[c].values[i]);
      else appender.appendFloat(added[c].values[i]);
    }
    appender.endRow();
  }
  appender.closeSync();
  const own = ['row', ...added.map((a) => a.name)];
  const lower = own.map((name) => name.toLowerCase());
  const kept = (about?.columns ?? []).filter((name) => !lower.includes(name.toLowerCase()));
  const select = [`${ROW} AS row`, ...own.slice(1).map(quoted), ...kept.map(quoted)].join(', ');
  const temporary = `${out}.part`;
  try {
    await mkdir(dirname(out), { recursive: true });
    await duck.connection.run(`COPY (SELECT ${select} FROM added ${about ? `JOIN (SELECT * FROM ${about.from}) USING (${ROW})` : ''} ORDER BY ${ROW}) TO ${literal(temporary)} (${FORMATS[extname(out).toLowerCase()]})`);
    await rename(temporary, out);
  } catch (error) {
    await rm(temporary, { force: true });
    throw tableError(error, out);
  }
  return [...own, ...kept];
}
