import { dirname } from 'node:path';
import type { Category, Cell, LeftOut, PointColumn } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { ROW, columnsOf, coordinateSets, openDuck, openVectors, quoted, tableError, type CoordinateSet, type Duck } from '../tables/index.ts';
import { bitsOf, emptyBits, hasBit, setBit } from './bits.ts';
import { asNumber, categoriesOf, describeColumns, valueType, type SqlColumn } from './columns.ts';
import { compileFilter, type Filter } from './expression-sql.ts';
import { ExpressionError } from './expression.ts';

export interface Vectors {
  names: string[];
  /** [N, D], in shared memory. */
  values: Float32Array;
  n: number;
  d: number;
}

export type ColumnValues =
  | { type: 'number'; values: Float32Array }
  | { type: 'category'; codes: Int32Array; categories: Category[]; /** Points whose value has no code. */ beyond: number };

/** A column given as values rather than read from a file. */
export type GivenColumn = { name: string; values: readonly (string | null)[] | Float32Array | Int32Array };

export interface Page {
  total: number;
  indices: Int32Array;
  columns: { name: string; values: Cell[] }[];
}

/** Columns beyond so many are those of the vectors, and are not looked over one by one. */
const MOST_DESCRIBED_VECTORS = 64;
const KEPT = 6;
const TABLE = 'points';

/**
 * The points of a map in a database in memory: their vectors as one matrix, everything else as columns that are filtered,
 * searched and paged there. Points are numbered as they stand in the file, without those that were left out.
 */
export class PointTable {
  readonly n: number;
  readonly vectors: Vectors | null;
  /** Row of the file of each point. [N] */
  readonly rows: Int32Array;
  readonly leftOut: LeftOut[];
  readonly warnings: string[];
  readonly coordinates: CoordinateSet[];
  readonly sprite: { path: string; width: number; height: number } | null;
  /** Folder that paths in the table count from. */
  readonly folder: string;
  #described: PointColumn[];
  #sql: SqlColumn[];
  readonly #duck: Duck;
  /** Point of each row, -1 where it was left out. */
  readonly #pointOf: Int32Array | null;
  readonly #codes = new Map<string, Promise<ColumnValues>>();
  readonly #orders = new Map<string, Promise<Int32Array>>();

  constructor(parts: { duck: Duck; vectors: Vectors | null; rows: Int32Array; lastRow: number; leftOut: LeftOut[]; warnings: string[]; described: PointColumn[]; sql: SqlColumn[]; coordinates: CoordinateSet[]; sprite: PointTable['sprite']; folder: string }) {
    this.#duck = parts.duck;
    this.vectors = parts.vectors;
    this.rows = parts.rows;
    this.n = parts.rows.length;
    this.leftOut = parts.leftOut;
    this.warnings = parts.warnings;
    this.coordinates = parts.coordinates;
    this.sprite = parts.sprite;
    this.folder = parts.folder;
    this.#described = parts.described;
    this.#sql = parts.sql;
    if (parts.lastRow + 1 === this.n) this.#pointOf = null;
    else {
      this.#pointOf = new Int32Array(parts.lastRow + 1).fill(-1);
      for (let i = 0; i < this.n; i++) this.#pointOf[this.rows[i]] = i;
    }
  }

  get columns(): readonly PointColumn[] {
    return this.#described;
  }

  /** Values of a column, one a point. @throws AtelierError 'bad-input' for an unknown column, or one of lists */
  column(name: string, limit = 512): Promise<ColumnValues> {
    const { sqlType } = this.#known(name);
    const described = this.#described.find((c) => c.name === name);
    const number = described ? described.type === 'number' || described.type === 'integer' || described.type === 'time' : valueType(sqlType) === 'number';
    return this.#kept(this.#codes, `${name}|${number ? '' : limit}`, () => (number ? this.#numbers(name, sqlType) : this.#categories(name, limit)));
  }

  /** Codes of a column's classes whatever its type: of whole numbers too. */
  classes(name: string, limit = 4096): Promise<Extract<ColumnValues, { type: 'category' }>> {
    this.#known(name);
    return this.#kept(this.#codes, `${name}|${limit}`, () => this.#categories(name, limit)) as Promise<Extract<ColumnValues, { type: 'category' }>>;
  }

  /** @throws ExpressionError with the place of what is wrong */
  check(expression: string): Filter {
    return compileFilter(expression, this.#sql.map(({ name, sqlType }) => ({ name, type: valueType(sqlType) })));
  }

  /** Points for which an expression holds. */
  async filter(expression: string): Promise<{ bits: Uint8Array; count: number }> {
    const { sql, values } = this.check(expression);
    try {
      return await this.#where(sql, values);
    } catch (error) {
      throw new ExpressionError({ at: 0, length: expression.length }, `the expression cannot be worked out: ${String((error as Error).message).split('\n')[0]}`, 'Write it with fewer or other comparisons.');
    }
  }

  /** Points with a text in some columns, case aside. */
  async search(text: string, columns?: readonly string[]): Promise<{ bits: Uint8Array; count: number }> {
    const chosen = columns ? columns.map((name) => this.#known(name)) : this.#sql.filter(({ sqlType }) => valueType(sqlType) === 'text');
    if (chosen.length === 0) return { bits: emptyBits(this.n), count: 0 };
    return this.#where(chosen.map(({ name }) => `contains(lower(${quoted(name)}::VARCHAR), lower($1::VARCHAR))`).join(' OR '), [text]);
  }

  /** Rows of a page: all points or some, by number or ordered by a column. */
  async page(options: { from: number; count: number; columns?: readonly string[]; within?: Uint8Array; order?: { column: string; descending: boolean } }): Promise<Page> {
    const { from, count, within, order } = options;
    const sequence = order ? await this.#order(order.column, order.descending) : null;
    let indices: Int32Array;
    let total = this.n;
    if (!sequence && !within) indices = Int32Array.from({ length: Math.max(0, Math.min(count, this.n - from)) }, (_, i) => from + i);
    else {
      const found: number[] = [];
      total = 0;
      for (let i = 0; i < this.n; i++) {
        const point = sequence ? sequence[i] : i;
        if (within && !hasBit(within, point)) continue;
        if (total >= from && total < from + count) found.push(point);
        total++;
      }
      indices = Int32Array.from(found);
    }
    const columns = options.columns?.map((name) => this.#known(name).name) ?? this.#described.map((c) => c.name);
    return { total, indices, columns: await this.cells(indices, columns) };
  }

  /** Values of some points, as a table shows them. */
  async cells(indices: ArrayLike<number>, columns: readonly string[]): Promise<Page['columns']> {
    const known = columns.map((name) => this.#known(name));
    const at = new Map(Array.from(indices, (point, i) => [this.rows[point], i]));
    const out = known.map(({ name }) => ({ name, values: new Array<Cell>(indices.length).fill(null) }));
    if (at.size === 0 || known.length === 0) return out;
    const rows = [...at.keys()].sort((a, b) => a - b);
    const consecutive = rows.at(-1)! - rows[0] + 1 === rows.length;
    const select = known.map(({ name, sqlType }, i) => {
      const type = valueType(sqlType);
      return `${type === 'number' ? `${quoted(name)}::DOUBLE` : type === 'boolean' ? quoted(name) : `left(${quoted(name)}::VARCHAR, 2000)`} AS c${i}`;
    });
    const found = await this.#duck.all(`SELECT ${ROW}, ${select.join(', ')} FROM ${TABLE} WHERE ${consecutive ? `${ROW} BETWEEN ${rows[0]} AND ${rows.at(-1)!}` : `${ROW} IN (${rows.join(', ')})`}`);
    for (const row of found) {
      const i = at.get(Number(row[ROW]));
      if (i !== undefined) known.forEach((_, c) => (out[c].values[i] = row[`c${c}`] as Cell));
    }
    // A point may be asked for twice.
    for (let i = 0; i < indices.length; i++) {
      const first = at.get(this.rows[indices[i]])!;
      if (first !== i) for (const column of out) column.values[i] = column.values[first];
    }
    return out;
  }

  /** Adds columns of numbers (the quality of a projection), replacing those of the same name. Each [N]. */
  async addNumbers(columns: readonly { name: string; values: Float32Array }[]): Promise<void> {
    for (const [c, { name }] of columns.entries()) {
      if (this.#sql.some((column) => column.name === name)) await this.dropColumn(name);
      await this.#duck.connection.run(`ALTER TABLE ${TABLE} ADD COLUMN ${quoted(name)} FLOAT`);
      await this.#duck.connection.run(`CREATE OR REPLACE TEMP TABLE added (${ROW} INTEGER, value FLOAT)`);
      const appender = await this.#duck.connection.createAppender('added');
      for (let i = 0; i < this.n; i++) {
        appender.appendInteger(this.rows[i]);
        appender.appendFloat(columns[c].values[i]);
        appender.endRow();
      }
      appender.closeSync();
      await this.#duck.connection.run(`UPDATE ${TABLE} SET ${quoted(name)} = added.value FROM added WHERE ${TABLE}.${ROW} = added.${ROW}`);
      this.#sql.push({ name, sqlType: 'FLOAT' });
      const [described] = await describeColumns(this.#duck, TABLE, [{ name, sqlType: 'FLOAT' }]);
      this.#described.push({ ...described, role: 'quality' });
    }
  }

  async dropColumn(name: string): Promise<void> {
    if (!this.#sql.some((column) => column.name === name)) return;
    await this.#duck.connection.run(`ALTER TABLE ${TABLE} DROP COLUMN ${quoted(name)}`);
    this.#sql = this.#sql.filter((column) => column.name !== name);
    this.#described = this.#described.filter((column) => column.name !== name);
    for (const key of this.#codes.keys()) if (key.startsWith(`${name}|`)) this.#codes.delete(key);
    for (const key of this.#orders.keys()) if (key.endsWith(`|${name}`)) this.#orders.delete(key);
  }

  /**
   * Writes points to a file by what the database writes best.
   * @param options what to write after COPY ... TO, such as `FORMAT parquet`
   * @param extra further columns of numbers, each [N]
   */
  async copyTo(path: string, format: string, { within, columns, extra = [] }: { within?: Uint8Array; columns?: readonly string[]; extra?: readonly { name: string; values: Float32Array }[] }): Promise<number> {
    const names = columns?.map((name) => this.#known(name).name) ?? this.#described.map((c) => c.name);
    const lower = new Set(extra.map((e) => e.name.toLowerCase()));
    const kept = names.filter((name) => !lower.has(name.toLowerCase()) && name.toLowerCase() !== 'row');
    await this.#duck.connection.run(`CREATE OR REPLACE TEMP TABLE chosen (${ROW} INTEGER${extra.map((_, i) => `, e${i} FLOAT`).join('')})`);
    const appender = await this.#duck.connection.createAppender('chosen');
    let count = 0;
    for (let i = 0; i < this.n; i++) {
      if (within && !hasBit(within, i)) continue;
      appender.appendInteger(this.rows[i]);
      for (const { values } of extra) appender.appendFloat(values[i]);
      appender.endRow();
      count++;
    }
    appender.closeSync();
    const select = [`${ROW} AS row`, ...extra.map(({ name }, i) => `e${i} AS ${quoted(name)}`), ...kept.map(quoted)].join(', ');
    await this.#duck.connection.run(`COPY (SELECT ${select} FROM chosen JOIN ${TABLE} USING (${ROW}) ORDER BY ${ROW}) TO '${path.replaceAll("'", "''")}' (${format})`);
    return count;
  }

  close(): void {
    this.#duck.close();
  }

  #known(name: string): SqlColumn {
    const found = this.#sql.find((c) => c.name === name);
    if (!found) throw new AtelierError('bad-input', `There is no column "${name}".`, `There are: ${this.#described.slice(0, 20).map((c) => c.name).join(', ') || 'none'}.`);
    return found;
  }

  /** What was worked out lately is kept. */
  #kept<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
    const value = map.get(key) ?? make();
    map.delete(key);
    map.set(key, value);
    value.catch(() => map.delete(key));
    if (map.size > KEPT) map.delete(map.keys().next().value!);
    return value;
  }

  /** Calls back for each row of a query, whose first column is the row's number. */
  async #each(sql: string, values: Filter['values'], take: (point: number, value: unknown, at: number) => void): Promise<void> {
    // Whole, not streamed: a second question on the same connection would end the stream of the first without a word.
    const result = await this.#duck.connection.run(sql, values);
    const pointOf = this.#pointOf;
    let at = 0;
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      const rows = chunk.getColumnVector(0);
      const given = chunk.columnCount > 1 ? chunk.getColumnVector(1) : null;
      for (let i = 0; i < chunk.rowCount; i++) {
        const row = rows.getItem(i) as number;
        const point = pointOf ? pointOf[row] : row;
        if (point >= 0) take(point, given?.getItem(i), at++);
      }
    }
  }

  async #where(condition: string, values: Filter['values']): Promise<{ bits: Uint8Array; count: number }> {
    const bits = emptyBits(this.n);
    let count = 0;
    await this.#each(`SELECT ${ROW} FROM ${TABLE} WHERE ${condition}`, values, (point) => {
      setBit(bits, point);
      count++;
    });
    return { bits, count };
  }

  async #numbers(name: string, sqlType: string): Promise<ColumnValues> {
    const values = new Float32Array(this.n).fill(NaN);
    await this.#each(`SELECT ${ROW}, ${asNumber(name, sqlType)} FROM ${TABLE}`, [], (point, value) => {
      if (value !== null) values[point] = value as number;
    });
    return { type: 'number', values };
  }

  async #categories(name: string, limit: number): Promise<ColumnValues> {
    if (valueType(this.#known(name).sqlType) === 'list') throw new AtelierError('bad-input', `The column "${name}" holds lists, which have no colours.`, 'Choose another column.');
    const categories = await categoriesOf(this.#duck, TABLE, name, limit);
    const codes = new Int32Array(this.n).fill(-1);
    let beyond = 0;
    const dictionary = `dict_${[...name].reduce((h, c) => (Math.imul(h, 31) + c.codePointAt(0)!) >>> 0, limit)}`;
    await this.#duck.connection.run(`CREATE OR REPLACE TEMP TABLE ${dictionary} (value VARCHAR, code INTEGER)`);
    const appender = await this.#duck.connection.createAppender(dictionary);
    categories.forEach(({ value }, code) => {
      appender.appendVarchar(value);
      appender.appendInteger(code);
      appender.endRow();
    });
    appender.closeSync();
    const c = `p.${quoted(name)}`;
    await this.#each(`SELECT p.${ROW}, CASE WHEN ${c} IS NULL THEN -1 ELSE coalesce(d.code, -2) END::INTEGER FROM ${TABLE} p LEFT JOIN ${dictionary} d ON d.value = ${c}::VARCHAR`, [], (point, code) => {
      codes[point] = code as number;
      if (code === -2) beyond++;
    });
    await this.#duck.connection.run(`DROP TABLE ${dictionary}`);
    return { type: 'category', codes, categories, beyond };
  }

  #order(column: string, descending: boolean): Promise<Int32Array> {
    const { name } = this.#known(column);
    return this.#kept(this.#orders, `${descending}|${name}`, async () => {
      const order = new Int32Array(this.n);
      await this.#each(`SELECT ${ROW} FROM ${TABLE} ORDER BY ${quoted(name)} ${descending ? 'DESC' : 'ASC'} NULLS LAST, ${ROW}`, [], (point, _, at) => (order[at] = point));
      return order;
    });
  }
}

/**
 * Opens a table for a map. Rows whose vectors hold NaN or infinite values are left out and named.
 * @throws AtelierError 'bad-input' | 'bad-data' | 'not-found'
 */
export async function openPointTable(path: string, options: { metadata?: string; vectors?: readonly string[]; sprite?: { path: string; width: number; height: number } } = {}): Promise<PointTable> {
  const table = await openVectors(path, { metadata: options.metadata, columns: options.vectors, coordinates: true });
  const { duck } = table;
  try {
    if (table.from === null) await duck.connection.run(`CREATE TABLE ${TABLE} AS SELECT i::INTEGER AS ${ROW} FROM range(${(table.rows.at(-1) ?? -1) + 1}) t(i)`);
    else if (table.from === 'own') await duck.connection.run(`ALTER TABLE own RENAME TO ${TABLE}`);
    else await duck.connection.run(`CREATE TABLE ${TABLE} AS SELECT * FROM ${table.from} ORDER BY ${ROW}`);
    const [{ last }] = await duck.all(`SELECT coalesce(max(${ROW}), -1) AS last FROM ${TABLE}`);
    const lastRow = Math.max(Number(last), table.rows.at(-1) ?? -1);
    if (lastRow + 1 !== table.n) await dropLeftOut(duck, table.rows, lastRow);
    const all = await columnsOf(duck, TABLE);
    const sql = await sqlColumns(duck);
    const isVector = new Set(table.vectorColumns);
    const coordinates = coordinateSets(all);
    const axes = new Map(coordinates.flatMap((set) => set.columns.map((name) => [name, set] as const)));
    const shown = sql.filter(({ name }) => !isVector.has(name) || axes.has(name) || table.vectorColumns.length <= MOST_DESCRIBED_VECTORS).filter(({ name, sqlType }) => !(isVector.has(name) && valueType(sqlType) === 'list'));
    const described = (await describeColumns(duck, TABLE, shown)).map((c) => (axes.has(c.name) ? { ...c, role: 'coordinate' as const } : c));
    return new PointTable({
      duck, rows: table.rows, lastRow, described, sql, coordinates, folder: dirname(path),
      vectors: { names: table.vectorColumns, values: shared(table.values), n: table.n, d: table.d },
      leftOut: table.excluded, warnings: table.warnings, sprite: options.sprite ?? table.sprite,
    });
  } catch (error) {
    duck.close();
    throw tableError(error, path);
  }
}

/** Points that were made here: the items of a run, the codes of a codebook. */
export async function createPointTable({ vectors, columns, folder = '.', warnings = [] }: { vectors: Vectors; columns: readonly GivenColumn[]; folder?: string; warnings?: string[] }): Promise<PointTable> {
  const duck = await openDuck();
  const { n } = vectors;
  const sqlType = ({ values }: GivenColumn): string => (values instanceof Float32Array ? 'FLOAT' : values instanceof Int32Array ? 'INTEGER' : 'VARCHAR');
  await duck.connection.run(`CREATE TABLE ${TABLE} (${ROW} INTEGER${columns.map((c) => `, ${quoted(c.name)} ${sqlType(c)}`).join('')})`);
  const appender = await duck.connection.createAppender(TABLE);
  for (let i = 0; i < n; i++) {
    appender.appendInteger(i);
    for (const { values } of columns) {
      const value = values[i];
      if (value === null) appender.appendNull();
      else if (values instanceof Float32Array) appender.appendFloat(value as number);
      else if (values instanceof Int32Array) appender.appendInteger(value as number);
      else appender.appendVarchar(value as string);
    }
    appender.endRow();
  }
  appender.closeSync();
  const sql = await sqlColumns(duck);
  return new PointTable({ duck, vectors: { ...vectors, values: shared(vectors.values) }, rows: Int32Array.from({ length: n }, (_, i) => i), lastRow: n - 1, leftOut: [], warnings, described: await describeColumns(duck, TABLE, sql), sql, coordinates: [], sprite: null, folder });
}

async function sqlColumns(duck: Duck): Promise<SqlColumn[]> {
  const reader = await duck.connection.runAndReadAll(`SELECT * FROM ${TABLE} LIMIT 0`);
  const types = reader.columnTypes();
  return reader.columnNames().map((name, i) => ({ name, sqlType: String(types[i]) })).filter(({ name }) => name !== ROW);
}

async function dropLeftOut(duck: Duck, rows: Int32Array, lastRow: number): Promise<void> {
  const kept = bitsOf(rows, lastRow + 1);
  await duck.connection.run(`CREATE TEMP TABLE left_out (${ROW} INTEGER)`);
  const appender = await duck.connection.createAppender('left_out');
  for (let row = 0; row <= lastRow; row++) {
    if (hasBit(kept, row)) continue;
    appender.appendInteger(row);
    appender.endRow();
  }
  appender.closeSync();
  await duck.connection.run(`DELETE FROM ${TABLE} WHERE ${ROW} IN (SELECT ${ROW} FROM left_out)`);
}

function shared(values: Float32Array): Float32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const out = new Float32Array(new SharedArrayBuffer(values.length * 4));
  out.set(values);
  return out;
}
