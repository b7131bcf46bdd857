import type { DuckDBListVector } from '@duckdb/node-api';
import { AtelierError } from '../../core/errors.ts';
import { ROW } from './delimited.ts';
import { quoted, type Duck } from './duck.ts';
import type { RawVectors } from './vectors.ts';

export interface ColumnInfo {
  name: string;
  kind: 'number' | 'list' | 'other';
}

const NUMBER = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL.*)$/;
/** Columns of numbers that are rather about a row than part of its vector. */
const ABOUT = /^(id|idx|index|row|item|number|label|labels|class|class_id|target|cluster|split|year|x|y|z|.*_id|umap.*|tsne.*|pca_.*|projection_.*)$/i;
const PREFERRED = /^(embedding|embeddings|latent|latents|vector|vectors|features?|codes_mean)$/i;

/** The columns of a table of the database, without the row's number. */
export async function columnsOf(duck: Duck, table: string): Promise<ColumnInfo[]> {
  const reader = await duck.connection.runAndReadAll(`SELECT * FROM ${quoted(table)} LIMIT 0`);
  const types = reader.columnTypes();
  return reader.columnNames().map((name, i) => ({ name, kind: kindOf(String(types[i])) })).filter(({ name }) => name !== ROW);
}

/** @param type as DuckDB spells it: "FLOAT", "DOUBLE[]", "FLOAT[64]" */
function kindOf(type: string): ColumnInfo['kind'] {
  if (NUMBER.test(type)) return 'number';
  return NUMBER.test(/^(.*)\[\d*\]$/.exec(type)?.[1] ?? '') ? 'list' : 'other';
}

/** A column of a series: z0, z1, ... or dim_01, dim_02, ... */
const NUMBERED = /^(.*?)_?(\d+)$/;
const SHORTEST_SERIES = 3;

/**
 * The longest series of numbered columns of one name, in the order of its numbers; none when it is shorter than three.
 * Layouts that stand beside the vectors (umap_1, ...) are no vectors.
 */
function longestSeries(columns: readonly ColumnInfo[]): ColumnInfo[] {
  const series = new Map<string, { column: ColumnInfo; at: number }[]>();
  for (const column of columns) {
    const found = NUMBERED.exec(column.name);
    if (!found || ABOUT.test(column.name)) continue;
    const name = found[1].toLowerCase();
    if (!series.has(name)) series.set(name, []);
    series.get(name)!.push({ column, at: Number(found[2]) });
  }
  const longest = [...series.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  return longest.length < SHORTEST_SERIES ? [] : longest.sort((a, b) => a.at - b.at).map(({ column }) => column);
}

/**
 * Which columns make the vectors: those asked for; else a list column, one with a telling name first; else a series of numbered
 * columns (z0, z1, ...); else all columns of numbers but those that are about the row (id, label, x, y, z, ...).
 * @param fallback names to take rather than all columns of numbers
 * @throws AtelierError 'bad-input' for unknown or unfit columns, 'bad-data' when there are none
 */
export function chooseColumns(columns: readonly ColumnInfo[], wanted: readonly string[] | undefined, path: string, fallback: readonly string[] = []): ColumnInfo[] {
  const there = columns.map((c) => c.name);
  if (wanted && wanted.length > 0) {
    const chosen = wanted.map((name) => {
      const found = columns.find((c) => c.name === name);
      if (!found) throw new AtelierError('bad-input', `${path} has no column "${name}".`, `There are: ${some(there)}.`);
      if (found.kind === 'other') throw new AtelierError('bad-input', `In ${path}, the column "${name}" holds no numbers.`, 'Choose columns of numbers, or one column of lists of numbers.');
      return found;
    });
    if (chosen.length > 1 && chosen.some((c) => c.kind === 'list')) throw new AtelierError('bad-input', `In ${path}, lists cannot be joined with other columns.`, 'Choose one list column, or several columns of numbers.');
    return chosen;
  }
  const lists = columns.filter((c) => c.kind === 'list');
  if (lists.length > 0) return [lists.find((c) => PREFERRED.test(c.name)) ?? lists[0]];
  const numbers = columns.filter((c) => c.kind === 'number');
  const series = longestSeries(numbers);
  if (series.length > 0) return series;
  if (fallback.length > 0) return chooseColumns(columns, fallback, path);
  const plain = numbers.filter((c) => !ABOUT.test(c.name));
  const chosen = plain.length > 0 ? plain : numbers;
  if (chosen.length === 0) throw new AtelierError('bad-data', `${path} has no column of numbers; it has ${some(there)}.`, 'Vectors are read from columns of numbers or from a column of lists of numbers.');
  return chosen;
}

const some = (names: readonly string[]): string => `${names.slice(0, 20).join(', ')}${names.length > 20 ? ', ...' : ''}` || 'no columns';

/** The chosen columns as one matrix; a list of another length than most is read as missing. */
export async function readVectors(duck: Duck, table: string, chosen: readonly ColumnInfo[]): Promise<RawVectors> {
  const [{ rows }] = await duck.all(`SELECT count(*) AS rows FROM ${quoted(table)}`);
  const n = Number(rows);
  const list = chosen[0].kind === 'list';
  let d = chosen.length;
  if (list) {
    const found = await duck.all(`SELECT len(${quoted(chosen[0].name)}) AS d FROM ${quoted(table)} WHERE d > 0 GROUP BY d ORDER BY count(*) DESC, d LIMIT 1`);
    d = found.length > 0 ? Number(found[0].d) : 1;
  }
  const expression = list ? `${quoted(chosen[0].name)}::FLOAT[]` : `[${chosen.map((c) => `${quoted(c.name)}::FLOAT`).join(', ')}]`;
  const values = new Float32Array(new SharedArrayBuffer(n * d * 4)).fill(NaN); // threads that project it take it as it is
  // In the order of the file: the table keeps it. Whole, not streamed: another question on the connection would end the stream without a word.
  const result = await duck.connection.run(`SELECT ${expression} FROM ${quoted(table)}`);
  let row = 0;
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const vector = chunk.getColumnVector(0) as DuckDBListVector;
    const child = vector.childVector;
    for (let i = 0; i < chunk.rowCount; i++, row++) {
      if (vector.getEntryLength(i) !== d) continue;
      const from = vector.getEntryOffset(i);
      for (let j = 0; j < d; j++) values[row * d + j] = (child.getItem(from + j) as number | null) ?? NaN;
    }
  }
  return { values, n, d };
}
