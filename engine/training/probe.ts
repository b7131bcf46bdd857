import { AtelierError } from '../core/errors.ts';
import type { ImageSet } from '../core/image-set.ts';
import { createInverse, nearestItems } from '../projection/index.ts';
import type { RunFolder } from '../store/run-folder.ts';
import type { Probe, Trained } from './types.ts';

/**
 * Opens one frame of a run's map for decoding. The latents of its items are made by `trained`, so its step should be the frame's.
 * @param step of the frame; unset: the newest up to the step of `trained`
 * @throws AtelierError 'not-found' when the run has no map, 'bad-data' when the set no longer has its items
 */
export async function openProbe(run: RunFolder, trained: Trained, images: ImageSet, step?: number): Promise<Probe> {
  const items = await run.loadMapItems();
  if (!items) throw new AtelierError('not-found', `There is no map in ${run.folder} yet.`, 'Let the run train until its first evaluation.');
  const past = (await run.listMapSteps()).filter((s) => s <= trained.step);
  const frame = await run.loadMapFrame(step ?? past[past.length - 1]);
  if (items.items.some((i) => i >= images.count)) {
    throw new AtelierError('bad-data', `The map of ${run.folder} names items that ${images.name} does not have.`, 'Restore the data set as it was when the run began.');
  }
  const { latents } = await trained.embed(images, items.items);
  const n = items.items.length;
  const { positions } = frame;
  const inverse = createInverse(frame.projection, positions, latents);
  return {
    step: frame.step,
    count: n,
    async decode(position) {
      const { latent, confidence, nearest } = inverse(position);
      // A conditional model draws the class of the item that is nearest.
      const label = trained.model.usesLabels ? Int32Array.of(images.labels[items.items[nearest[0]]] ?? -1) : undefined;
      return { image: await trained.decode(latent, label), confidence, nearest };
    },
    neighbours(item, count) {
      if (!(item >= 0 && item < n)) throw new AtelierError('bad-input', `The map has ${n} items; there is no item ${item}.`, 'Name an item of the map.');
      const at = [positions[item * 3], positions[item * 3 + 1], positions[item * 3 + 2]] as const;
      const found = nearestItems(positions, n, at, count + 1);
      return found.nearest.map((index, i) => ({ index, distance: found.distances[i] })).filter(({ index }) => index !== item).slice(0, count);
    },
  };
}
