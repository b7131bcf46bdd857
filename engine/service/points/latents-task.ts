import { AtelierError } from '../../core/errors.ts';
import type { ImageSet } from '../../core/image-set.ts';
import { codebookOf } from '../../training/index.ts';
import { openRunData } from '../open-data.ts';
import { remaining } from '../remaining.ts';
import { withTrained } from '../tasks/with-trained.ts';
import type { TaskFunction } from '../worker-messages.ts';
import type { LatentsTask } from './tasks.ts';

/** Numbers of all latents together: 2 GB. */
const MOST_NUMBERS = 2 ** 29;

/** Latents, codes and metrics of a run's items, or the vectors of its codebook with their use. */
export const latentsTask: TaskFunction<'latents'> = ({ run, items: which, step }, { log, signal, progress }) =>
  withTrained(run, step, log, async ({ folder, trained }): Promise<LatentsTask['output']> => {
    const title = trained.info.name;
    if (which === 'codebook') {
      const { vectors, d, sizes, use } = await codebookOf(folder, trained);
      const n = use.length;
      const level = Int32Array.from(sizes.flatMap((k, l) => new Array<number>(k).fill(l)));
      const starts = sizes.map((_, l) => sizes.slice(0, l).reduce((a, b) => a + b, 0));
      const totals = sizes.map((k, l) => use.subarray(starts[l], starts[l] + k).reduce((a, b) => a + b, 0));
      const share = use.map((u, i) => (totals[level[i]] > 0 ? u / totals[level[i]] : 0));
      return {
        step: trained.step, title: `Codebook of ${title}`, values: shared(vectors), n, d, vectors: Array.from({ length: d }, (_, j) => `e${j}`),
        items: Int32Array.from({ length: n }, (_, i) => i), codes: null, warnings: [],
        columns: [
          { name: 'code', values: Int32Array.from(level, (l, i) => i - starts[l]) },
          ...(sizes.length > 1 ? [{ name: 'level', values: level }] : []),
          { name: 'use', values: share },
          { name: 'state', values: Array.from(share, (s, i) => (s * sizes[level[i]] * DEAD < 1 ? 'dead' : 'alive')) },
          { name: 'norm', values: Float32Array.from({ length: n }, (_, i) => Math.hypot(...vectors.subarray(i * d, (i + 1) * d))) },
        ],
      };
    }
    const images = await openRunData(folder, log);
    try {
      const items = await itemsOf(images, which, folder);
      const n = items.length;
      const d = trained.model.latent.size;
      if (n === 0) throw new AtelierError('bad-input', `"${images.name}" has no such items.`, 'Choose another split.');
      if (n * d > MOST_NUMBERS) throw new AtelierError('bad-input', `${n} items of ${d} latents each do not fit.`, 'Open the items of the map, or one split.');
      const values = new Float32Array(new SharedArrayBuffer(n * d * 4));
      const { latent } = trained.model;
      const codes = latent.kind === 'codes' ? { values: new Int32Array(n * latent.height * latent.width), height: latent.height, width: latent.width } : null;
      const metrics: Record<string, Float32Array> = {};
      const block = Math.max(1, Math.floor(2 ** 22 / d));
      const eta = remaining();
      for (let from = 0; from < n; from += block) {
        if (signal.aborted) throw new AtelierError('cancelled', 'It was called off.', 'Start it again.');
        const part = items.subarray(from, from + block);
        const found = await trained.embed(images, part);
        values.set(found.latents, from * d);
        if (codes && found.codes) codes.values.set(found.codes, from * codes.height * codes.width);
        for (const [name, list] of Object.entries(found.metrics)) (metrics[name] ??= new Float32Array(n)).set(list, from);
        const done = Math.min(1, (from + block) / n);
        progress({ progress: done, etaSec: eta(done), message: 'Encoding' });
      }
      const split = new Map((['train', 'validation', 'test'] as const).flatMap((name) => Array.from(images.split[name], (item) => [item, name] as const)));
      return {
        step: trained.step, title, values, n, d, vectors: Array.from({ length: d }, (_, j) => `z${j}`), items, codes, warnings: [],
        columns: [
          { name: 'name', values: Array.from(items, (i) => images.itemName(i)) },
          ...(images.classes.length > 0 ? [{ name: 'label', values: Array.from(items, (i) => images.classes[images.labels[i]] ?? null) }] : []),
          { name: 'split', values: Array.from(items, (i) => split.get(i) ?? null) },
          ...Object.entries(metrics).map(([name, list]) => ({ name, values: list })),
          ...(d <= MOST_LATENT_COLUMNS ? Array.from({ length: d }, (_, j) => ({ name: `z${j}`, values: Float32Array.from({ length: n }, (_, i) => values[i * d + j]) })) : []),
        ],
      };
    } finally {
      await images.close();
    }
  });

/** Up to this many latents can be coloured and filtered by, one by one. */
const MOST_LATENT_COLUMNS = 64;
/** A code that stands less often than one in so many of a fair share is as good as dead. */
const DEAD = 100;

async function itemsOf(images: ImageSet, which: 'map' | 'train' | 'validation' | 'test' | 'all', folder: { loadMapItems(): Promise<{ items: Int32Array } | null> }): Promise<Int32Array> {
  if (which === 'all') return Int32Array.from([...images.split.train, ...images.split.validation, ...images.split.test]).sort();
  if (which !== 'map') return images.split[which];
  const map = await folder.loadMapItems();
  if (!map) throw new AtelierError('not-found', 'The run has no map yet.', 'Let it train until its first evaluation, or open the items of a split.');
  if (map.items.some((i) => i >= images.count)) throw new AtelierError('bad-data', `The map names items that ${images.name} does not have.`, 'Restore the data set as it was when the run began.');
  return map.items;
}

function shared(values: Float32Array): Float32Array {
  const out = new Float32Array(new SharedArrayBuffer(values.length * 4));
  out.set(values);
  return out;
}
