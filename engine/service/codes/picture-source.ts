import { resolve } from 'node:path';
import type { CodeGridInfo, PictureCodes } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { alphabetOf, gridsOf, type PlacedGrid } from '../../models/grids.ts';
import type { Trained } from '../../training/types.ts';
import type { OpenedRun } from '../trained-cache.ts';

/** A picture by what a call names: an item of the run's data, a file, or codes. */
export interface PictureSource {
  item?: number;
  path?: string;
  codes?: ArrayLike<number>;
}

/** The grids of a run whose latents are codes. @throws AtelierError 'bad-input' for another */
export function gridsOfRun({ model, info }: Pick<Trained, 'model' | 'info'>): PlacedGrid[] {
  if (model.latent.kind === 'codes') return gridsOf(model.latent);
  throw new AtelierError('bad-input', `"${info.name}" has a continuous latent, no codes.`, 'Take a run of a VQ-VAE or a discrete VAE.');
}

export const gridInfos = (grids: readonly PlacedGrid[]): CodeGridInfo[] => grids.map(({ name, height, width, codes, alphabets, first, at }) => ({ name, height, width, codes, alphabets, first, at }));

/** How many codes a picture is written with. */
export const cellsOf = (grids: readonly PlacedGrid[]): number => grids.reduce((sum, { cells }) => sum + cells, 0);

/**
 * A picture's codes, its pixels where there are some, and its class, -1 where unknown.
 * @throws AtelierError 'bad-input' unless exactly one source is named and is one of the run's
 */
export async function codesOfPicture(source: PictureSource, opened: OpenedRun): Promise<{ codes: Int32Array; pixels: Float32Array | null; label: number }> {
  const { trained } = opened;
  const grids = gridsOfRun(trained);
  const { item, path, codes } = source;
  if ([item, path, codes].filter((given) => given !== undefined).length !== 1) throw new AtelierError('bad-input', 'It must be said which picture is meant.', 'Name either an item of the data, a file, or codes.');
  if (codes !== undefined) return { codes: checkedCodes(codes, grids), pixels: null, label: -1 };
  const { pixels, label } = path !== undefined ? { pixels: await readFile(path, trained), label: -1 } : await readItem(item!, opened);
  return { codes: await trained.encodeCodes(pixels), pixels, label };
}

/** @throws AtelierError 'bad-input' for a wrong number of codes, or one that cannot stand in its place */
export function checkedCodes(codes: ArrayLike<number>, grids: readonly PlacedGrid[]): Int32Array {
  const cells = cellsOf(grids);
  if (codes.length !== cells) throw new AtelierError('bad-input', `${codes.length} codes were given; a picture has ${cells}.`, 'Give the codes of one picture, grid after grid, the coarsest first.');
  for (let cell = 0; cell < cells; cell++) {
    const { first, codes: count } = alphabetOf(grids, cell);
    if (!(codes[cell] >= first && codes[cell] < first + count)) throw new AtelierError('bad-input', `${codes[cell]} is no code of its place; those go from ${first} to ${first + count - 1}.`, 'Take codes that the model gave.');
  }
  return Int32Array.from(codes);
}

/** The codes of pictures `[N, H, W, C]`; null for a continuous latent. */
export async function codesOfPictures(trained: Trained, pixels: Float32Array): Promise<PictureCodes | null> {
  if (trained.model.latent.kind !== 'codes') return null;
  const grids = gridsOf(trained.model.latent);
  return { values: await trained.encodeCodes(pixels), cells: cellsOf(grids), grids: gridInfos(grids) };
}

async function readFile(path: string, { model }: Trained): Promise<Float32Array> {
  const { height, width, channels } = model.input;
  if (height !== width) throw new AtelierError('bad-input', `The run takes pictures of ${width}x${height} pixels, and files are cut square.`, 'Take an item of its data instead.');
  const { readPictures } = await import('../../data/index.ts');
  return readPictures([resolve(path)], height, channels as 1 | 3 | 4);
}

async function readItem(item: number, opened: OpenedRun): Promise<{ pixels: Float32Array; label: number }> {
  const images = await opened.images();
  if (item >= images.count) throw new AtelierError('bad-input', `"${images.name}" has ${images.count} items; there is no item ${item}.`, 'Items count from 0.');
  return { pixels: Float32Array.from(await images.read([item])), label: images.labels[item] };
}
