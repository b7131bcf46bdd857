import sharp from 'sharp';
import { AtelierError } from '../core/errors.ts';

export interface FilmOptions {
  format: 'gif' | 'webp';
  framesPerSecond: number;
  width: number;
  height: number;
  /** For ever, or once. */
  loop: boolean;
}

/**
 * Whole pictures (png, jpeg, webp) as one animation; each is fitted into the size.
 * @throws AtelierError 'bad-data' when one cannot be read
 */
export async function encodeFilm(frames: readonly Uint8Array[], { format, framesPerSecond, width, height, loop }: FilmOptions): Promise<Uint8Array> {
  const per = width * height * 4;
  const pixels = Buffer.alloc(frames.length * per);
  for (const [i, frame] of frames.entries()) {
    try {
      const raw = await sharp(frame).resize(width, height, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 1 } }).toColourspace('srgb').ensureAlpha().raw({ depth: 'uchar' }).toBuffer();
      raw.copy(pixels, i * per);
    } catch (error) {
      throw new AtelierError('bad-data', `Picture ${i + 1} of the film cannot be read.`, 'Hand over whole png, jpeg or webp files.', { cause: error });
    }
  }
  const delay = frames.map(() => Math.max(10, Math.round(1000 / framesPerSecond)));
  const film = sharp(pixels, { raw: { width, height: height * frames.length, channels: 4, pageHeight: height }, limitInputPixels: false });
  const options = { delay, loop: loop ? 0 : 1 };
  return new Uint8Array(await (format === 'gif' ? film.gif({ ...options, effort: 5 }) : film.webp({ ...options, quality: 82 })).toBuffer());
}
