import { AtelierError } from '../core/errors.ts';
import type { ImageSet } from '../core/image-set.ts';
import { decodePicture, encodeSheet, shrink, toFloats, type EncodeOptions, type Sheet } from '../image/index.ts';

/**
 * Decodes pictures from anywhere the way a set of this size does.
 * @returns [B, size, size, C] in [0, 1]
 * @throws AtelierError 'bad-data' naming the first that cannot be read
 */
export async function readPictures(paths: readonly string[], size: number, channels: 1 | 3 | 4): Promise<Float32Array> {
  const cell = size * size * channels;
  const out = new Float32Array(paths.length * cell);
  for (const [i, path] of paths.entries()) {
    const { pixels } = await decodePicture({ path }, { size, channels, fit: 'cover' });
    toFloats(pixels, out.subarray(i * cell, (i + 1) * cell));
  }
  return out;
}

/** Items of a set as one sheet, shrunk to fit `thumbnailSize` if given. @throws AtelierError 'bad-input' for no items */
export async function sheetOf(set: ImageSet, indices: ArrayLike<number>, options: EncodeOptions & { thumbnailSize?: number; columns?: number } = {}): Promise<Sheet> {
  if (indices.length === 0) throw new AtelierError('bad-input', 'A sheet of no pictures.', 'Name at least one item.');
  const small = shrink(await set.read(indices), indices.length, set.height, set.width, set.channels, options.thumbnailSize ?? Math.max(set.height, set.width));
  return encodeSheet(small.pixels, indices.length, small.height, small.width, set.channels, options);
}
