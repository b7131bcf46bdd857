import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DataPage, DatasetInfo } from '../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { userFolder } from '../core/user-folder.ts';
import { encodeSheet, middleFrames, shrink, type Fit } from '../image/index.ts';
import { buildDataset, type Stop } from './build-dataset.ts';
import { DATASET_FILE, openDataset, type Dataset } from './dataset.ts';
import { EMOJI, EMOJI_BY_STYLE, isBuiltin, openSource } from './open-source.ts';
import type { ImageSource, SplitName } from './source.ts';
import { DSPRITES, dspritesCount, openDsprites } from './sources/dsprites.ts';
import { EMOJI_STYLES } from './sources/emoji.ts';
import { MNIST, mnistFolder } from './sources/mnist.ts';

export { openDataset, type Dataset } from './dataset.ts';
export { sheetOf, readPictures } from './pictures.ts';

/** What can be asked for without importing anything. */
export const BUILTIN_SETS: readonly string[] = [EMOJI, EMOJI_BY_STYLE, ...EMOJI_STYLES.map((style) => `${EMOJI}-${style}`), DSPRITES, MNIST];

/** Those that a list of sets names: without variants, and without what is not on this computer. */
export const listedBuiltins = async (): Promise<string[]> => [EMOJI, EMOJI_BY_STYLE, DSPRITES, ...((await mnistFolder()) ? [MNIST] : [])];

/** Whether a built-in set is drawn as it is read, so that opening it costs nothing. */
export const isGenerated = (ref: string): boolean => isBuiltin(ref) && dspritesCount(ref) !== null;

export interface OpenOptions {
  /** Side in pixels; unset: as in the dataset, else as in the source when all are equal, else 64. */
  size?: number;
  channels?: 1 | 3 | 4;
  fit?: 'cover' | 'contain';
  /** Of the split. */
  seed?: number;
  signal?: Stop;
  /** Items rendered of all; only called when the set is not in the cache yet. */
  onProgress?: (done: number, total: number) => void;
}

/** What `data.import` takes, after its defaults. */
export interface ImportOptions {
  path: string;
  name?: string;
  size?: number;
  fit?: 'cover' | 'contain';
  channels?: 1 | 3 | 4;
  seed?: number;
  /** Frames of each clip, where the path holds clips. */
  frames?: number;
}

export interface ImportContext {
  /** Folder of the project; the dataset goes to data/ in it. */
  project: string;
  signal?: Stop;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Opens a set for reading: a built-in one, a dataset folder of a project, or any source of pictures. All but a dataset folder
 * opened as it is are rendered once into the user's cache and found there the next time, as long as the source is unchanged.
 * @param ref `builtin:emoji`, `builtin:mnist`, `builtin:dsprites` (or `builtin:dsprites-20000` for a choice of so many), or a path
 * @throws AtelierError 'not-found' | 'no-permission' | 'bad-data' | 'newer-version' | 'cancelled' | 'disk-full'
 */
export async function openImages(ref: string, options: OpenOptions = {}): Promise<Dataset> {
  if (!isBuiltin(ref) && (await isDataset(ref))) {
    const set = await openDataset(ref);
    const { size = set.width, channels = set.channels } = options;
    if (size === set.width && channels === set.channels) return set;
    await set.close();
  }
  if (isGenerated(ref)) return openDsprites(ref, options);
  const source = await openSource(ref);
  try {
    const { size = null, channels = null, fit = 'cover', seed = 0 } = options;
    const key = createHash('sha256').update(JSON.stringify([CACHE_VERSION, source.identity, size, channels, fit, seed])).digest('hex').slice(0, 24);
    const folder = userFolder('cache', 'images', key);
    const name = isBuiltin(ref) ? ref : resolve(ref);
    if (await isDataset(folder)) {
      try {
        return await openDataset(folder, { ref: name });
      } catch (error) {
        if (!(error instanceof AtelierError) || error.code !== 'bad-data') throw error;
        await discard(folder); // damaged: it is only a cache
      }
    }
    await buildDataset(source, folder, { ...(await fitOf(source, options)), seed, signal: options.signal, onProgress: options.onProgress });
    return await openDataset(folder, { ref: name });
  } finally {
    await source.close();
  }
}

/**
 * Renders a source into the project's own data folder.
 * @returns the new dataset; its `ref` is its folder
 * @throws as `openImages`
 */
export async function importImages(options: ImportOptions, context: ImportContext): Promise<DatasetInfo> {
  const source = await openSource(options.path, options.frames);
  try {
    const parent = resolve(context.project, 'data');
    await mkdir(parent, { recursive: true }).catch((error: unknown) => Promise.reject(toAtelierError(error, `making ${parent}`)));
    const name = options.name ?? source.name;
    const folder = join(parent, `${slug(name)}-${randomBytes(3).toString('hex')}`);
    await buildDataset(source, folder, { ...(await fitOf(source, options)), name, seed: options.seed ?? 0, signal: context.signal, onProgress: context.onProgress });
    return await infoOf(folder);
  } finally {
    await source.close();
  }
}

/** What is known of a set. */
export function describe(set: Dataset): DatasetInfo {
  return set.info;
}

/**
 * What is known of a dataset folder or a built-in set, without keeping it open. A built-in set that was never used is rendered.
 */
export async function infoOf(ref: string, options: OpenOptions = {}): Promise<DatasetInfo> {
  const set = await openImages(ref, options);
  await set.close();
  return set.info;
}

/** A page of items in the order of the set, with thumbnails in the same order. */
export async function pageOf(set: Dataset, query: { split?: SplitName; label?: string; offset: number; limit: number; thumbnailSize: number }): Promise<DataPage> {
  const label = query.label === undefined ? null : set.classes.indexOf(query.label);
  const all = query.split ? Array.from(set.split[query.split]) : Array.from({ length: set.count }, (_, i) => i);
  const chosen = label === null ? all : all.filter((i) => label >= 0 && set.labels[i] === label);
  const indices = chosen.slice(query.offset, query.offset + query.limit);
  const items = indices.map((index) => ({ index, name: set.itemName(index), label: set.labels[index] < 0 ? null : set.classes[set.labels[index]], split: set.splitOf(index) }));
  if (indices.length === 0) return { total: chosen.length, items, thumbnails: null };
  const frames = set.clip?.frames ?? 1;
  const small = shrink(middleFrames(await set.read(indices), indices.length, frames), indices.length, set.height / frames, set.width, set.channels, query.thumbnailSize);
  return { total: chosen.length, items, thumbnails: await encodeSheet(small.pixels, indices.length, small.height, small.width, set.channels) };
}

/** Raised when the same source would be rendered differently. */
const CACHE_VERSION = 1;

async function fitOf(source: ImageSource, options: Pick<OpenOptions, 'size' | 'channels' | 'fit'>): Promise<Fit> {
  const natural = options.size !== undefined && options.channels !== undefined ? undefined : await source.natural(options.size !== undefined);
  const size = options.size ?? natural!.size;
  if (!Number.isInteger(size) || size < 8 || size > 1024) throw new AtelierError('bad-input', `A size of ${size} pixels.`, 'Choose a whole number from 8 to 1024.');
  return { size, fit: options.fit ?? 'cover', channels: options.channels ?? natural!.channels };
}

async function isDataset(folder: string): Promise<boolean> {
  return access(join(resolve(folder), DATASET_FILE)).then(() => true, () => false);
}

async function discard(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

function slug(name: string): string {
  return name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40) || 'data';
}
