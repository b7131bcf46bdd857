import type { Handlers, PointItem } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import type { Core } from '../core.ts';
import { psnr } from '../psnr.ts';
import { inWorker } from '../workers.ts';
import { clustersOf } from './clusters.ts';
import { describeSelection } from './describe.ts';
import { columnNamed } from './media.ts';
import { shown, type Source, type Sources } from './sources.ts';

type PointHandlers = Pick<Handlers, Extract<keyof Handlers, `points.${string}`>>;

/** Points that are asked for all at once to have their neighbours looked up. */
const MOST_GROWN = 20_000;

export function pointCallHandlers(core: Core, sources: Sources): PointHandlers {
  const bitsIn = async (source: Source, points: Uint8Array | Int32Array): Promise<Uint8Array> => (await import('../../data/points/index.ts')).asBits(points, source.table.n);
  return {
    'points.open': async (spec, signal) => shown(await sources.open(spec, signal)),
    'points.info': async ({ source }) => shown(await sources.get(source)),
    async 'points.close'({ source }) {
      await sources.close(source);
      return null;
    },

    async 'points.positions'({ source, layout, from, count }) {
      const { positions } = await (await sources.get(source)).layouts.get(layout);
      return { from, positions: positions.slice(from * 3, (from + count) * 3) };
    },

    async 'points.column'({ source, column: name, from, count, limit }) {
      const { table } = await sources.get(source);
      const column = await table.column(name, limit);
      const to = Math.min(table.n, from + count);
      if (column.type === 'number') return { from, count: Math.max(0, to - from), type: 'number', values: column.values.slice(from, to) };
      return { from, count: Math.max(0, to - from), type: 'category', codes: column.codes.slice(from, to), categories: from === 0 ? column.categories : [], beyond: column.beyond };
    },

    async 'points.rows'({ source, from, count, columns, within, order }) {
      const opened = await sources.get(source);
      const page = await opened.table.page({ from, count, columns, within: within && (await bitsIn(opened, within)), order });
      return { from, ...page };
    },

    async 'points.item'({ source, index }) {
      const opened = await sources.get(source);
      const { table } = opened;
      if (index >= table.n) throw new AtelierError('bad-input', `There are ${table.n} points; there is no point ${index}.`, 'Points count from 0.');
      const cells = await table.cells([index], table.columns.map((c) => c.name));
      const values = cells.map(({ name, values: [value] }) => ({ name, value }));
      const of = (column: string | null): string | null => {
        const value = values.find(({ name }) => name === column)?.value;
        return value === null || value === undefined ? null : String(value);
      };
      const row = opened.run && opened.spec.kind === 'run' ? opened.run.items[index] : table.rows[index];
      const item: PointItem = {
        index, row, name: of(columnNamed(table, 'name')) ?? `${opened.spec.kind === 'codebook' ? 'Code' : 'Row'} ${row}`, label: of(columnNamed(table, 'label')), values,
        ...(await opened.media.of(index)), reconstruction: null, codes: null,
      };
      return opened.spec.kind === 'run' ? { ...item, ...(await reconstructed(core, opened, index)) } : item;
    },

    'points.thumbnails': async ({ source, indices, size }) => (await sources.get(source)).media.thumbnails(indices, size),

    'points.filter': async ({ source, expression }) => (await sources.get(source)).table.filter(expression),

    async 'points.check'({ source, expression }) {
      const { ExpressionError } = await import('../../data/points/index.ts');
      try {
        return { ok: true, columns: (await sources.get(source)).table.check(expression).columns };
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        return { ok: false, ...error.span, message: error.said, remedy: error.remedy, suggestions: error.suggestions };
      }
    },

    async 'points.search'({ source, text, columns, limit }) {
      const { pointsOf } = await import('../../data/points/index.ts');
      const { table } = await sources.get(source);
      const found = await table.search(text, columns);
      return { ...found, indices: pointsOf(found.bits, table.n).slice(0, limit) };
    },

    'points.neighbours': async ({ source, index, count, metric }) => (await sources.get(source)).near.of(index, count, metric),

    async 'points.grow'({ source, points, count, metric }, signal) {
      const { countBits, pointsOf, setBit } = await import('../../data/points/index.ts');
      const opened = await sources.get(source);
      const { n } = opened.table;
      const bits = (await bitsIn(opened, points)).slice();
      const chosen = pointsOf(bits, n);
      const known = opened.near.known(metric);
      if (known && known.k >= count) for (const i of chosen) for (let j = 0; j < count; j++) setBit(bits, known.indices[i * known.k + j]);
      else {
        if (chosen.length > MOST_GROWN) throw new AtelierError('bad-input', `${chosen.length} points are selected; the neighbours of ${MOST_GROWN} are looked up at a time.`, 'Select fewer, or project the table once by UMAP: its neighbours are kept.');
        for (const i of await inWorker(core.workers, 'grow', { rows: opened.near.rows(), points: chosen, k: count, metric }, signal)) setBit(bits, i);
      }
      return { bits, count: countBits(bits, n) };
    },

    async 'points.describe'({ source, points }) {
      const opened = await sources.get(source);
      return describeSelection(opened.table, await bitsIn(opened, points));
    },

    async 'points.clusters'({ source, layout, detail, column }) {
      const { table, layouts } = await sources.get(source);
      const { positions, info } = await layouts.get(layout);
      return clustersOf(table, positions, info.dims, detail, column);
    },
  };
}

async function reconstructed(core: Core, { spec, run }: Source, index: number): Promise<Pick<PointItem, 'reconstruction' | 'codes'>> {
  if (spec.kind !== 'run') return { reconstruction: null, codes: null };
  return core.trained.use(spec.run, spec.step, async (opened) => {
    const { encodePicture } = await import('../../image/index.ts');
    const images = await opened.images();
    const original = Float32Array.from(await images.read([run!.items[index]]));
    const picture = await opened.trained.reconstruct(original, Int32Array.of(images.labels[run!.items[index]] ?? -1));
    const { height, width, channels } = opened.trained.model.input;
    const cells = run!.codes && run!.codes.height * run!.codes.width;
    return {
      reconstruction: { picture: await encodePicture(picture, height, width, channels as 1 | 3 | 4), psnrDb: psnr(original, picture, 1)[0] },
      codes: run!.codes && { ...run!.codes, values: run!.codes.values.slice(index * cells!, (index + 1) * cells!) },
    };
  });
}
