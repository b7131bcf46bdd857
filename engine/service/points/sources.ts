import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { PointSource } from '../../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import type { PointTable } from '../../data/points/index.ts';
import { MapShelf } from '../../store/map-shelf.ts';
import { openRun } from '../../store/run-folder.ts';
import type { Core } from '../core.ts';
import type { VoiceCache } from '../voice/voice-cache.ts';
import { inWorker } from '../workers.ts';
import { Layouts } from './layouts.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { Media } from './media.ts';

export type SourceSpec =
  | { kind: 'table'; path: string; metadata?: string; vectors?: string[]; sprite?: { path: string; width: number; height: number } }
  | { kind: 'run'; run: string; items: 'map' | 'train' | 'validation' | 'test' | 'all'; step?: number }
  | { kind: 'codebook'; run: string; step?: number }
  | { kind: 'voices'; model: string };

/** An open source. */
export interface Source {
  id: string;
  spec: SourceSpec;
  title: string;
  table: PointTable;
  shelf: MapShelf;
  layouts: Layouts;
  near: Neighbourhood;
  media: Media;
  /** Of runs and codebooks. */
  run: { folder: string; step: number; items: Int32Array; codes: { values: Int32Array; height: number; width: number } | null } | null;
  /** Attributes that were asked for, by name. */
  attributes: Map<string, Float32Array>;
}

/** Numbers of all open sources' vectors together: 2 GB. The oldest are let go beyond that. */
const MOST_NUMBERS = 2 ** 29;

/**
 * What maps are made of, opened once and kept while there is room. A source's name tells how to open it again, so names stay
 * valid when the engine was started anew.
 */
export class Sources {
  readonly #core: Core;
  readonly #voices: VoiceCache;
  readonly #open = new Map<string, Promise<Source>>();
  /** Numbers of the vectors of those that are ready. */
  readonly #numbers = new Map<string, number>();

  constructor(core: Core, voices: VoiceCache) {
    this.#core = core;
    this.#voices = voices;
  }

  /** @throws AtelierError 'bad-input' | 'bad-data' | 'not-found' */
  async open(spec: SourceSpec, signal?: { readonly aborted: boolean; addEventListener(type: 'abort', listener: () => void): void }): Promise<Source> {
    const named = await pinned(spec);
    const id = JSON.stringify(named);
    const open = this.#open.get(id) ?? this.#make(id, named, signal);
    this.#open.delete(id);
    this.#open.set(id, open);
    open.catch(() => this.#open.delete(id));
    const source = await open;
    this.#numbers.set(id, source.table.vectors?.values.length ?? 0);
    await this.#tidy(id);
    return source;
  }

  /** A source by its name, opened if it is not open. */
  async get(id: string): Promise<Source> {
    const open = this.#open.get(id);
    return open ?? this.open(specOf(id));
  }

  async close(id: string): Promise<void> {
    const open = this.#open.get(id);
    this.#open.delete(id);
    this.#numbers.delete(id);
    const source = await open?.catch(() => null);
    source?.table.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)));
  }

  /** Those that are still being opened count for nothing yet: nobody waits for them. */
  async #tidy(keep: string): Promise<void> {
    let numbers = 0;
    for (const id of [...this.#open.keys()].reverse()) {
      numbers += this.#numbers.get(id) ?? 0;
      if (numbers > MOST_NUMBERS && id !== keep && this.#numbers.has(id)) await this.close(id);
    }
  }

  async #make(id: string, spec: SourceSpec, signal?: Parameters<Sources['open']>[1]): Promise<Source> {
    const { createPointTable, openPointTable } = await import('../../data/points/index.ts');
    const project = (await this.#core.project()).path;
    if (spec.kind === 'table') {
      const table = await openPointTable(spec.path, spec);
      const { size, mtimeMs } = await stat(spec.path);
      const shelf = new MapShelf(project, JSON.stringify({ ...spec, sprite: undefined }));
      const fingerprint = `${size}-${Math.round(mtimeMs)}`;
      return { id, spec, title: basename(spec.path), table, shelf, layouts: await Layouts.open({ table, shelf, fingerprint, workers: this.#core.workers }), near: new Neighbourhood(table), media: new Media(table), run: null, attributes: new Map() };
    }
    if (spec.kind === 'voices') {
      const { openVoicePoints } = await import('./voice-points.ts');
      const { title, vectors, columns, sound } = await openVoicePoints(spec.model, this.#voices);
      const table = await createPointTable({ vectors, columns, folder: project });
      const shelf = new MapShelf(project, JSON.stringify(spec));
      const fingerprint = createHash('sha256').update(vectors.values).digest('hex').slice(0, 16);
      return { id, spec, title, table, shelf, layouts: await Layouts.open({ table, shelf, fingerprint, workers: this.#core.workers }), near: new Neighbourhood(table), media: new Media(table, undefined, sound), run: null, attributes: new Map() };
    }
    const items = spec.kind === 'codebook' ? 'codebook' : spec.items;
    const found = await inWorker(this.#core.workers, 'latents', { run: spec.run, items, step: spec.step }, signal);
    const table = await createPointTable({ vectors: { names: found.vectors, values: found.values, n: found.n, d: found.d }, columns: found.columns, folder: spec.run, warnings: found.warnings });
    const shelf = new MapShelf(project, JSON.stringify({ ...spec, step: undefined }));
    const run = await openRun(spec.run, { log: this.#core.log });
    const frames = spec.kind === 'run' && spec.items === 'map' ? run : null;
    return {
      id, spec, title: found.title, table, shelf,
      layouts: await Layouts.open({ table, shelf, fingerprint: `step-${found.step}`, workers: this.#core.workers, frames, step: found.step }),
      near: new Neighbourhood(table),
      media: new Media(table, spec.kind === 'run' ? { core: this.#core, run: spec.run, step: spec.step, items: found.items } : undefined),
      run: { folder: spec.run, step: found.step, items: found.items, codes: found.codes }, attributes: new Map(),
    };
  }
}

/** With absolute paths, and the step of today where none was named. */
async function pinned(spec: SourceSpec): Promise<SourceSpec> {
  if (spec.kind === 'table') {
    const path = resolve(spec.path);
    await stat(path).catch((error: unknown) => {
      throw toAtelierError(error, `opening the table ${path}`);
    });
    return { kind: 'table', path, ...(spec.metadata ? { metadata: resolve(spec.metadata) } : {}), ...(spec.vectors?.length ? { vectors: spec.vectors } : {}), ...(spec.sprite ? { sprite: { ...spec.sprite, path: resolve(spec.sprite.path) } } : {}) };
  }
  if (spec.kind === 'voices') return { kind: 'voices', model: spec.model.startsWith('builtin:') ? spec.model : resolve(spec.model) };
  const run = await openRun(spec.run);
  const step = spec.step ?? (await run.listCheckpoints()).at(-1);
  if (step === undefined) throw new AtelierError('not-found', `"${run.info.name}" has no checkpoint yet.`, 'Let it train until its first checkpoint.');
  return spec.kind === 'run' ? { kind: 'run', run: run.folder, items: spec.items, step } : { kind: 'codebook', run: run.folder, step };
}

function specOf(id: string): SourceSpec {
  try {
    const spec = JSON.parse(id) as Partial<SourceSpec>;
    if (spec.kind === 'table' && typeof spec.path === 'string') return spec as SourceSpec;
    if (spec.kind === 'voices' && typeof spec.model === 'string') return spec as SourceSpec;
    if ((spec.kind === 'run' || spec.kind === 'codebook') && typeof spec.run === 'string') return spec as SourceSpec;
  } catch {
    // told below
  }
  throw new AtelierError('bad-input', `"${id.slice(0, 80)}" is not an open map.`, 'Open the table or run first (points.open).');
}

/** A source as the contract shows it. */
export async function shown(source: Source): Promise<PointSource> {
  const { table, spec, layouts, media, run } = source;
  const { columnToColour } = await import('../../data/points/index.ts');
  return {
    id: source.id, kind: spec.kind, title: source.title, path: spec.kind === 'table' ? spec.path : spec.kind === 'voices' ? spec.model : spec.run,
    count: table.n,
    vectors: table.vectors && { names: table.vectors.d > 64 ? table.vectors.names.slice(0, 64) : table.vectors.names, dimensions: table.vectors.d },
    columns: [...table.columns],
    colorBy: spec.kind === 'codebook' ? 'state' : spec.kind === 'voices' ? 'kind' : columnToColour(table.columns),
    layouts: layouts.list(),
    media: { pictures: media.pictures, sounds: media.sounds },
    decoder: spec.kind === 'run' ? { run: spec.run, step: run!.step, output: 'picture' } : null,
    leftOut: table.leftOut, warnings: [...table.warnings, ...layouts.warnings],
  };
}
