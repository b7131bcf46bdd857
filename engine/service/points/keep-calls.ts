import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Handlers } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { addTable, listTables, removeTable } from '../../store/table-list.ts';
import type { Core } from '../core.ts';
import type { Sources } from './sources.ts';

type KeepHandlers = Pick<Handlers, Extract<keyof Handlers, `tables.${string}` | `saved.${string}`>>;

/** Longest view that is kept, as JSON. */
const MOST_STATE = 1 << 20;

/** Tables of the project; views and selections of a map. */
export function keepCallHandlers(core: Core, sources: Sources): KeepHandlers {
  const project = async (): Promise<string> => (await core.project()).path;
  return {
    'tables.list': async () => listTables(await project()),
    async 'tables.add'({ path, name, metadata, vectors, sprite }) {
      const absolute = { path: resolve(path), metadata: metadata ? resolve(metadata) : undefined, sprite: sprite && { ...sprite, path: resolve(sprite.path) } };
      await sources.open({ kind: 'table', ...absolute, vectors });
      return addTable(await project(), { ...absolute, name, metadata: absolute.metadata ?? null, vectors: vectors ?? null, sprite: absolute.sprite ?? null });
    },
    async 'tables.remove'({ id }) {
      await removeTable(await project(), id);
      return null;
    },

    'saved.list': async ({ source }) => (await sources.get(source)).shelf.saved(),
    async 'saved.view'({ source, name, state }) {
      if (JSON.stringify(state).length > MOST_STATE) throw new AtelierError('bad-input', 'The view is too large to be kept.', 'Keep its points as a selection.');
      const entry = { id: `view-${randomUUID()}`, kind: 'view' as const, name, count: null, state, createdAt: new Date().toISOString() };
      await (await sources.get(source)).shelf.save(entry);
      return entry;
    },
    async 'saved.selection'({ source, name, points }) {
      const { asBits, countBits } = await import('../../data/points/index.ts');
      const { shelf, table } = await sources.get(source);
      const bits = asBits(points, table.n);
      const entry = { id: `selection-${randomUUID()}`, kind: 'selection' as const, name, count: countBits(bits, table.n), state: null, createdAt: new Date().toISOString() };
      await shelf.save(entry, bits);
      return entry;
    },
    async 'saved.points'({ source, id }) {
      const { asBits, countBits } = await import('../../data/points/index.ts');
      const { shelf, table } = await sources.get(source);
      const bits = asBits(await shelf.bits(id), table.n);
      return { bits, count: countBits(bits, table.n) };
    },
    async 'saved.remove'({ source, id }) {
      await (await sources.get(source)).shelf.remove(id);
      return null;
    },
  };
}
