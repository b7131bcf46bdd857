import { resolve } from 'node:path';
import type { Calls, OutputOf, ParsedInputOf } from '../../electron/contract/index.ts';
import { AtelierError } from '../core/errors.ts';
import type { OpenedRun } from './trained-cache.ts';

type Request = ParsedInputOf<Calls['runs.resample']>;

/**
 * Draws a part of a picture's codes anew by the prior.
 * @throws AtelierError 'bad-input' for a run without a prior, both or neither of item and path or of region and mask, a region outside the grid
 */
export async function resample(request: Request, opened: OpenedRun): Promise<OutputOf<Calls['runs.resample']>> {
  const { trained } = opened;
  const { prior, info } = trained;
  if (!prior) throw new AtelierError('bad-input', `"${info.name}" has no prior to draw codes by.`, 'Train one with: atelier train prior --codes-of <run>.');
  const { height, width } = prior.grid;
  const mask = maskOf(request, height, width);
  const { pixels, label } = await pictureOf(request, opened);
  const codes = await trained.encodeCodes(pixels);
  const { count, seed, temperature, topK, topP, guidance } = request;
  const drawing = { seed, temperature, topK, topP, guidance, label: request.label };
  const labels = prior.conditional ? new Int32Array(count).fill(label) : undefined;
  const drawn = await trained.decodeCodes(await prior.sample(count, { ...drawing, labels, given: { codes, mask } }));
  const { encodeSheet } = await import('../image/index.ts');
  const { height: h, width: w, channels } = trained.model.input;
  const sheet = (values: Float32Array, n: number) => encodeSheet(values, n, h, w, channels as 1 | 3 | 4);
  return { original: await sheet(await trained.decodeCodes(codes), 1), sheet: await sheet(drawn, count), height, width };
}

function maskOf({ mask, region }: Request, height: number, width: number): ArrayLike<number> {
  if ((mask === undefined) === (region === undefined)) throw new AtelierError('bad-input', 'It must be said where codes are drawn anew.', 'Give either a region or a mask.');
  if (mask) return mask; // its size is checked where it is used
  const { x, y, width: w, height: h } = region!;
  if (x + w > width || y + h > height) throw new AtelierError('bad-input', `The region ${x},${y},${w},${h} reaches beyond the grid of ${width} by ${height} codes.`, 'Name columns and rows within the grid, counting from 0.');
  return Uint8Array.from({ length: height * width }, (_, i) => (i % width >= x && i % width < x + w && Math.floor(i / width) >= y && Math.floor(i / width) < y + h ? 1 : 0));
}

/** @returns the picture, and its class, -1 where unknown */
async function pictureOf({ item, path }: Request, { trained, images: open }: OpenedRun): Promise<{ pixels: Float32Array; label: number }> {
  if ((item === undefined) === (path === undefined)) throw new AtelierError('bad-input', 'It must be said which picture is meant.', 'Name either an item of the data or a file.');
  const { height, width, channels } = trained.model.input;
  if (path !== undefined) {
    if (height !== width) throw new AtelierError('bad-input', `The run takes pictures of ${width}x${height} pixels, and files are cut square.`, 'Take an item of its data instead.');
    const { readPictures } = await import('../data/index.ts');
    return { pixels: await readPictures([resolve(path)], height, channels as 1 | 3 | 4), label: -1 };
  }
  const images = await open();
  if (item! >= images.count) throw new AtelierError('bad-input', `"${images.name}" has ${images.count} items; there is no item ${item}.`, 'Items count from 0.');
  return { pixels: Float32Array.from(await images.read([item!])), label: images.labels[item!] };
}
