import { resolve } from 'node:path';
import { AtelierError } from '../core/errors.ts';
import { rng } from '../core/rng.ts';
import type { OpenedRun } from './trained-cache.ts';

export interface GivenPictures {
  names: string[];
  /** `[N, H, W, C]` of the run's size, in [0, 1]. */
  pixels: Float32Array;
  /** Class of each, for items of the run's data. */
  labels?: Int32Array;
}

const DEFAULT_ITEMS = 16;

/**
 * Pictures that a request names: files, items of the run's data, or without either some held-out ones, always the same.
 * @throws AtelierError 'bad-input' for both at once, an item that there is not, none
 */
export async function givenPictures({ trained, images: open }: OpenedRun, { paths, items }: { paths?: readonly string[]; items?: readonly number[] }): Promise<GivenPictures> {
  if (paths?.length && items?.length) throw new AtelierError('bad-input', 'Both files and items were named.', 'Name one or the other.');
  const { height, width, channels } = trained.model.input;
  if (paths?.length) {
    if (height !== width) throw new AtelierError('bad-input', `The run takes pictures of ${width}x${height} pixels, and files are cut square.`, 'Take items of its data instead.');
    const { readPictures } = await import('../data/index.ts');
    return { names: [...paths], pixels: await readPictures(paths.map((path) => resolve(path)), height, channels as 1 | 3 | 4) };
  }
  const images = await open();
  const { validation, test, train } = images.split;
  const held = test.length ? test : validation.length ? validation : train;
  const chosen = items ?? spread(held, DEFAULT_ITEMS);
  const beyond = chosen.find((item) => item >= images.count);
  if (beyond !== undefined) throw new AtelierError('bad-input', `"${images.name}" has ${images.count} items; there is no item ${beyond}.`, 'Items count from 0.');
  if (chosen.length === 0) throw new AtelierError('bad-input', 'No items were named.', 'Name at least one.');
  return { names: chosen.map((item) => images.itemName(item)), pixels: Float32Array.from(await images.read(chosen)), labels: Int32Array.from(chosen, (item) => images.labels[item]) };
}

/** `count` items drawn without order, always the same ones. */
function spread(items: Int32Array, count: number): number[] {
  return Array.from(rng(0, 'reconstruct').shuffle(items.slice()).subarray(0, count)).sort((a, b) => a - b);
}
