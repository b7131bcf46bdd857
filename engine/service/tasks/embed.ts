import { extname } from 'node:path';
import { AtelierError } from '../../core/errors.ts';
import type { ImageSet } from '../../core/image-set.ts';
import { writePoints } from '../../store/points.ts';
import type { LatentSpec } from '../../models/define.ts';
import { openRunData } from '../open-data.ts';
import { remaining } from '../remaining.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { withTrained } from './with-trained.ts';

type Codes = Extract<LatentSpec, { kind: 'codes' }>;

const splits = ['train', 'validation', 'test'] as const;

/**
 * Writes a row per item (`store/points.ts`). For a grid of codes the latent is the mean of the grid's vectors [D] (of several
 * grids, those of each after another), which other tools can lay out, and the codes themselves stand beside it.
 */
export const embed: TaskFunction<'embed'> = ({ run, out, split, step }, { log, signal, progress }) =>
  withTrained(run, step, log, async ({ folder, trained }) => {
    if (extname(out).toLowerCase() !== '.parquet') throw new AtelierError('bad-input', `${out}: the table is written as Parquet.`, 'Give the file the ending .parquet.');
    const images = await openRunData(folder, log);
    try {
      const { latent } = trained.model;
      const { items, splits: splitOf } = rowsOf(images, split);
      const n = items.length;
      if (n === 0) throw new AtelierError('bad-input', `"${images.name}" has no items in its ${split} split.`, 'Choose another split.');
      const codes = latent.kind === 'codes' ? { width: latent.height * latent.width, values: new Int32Array(n * latent.height * latent.width) } : undefined;
      const dimensions = latent.kind === 'codes' ? (latent.grids?.length ?? 1) * latent.dimensions : latent.size;
      const latents = new Float32Array(n * dimensions);
      const metrics: Record<string, Float32Array> = {};
      const block = Math.max(1, Math.floor(2 ** 22 / latent.size));
      const eta = remaining();
      for (let from = 0; from < n; from += block) {
        if (signal.aborted) throw new AtelierError('cancelled', 'It was called off.', 'Start it again.');
        const part = items.subarray(from, from + block);
        const found = await trained.embed(images, part);
        latents.set(latent.kind === 'codes' ? meanOverGrids(found.latents, part.length, latent) : found.latents, from * dimensions);
        if (codes && found.codes) codes.values.set(found.codes, from * codes.width);
        for (const [name, values] of Object.entries(found.metrics)) (metrics[name] ??= new Float32Array(n)).set(values, from);
        const done = Math.min(1, (from + block) / n);
        progress({ progress: done, etaSec: eta(done), message: 'Embedding' });
      }
      const { rows, columns } = await writePoints(out, {
        names: Array.from(items, (i) => images.itemName(i)),
        labels: Array.from(items, (i) => images.classes[images.labels[i]] ?? null),
        splits: splitOf,
        step: trained.step,
        latents, dimensions, metrics, codes,
      });
      return { out, rows, columns };
    } finally {
      await images.close();
    }
  });

function rowsOf(images: ImageSet, split: (typeof splits)[number] | 'all'): { items: Int32Array; splits: string[] } {
  const chosen = split === 'all' ? splits : [split];
  const pairs = chosen.flatMap((name) => Array.from(images.split[name], (item) => ({ item, name })));
  pairs.sort((a, b) => a.item - b.item);
  return { items: Int32Array.from(pairs, (pair) => pair.item), splits: pairs.map((pair) => pair.name) };
}

/** @param latents `[N, cells * D]` @returns the mean of each grid's vectors, `[N, grids * D]` */
function meanOverGrids(latents: Float32Array, count: number, { size, dimensions: d, grids }: Codes): Float32Array {
  const cells = grids?.map((grid) => grid.height * grid.width) ?? [size / d];
  const out = new Float32Array(count * cells.length * d);
  for (let i = 0; i < count; i++) {
    let at = i * size;
    cells.forEach((n, grid) => {
      for (const end = at + n * d, start = at; at < end; at++) out[(i * cells.length + grid) * d + ((at - start) % d)] += latents[at] / n;
    });
  }
  return out;
}
