import type { Category, PointColumn } from '../../../electron/contract/index.ts';
import { quoted, type Duck } from '../tables/index.ts';
import type { ValueType } from './expression-sql.ts';

/** Different values up to which they are counted exactly and have codes. */
export const MOST_CATEGORIES = 4096;
/** Rows on which the different values of measures are counted. */
const SAMPLE = 20_000;
/** Categories that are told with the column. */
const TOLD = 64;

const INTEGER = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT)$/;
const REAL = /^(FLOAT|DOUBLE|DECIMAL.*)$/;
const LABEL = /^(label|labels|class|class_name|category|categories|target|cluster|kind|type|group|species|y_true|digit)$/i;
const NAME = /^(name|title|item|id|word|text|caption|key|filename|file|path)$/i;
const PICTURE = /\.(png|jpe?g|jfif|webp|gif|svg|bmp|tiff?|avif)$/i;
const SOUND = /\.(wav|mp3|flac|ogg|opus|m4a|aac|aiff?)$/i;

export type SqlColumn = { name: string; sqlType: string };

/** How values of a database type are compared. */
export function valueType(sqlType: string): ValueType {
  if (INTEGER.test(sqlType) || REAL.test(sqlType)) return 'number';
  if (sqlType === 'BOOLEAN') return 'boolean';
  if (/^(DATE|TIMESTAMP)/.test(sqlType)) return 'time';
  if (/\[\d*\]$|^(STRUCT|MAP|UNION|BLOB|BIT)/.test(sqlType)) return 'list';
  return 'text';
}

/** A column's values as numbers; times in milliseconds. */
export function asNumber(name: string, sqlType: string): string {
  return valueType(sqlType) === 'time' ? `epoch_ms(${quoted(name)}::TIMESTAMP)::DOUBLE` : `${quoted(name)}::DOUBLE`;
}

/** Looks over columns of a table: types, ranges, how many values, what they are likely for. One pass over all of them, and one more for each with categories. */
export async function describeColumns(duck: Duck, table: string, columns: readonly SqlColumn[]): Promise<PointColumn[]> {
  if (columns.length === 0) return [];
  const parts = columns.flatMap(({ name, sqlType }, i) => {
    const type = valueType(sqlType);
    const c = quoted(name);
    const list = [`count(*) FILTER (WHERE ${c} IS NULL) AS missing${i}`, type === 'list' || REAL.test(sqlType) ? `0 AS distinct${i}` : `approx_count_distinct(${c}) AS distinct${i}`];
    if (type === 'number' || type === 'time') {
      const v = asNumber(name, sqlType);
      const finite = REAL.test(sqlType) ? ` FILTER (WHERE isfinite(${v}))` : '';
      list.push(`min(${v})${finite} AS low${i}`, `max(${v})${finite} AS high${i}`);
    }
    if (type === 'text') list.push(`any_value(${c})::VARCHAR AS example${i}`);
    return list;
  });
  const [found] = await duck.all(`SELECT count(*) AS n, ${parts.join(', ')} FROM ${quoted(table)}`);
  const n = Number(found.n);
  const measures = columns.filter(({ sqlType }) => REAL.test(sqlType));
  const [sampled] = measures.length > 0 ? await duck.all(`SELECT ${measures.map(({ name }, i) => `count(DISTINCT ${quoted(name)}) AS d${i}`).join(', ')} FROM (SELECT * FROM ${quoted(table)} LIMIT ${SAMPLE})`) : [{}];
  const out: PointColumn[] = [];
  for (const [i, { name, sqlType }] of columns.entries()) {
    const kind = valueType(sqlType);
    const low = found[`low${i}`], high = found[`high${i}`];
    const example = String(found[`example${i}`] ?? '');
    const role = kind === 'text' && PICTURE.test(example) ? 'image' : kind === 'text' && SOUND.test(example) ? 'audio' : LABEL.test(name) ? 'label' : NAME.test(name) && kind === 'text' ? 'name' : null;
    let distinct = REAL.test(sqlType) ? Number(sampled[`d${measures.findIndex((m) => m.name === name)}`]) : Number(found[`distinct${i}`]);
    if (REAL.test(sqlType) && n > SAMPLE && distinct > SAMPLE / 2) distinct = Math.round((distinct / SAMPLE) * n); // of measures nearly all values are different
    let categories: Category[] = [];
    let type: PointColumn['type'] = kind === 'list' ? 'list' : kind === 'time' ? 'time' : kind === 'boolean' ? 'boolean' : kind === 'number' ? (INTEGER.test(sqlType) ? 'integer' : 'number') : 'text';
    const unlike = n > 8 && distinct >= 0.9 * n; // names rather than classes
    const few = distinct <= MOST_CATEGORIES * 1.1 && distinct <= Math.max(TOLD, n / 3) && (!unlike || role === 'label');
    if ((type === 'text' && few) || type === 'boolean' || (type === 'integer' && (role === 'label' || distinct <= 32))) {
      if (type === 'text' || role === 'label') type = 'category';
      categories = await categoriesOf(duck, table, name, MOST_CATEGORIES + 1);
      distinct = categories.length > MOST_CATEGORIES ? distinct : categories.length;
    }
    out.push({
      name, type, role: role === 'label' && type === 'number' ? null : role, missing: Number(found[`missing${i}`]),
      range: typeof low === 'number' && typeof high === 'number' ? [low, high] : null, distinct, categories: categories.slice(0, TOLD),
    });
  }
  return out;
}

/** The most frequent values, equal counts by value. */
export async function categoriesOf(duck: Duck, table: string, column: string, limit: number): Promise<Category[]> {
  const c = quoted(column);
  const rows = await duck.all(`SELECT value::VARCHAR AS value, count FROM (SELECT ${c} AS value, count(*) AS count FROM ${quoted(table)} WHERE ${c} IS NOT NULL GROUP BY ${c}) ORDER BY count DESC, value LIMIT ${limit}`);
  return rows.map(({ value, count }) => ({ value: String(value), count: Number(count) }));
}

/** A label with some classes, else any category with few values, else a measure. */
export function columnToColour(columns: readonly PointColumn[]): string | null {
  const classes = (c: PointColumn): boolean => (c.type === 'category' || c.type === 'boolean') && c.distinct > 1;
  return (
    columns.find((c) => c.role === 'label' && classes(c))?.name ??
    columns.find((c) => classes(c) && c.distinct <= 64 && c.role === null)?.name ??
    columns.find((c) => (c.type === 'number' || c.type === 'integer') && c.role === null && c.range !== null && c.range[0] < c.range[1])?.name ??
    null
  );
}
