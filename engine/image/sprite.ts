import sharp from 'sharp';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { WHOLE_PIXELS } from './decode.ts';

/** A picture of many small ones, row by row (the Embedding Projector's way), with the size of one in pixels. */
export interface SpriteFile {
  path: string;
  width: number;
  height: number;
}
export interface OpenSprite extends SpriteFile {
  columns: number;
  /** [H, W, 4] of the whole. */
  pixels: Uint8Array;
  wholeWidth: number;
}

/**
 * Reads a sprite and sees that it has room for `count` pictures.
 * @throws AtelierError 'bad-data' naming the size that was expected; 'not-found'
 */
export async function openSprite(sprite: SpriteFile, count: number): Promise<OpenSprite> {
  const { path, width, height } = sprite;
  try {
    const { data, info } = await sharp(path, { limitInputPixels: WHOLE_PIXELS }).toColourspace('srgb').ensureAlpha().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const columns = Math.floor(info.width / width), rows = Math.floor(info.height / height);
    if (columns < 1 || columns * rows < count) {
      const side = Math.ceil(Math.sqrt(count));
      throw new AtelierError('bad-data', `${path} has ${info.width} x ${info.height} pixels: room for ${columns * rows} pictures of ${width} x ${height}, but there are ${count} rows.`, `A sprite of ${side * width} x ${Math.ceil(count / side) * height} pixels would do; check the size of a single picture.`);
    }
    return { ...sprite, columns, pixels: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), wholeWidth: info.width };
  } catch (error) {
    if (error instanceof AtelierError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    if (/missing|no such file/i.test(text)) throw toAtelierError(Object.assign(new Error(text), { code: 'ENOENT', path }), `reading the sprite ${path}`);
    throw new AtelierError('bad-data', `${path} cannot be read as a sprite: ${text}`, 'Save it again as PNG or JPEG.', { cause: error });
  }
}

/** One picture of a sprite. [height, width, 4] */
export function spriteCell({ columns, pixels, wholeWidth, width, height }: OpenSprite, index: number): Uint8Array {
  const out = new Uint8Array(width * height * 4);
  const left = (index % columns) * width, top = Math.floor(index / columns) * height;
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * wholeWidth + left) * 4;
    out.set(pixels.subarray(from, from + width * 4), y * width * 4);
  }
  return out;
}
