/** Tables of vectors from files: what a map is made of when it does not come from a run. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AtelierError } from '../../core/errors.ts';
import { isArrays, readArrays } from './arrays.ts';
import { chooseColumns, columnsOf, readVectors } from './columns.ts';
import { endingOf, isTabular, readInto, ROW } from './delimited.ts';
import { openDuck, quoted, type Duck } from './duck.ts';
import { coordinateSets } from './coordinates.ts';
import { readProjectorConfig, readRawTensor, type ProjectorFiles } from './projector.ts';
import { saveTable, type AddedColumn } from './save.ts';
import { cleanVectors, type CleanVectors, type RawVectors } from './vectors.ts';

export { checkEnding, type AddedColumn } from './save.ts';
export { coordinateSets, type CoordinateSet } from './coordinates.ts';
export { columnsOf } from './columns.ts';
export { ROW } from './delimited.ts';
export { literal, openDuck, quoted, tableError, type Duck } from './duck.ts';

export interface TableOptions {
  /** A second table with as many rows, in the same order: more columns about each row. */
  metadata?: string;
  /** Columns that make the vectors; of npz and safetensors the one array; of a projector configuration the tensor's name. */
  columns?: readonly string[];
  /** Where columns are chosen by name and type: coordinates that stand in the table come before plain columns of numbers. */
  coordinates?: boolean;
}

export interface VectorTable extends CleanVectors {
  path: string;
  /** The columns or the array that the vectors were made of. */
  vectorColumns: string[];
  /** The other columns. */
  metadataColumns: string[];
  /** The database with the table, and what stands after FROM for all its columns; null when there is nothing beside the vectors. */
  duck: Duck;
  from: string | null;
  /** A picture of all thumbnails, of the projector's configuration. */
  sprite: ProjectorFiles['sprite'];
  /** A number for each value of a column, in the order of the values; -1 where there is none. [N] @throws AtelierError 'bad-input' */
  classesOf(column: string): Promise<Int32Array>;
  /** Writes the added columns and those of the metadata, a row a kept row; the ending (.parquet, .csv, .jsonl, .json) says as what. */
  save(added: readonly AddedColumn[], out: string): Promise<string[]>;
  close(): void;
}

const ENDINGS = '.npy, .npz, .safetensors, .csv, .tsv, .parquet, .jsonl (csv and tsv also with .gz), and the Embedding Projector\'s .json';
const METADATA = 'metadata';

/**
 * Opens a table of vectors. Rows with NaN or infinite values and broken lines are left out and named in `warnings`.
 * @throws AtelierError 'bad-input' | 'bad-data' | 'not-found'
 */
export async function openVectors(path: string, options: TableOptions = {}): Promise<VectorTable> {
  const duck = await openDuck();
  try {
    const read = await readAny(duck, path, options);
    const metadata = options.metadata ?? read.metadata;
    const joined = metadata ? await joinMetadata(duck, metadata, path, read.vectors.n, read.warnings) : [];
    const clean = cleanVectors(read.vectors, path, read.columns);
    const own = read.about.filter((name) => !joined.includes(name));
    const from = joined.length > 0 && read.stored ? `${quoted(METADATA)} JOIN ${read.about.length > own.length ? `(SELECT * EXCLUDE (${read.about.filter((name) => joined.includes(name)).map(quoted).join(', ')}) FROM own)` : 'own'} USING (${ROW})` : joined.length > 0 ? quoted(METADATA) : 'own';
    const metadataColumns = [...joined, ...own];
    return {
      ...clean,
      warnings: [...read.warnings, ...clean.warnings],
      path,
      vectorColumns: read.columns,
      metadataColumns,
      duck,
      from: metadataColumns.length > 0 || read.stored ? from : null,
      sprite: read.sprite,
      async classesOf(column) {
        if (!metadataColumns.includes(column)) throw new AtelierError('bad-input', `${path} has no column "${column}" beside its vectors.`, `There are: ${metadataColumns.join(', ') || 'none'}.`);
        const of = joined.includes(column) ? METADATA : 'own';
        const classes = await duck.connection.runAndReadAll(`SELECT CASE WHEN ${quoted(column)} IS NULL THEN -1 ELSE dense_rank() OVER (ORDER BY ${quoted(column)}) - 1 END::INTEGER AS class FROM ${quoted(of)} ORDER BY ${ROW}`);
        const all = classes.getColumns()[0] as number[];
        return Int32Array.from(clean.rows, (row) => all[row]);
      },
      save: (added, out) => saveTable(duck, metadataColumns.length > 0 ? { from, columns: metadataColumns } : null, clean.rows, added, out),
      close: () => duck.close(),
    };
  } catch (error) {
    duck.close();
    throw error;
  }
}

interface Read {
  vectors: RawVectors;
  columns: string[];
  /** Columns of the table `own` in the database. */
  about: string[];
  metadata: string | null;
  /** Whether there is a table `own`. */
  stored: boolean;
  sprite: ProjectorFiles['sprite'];
  warnings: string[];
}

async function readAny(duck: Duck, path: string, { columns, metadata, coordinates }: TableOptions): Promise<Read> {
  if (endingOf(path) === '.json') {
    const files = await readProjectorConfig(path, columns?.[0]);
    if (/\.bytes$/i.test(files.tensors)) {
      const vectors = await readRawTensor(files.tensors, files.shape);
      return { vectors, columns: [basename(files.tensors)], about: [], metadata: files.metadata, stored: false, sprite: files.sprite, warnings: [] };
    }
    return { ...(await readTabular(duck, files.tensors, undefined, false)), metadata: files.metadata, sprite: files.sprite };
  }
  if (isArrays(path)) return readArrayTable(duck, path, columns?.[0]);
  if (!isTabular(path)) throw new AtelierError('bad-input', `${path} is not a kind of table that can be read.`, `Name a file that ends in ${ENDINGS}.`);
  // The Embedding Projector's pair: vectors without a header, and the metadata beside them.
  const projector = /(^|[-_.])tensors?\.(tsv|bytes)$/i.test(basename(path));
  const read = await readTabular(duck, path, columns, projector ? false : undefined, coordinates);
  const beside = join(dirname(path), basename(path).replace(/tensors?(?=\.tsv$)/i, 'metadata'));
  return { ...read, metadata: projector && !metadata && existsSync(beside) ? beside : null };
}

async function readTabular(duck: Duck, path: string, columns: readonly string[] | undefined, header: boolean | undefined, coordinates = false): Promise<Read> {
  const warnings = await readInto(duck, 'own', path, header);
  const there = await columnsOf(duck, 'own');
  const chosen = chooseColumns(there, columns, path, coordinates ? coordinateSets(there)[0]?.columns : undefined);
  const vectors = await readVectors(duck, 'own', chosen);
  if (vectors.n === 0) throw new AtelierError('bad-data', `${path} has no rows.`, 'Export it again.');
  const names = chosen.map((c) => c.name);
  return { vectors, columns: names, about: there.map((c) => c.name).filter((name) => !names.includes(name)), metadata: null, stored: true, sprite: null, warnings };
}

async function readArrayTable(duck: Duck, path: string, wanted?: string): Promise<Read> {
  const { name, about, warnings, ...vectors } = await readArrays(path, wanted);
  if (about.length > 0) {
    const whole = about.map(({ values }) => values.every((v) => Number.isInteger(v)));
    await duck.connection.run(`CREATE TABLE own (${ROW} INTEGER, ${about.map((a, i) => `${quoted(a.name)} ${whole[i] ? 'BIGINT' : 'DOUBLE'}`).join(', ')})`);
    const appender = await duck.connection.createAppender('own');
    for (let row = 0; row < vectors.n; row++) {
      appender.appendInteger(row);
      about.forEach(({ values }, i) => (whole[i] ? appender.appendBigInt(BigInt(values[row])) : appender.appendDouble(values[row])));
      appender.endRow();
    }
    appender.closeSync();
  }
  return { vectors, columns: [name], about: about.map((a) => a.name), metadata: null, stored: about.length > 0, sprite: null, warnings };
}

/** @returns the columns of the table `metadata` in the database */
async function joinMetadata(duck: Duck, path: string, of: string, n: number, warnings: string[]): Promise<string[]> {
  if (!isTabular(path)) throw new AtelierError('bad-input', `${path} is not a table of metadata that can be read.`, 'Name a file that ends in .csv, .tsv, .parquet or .jsonl.');
  warnings.push(...(await readInto(duck, METADATA, path)));
  const rows = async (): Promise<number> => Number((await duck.all(`SELECT count(*) AS rows FROM ${quoted(METADATA)}`))[0].rows);
  let there = await rows();
  // The projector's metadata of a single column has no header, which cannot be told from its first line.
  if (there === n - 1 && (await columnsOf(duck, METADATA)).length === 1) {
    await duck.connection.run(`DROP TABLE ${quoted(METADATA)}`);
    await readInto(duck, METADATA, path, false);
    there = await rows();
  }
  if (there !== n) throw new AtelierError('bad-input', `${path} has ${there} rows, but ${of} has ${n}.`, 'Metadata needs one row for each vector, in the same order.');
  return (await columnsOf(duck, METADATA)).map((c) => c.name);
}
