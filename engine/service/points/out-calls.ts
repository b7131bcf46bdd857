import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Exported, Handlers } from '../../../electron/contract/index.ts';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { Films } from './films.ts';
import { pageOf } from './page.ts';
import type { Sources } from './sources.ts';

type OutHandlers = Pick<Handlers, Extract<keyof Handlers, `out.${string}` | `film.${string}`>>;

const FORMATS = {
  parquet: { sql: 'FORMAT parquet, COMPRESSION zstd', mime: 'application/vnd.apache.parquet' },
  csv: { sql: 'FORMAT csv, HEADER true', mime: 'text/csv' },
  tsv: { sql: "FORMAT csv, HEADER true, DELIM '\t'", mime: 'text/tab-separated-values' },
  json: { sql: 'FORMAT json, ARRAY true', mime: 'application/json' },
  jsonl: { sql: 'FORMAT json', mime: 'application/x-ndjson' },
};
/** Dimensions of vectors that are written out. */
const MOST_VECTOR_COLUMNS = 4096;
const AXES = ['x', 'y', 'z'];

/** What leaves a map: points as tables, a view as a page, pictures as a film. */
export function outCallHandlers(sources: Sources): OutHandlers {
  const films = new Films();
  return {
    async 'out.points'({ source, points, layout, columns, vectors, format, out }) {
      const { table, layouts, title } = await sources.get(source);
      const { asBits } = await import('../../data/points/index.ts');
      const within = points && asBits(points, table.n);
      const extra: { name: string; values: Float32Array }[] = [];
      if (layout) {
        const { positions, info } = await layouts.get(layout);
        for (let a = 0; a < info.dims; a++) extra.push({ name: AXES[a], values: Float32Array.from({ length: table.n }, (_, i) => positions[i * 3 + a]) });
      }
      if (vectors) {
        const v = table.vectors;
        if (!v) throw new AtelierError('bad-input', 'The table has no vectors.', 'Leave them out.');
        if (v.d > MOST_VECTOR_COLUMNS) throw new AtelierError('bad-input', `The vectors have ${v.d} dimensions; up to ${MOST_VECTOR_COLUMNS} are written as columns.`, 'Leave them out.');
        for (let j = 0; j < v.d; j++) {
          const name = v.names.length === v.d ? v.names[j] : `${v.names[0]}_${j}`;
          if (!extra.some((e) => e.name === name)) extra.push({ name, values: Float32Array.from({ length: table.n }, (_, i) => v.values[i * v.d + j]) });
        }
      }
      const target = out ? resolve(out) : join(tmpdir(), `latent-atelier-${randomUUID()}.${format}`);
      const partial = `${target}.part`;
      try {
        await mkdir(dirname(target), { recursive: true });
        const count = await table.copyTo(partial, FORMATS[format].sql, { within, columns, extra });
        await rename(partial, target);
        const bytes = out ? null : new Uint8Array(await readFile(target));
        return { out: out ? target : null, name: `${fileName(title)}.${format}`, mime: FORMATS[format].mime, bytes, count };
      } catch (error) {
        const { tableError } = await import('../../data/tables/index.ts');
        throw error instanceof Error && 'code' in error ? toAtelierError(error, `writing ${target}`) : tableError(error, target);
      } finally {
        await rm(partial, { force: true });
        if (!out) await rm(target, { force: true });
      }
    },

    async 'out.page'(request) {
      const source = await sources.get(request.source);
      const { html, count } = await pageOf(source, request);
      return written({ name: `${fileName(request.title ?? source.title)}.html`, mime: 'text/html', bytes: new TextEncoder().encode(html), count }, request.out);
    },

    'film.begin': async (options) => ({ film: films.begin(options) }),
    'film.frame': async ({ film, picture }) => ({ frames: await films.add(film, picture) }),
    async 'film.end'({ film, out }) {
      const { bytes, format, frames } = await films.end(film);
      return written({ name: `film.${format}`, mime: `image/${format}`, bytes, count: frames }, out);
    },
  };
}

async function written(file: { name: string; mime: string; bytes: Uint8Array; count: number }, out?: string): Promise<Exported> {
  if (!out) return { ...file, out: null };
  const path = resolve(out);
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw toAtelierError(error, `writing ${path}`);
  });
  await writeFileAtomic(path, file.bytes);
  return { ...file, bytes: null, out: path };
}

const fileName = (title: string): string => title.replace(/\.[a-z0-9]+$/i, '').replace(/[^\p{L}\p{N}_.-]+/gu, '-').slice(0, 60) || 'points';
