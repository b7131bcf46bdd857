import { AtelierError } from '../core/errors.ts';
import { decodeSheet, encodeSheet, type Sheet } from './encode.ts';
import { encodeFilm } from './film.ts';

/**
 * Sheets of clips, each a strip of frames one below another, as one film in which all clips play side by side; the sheets' rows take turns
 * (a row of the first, below it the same row of the second).
 * @param frames T, which divides the height of a cell
 */
export async function filmOfStrips(sheets: readonly Sheet[], frames: number, options: { format: 'gif' | 'webp'; framesPerSecond: number }): Promise<Uint8Array> {
  const [{ cellHeight, cellWidth, count, columns }] = sheets;
  if (cellHeight % frames !== 0) throw new AtelierError('bad-input', `Strips of ${cellHeight} pixels are no ${frames} frames.`, 'Give the number of frames of a clip.');
  const height = cellHeight / frames;
  const frame = cellWidth * height * 4;
  const strips = await Promise.all(sheets.map((sheet) => decodeSheet(sheet, 4)));
  const rows = Math.ceil(count / columns);
  const moments: Uint8Array[] = [];
  let size = { width: 0, height: 0 };
  for (let t = 0; t < frames; t++) {
    const cells = new Uint8Array(sheets.length * rows * columns * frame);
    strips.forEach((strip, s) => {
      for (let i = 0; i < count; i++) {
        const place = (Math.floor(i / columns) * sheets.length + s) * columns + (i % columns);
        cells.set(strip.subarray((i * frames + t) * frame, (i * frames + t + 1) * frame), place * frame);
      }
    });
    const { bytes, ...picture } = await encodeSheet(cells, sheets.length * rows * columns, height, cellWidth, 4, { mime: 'image/png', columns });
    moments.push(bytes);
    size = { width: picture.width, height: picture.height };
  }
  return encodeFilm(moments, { ...options, ...size, loop: true });
}

/** The frame in the middle of each strip. @param pixels `[N, T * h, W, C]` @returns `[N, h, W, C]` */
export function middleFrames<T extends Float32Array | Uint8Array>(pixels: T, count: number, frames: number): T {
  const per = pixels.length / count;
  const frame = per / frames;
  const out = pixels.slice(0, count * frame) as T;
  for (let i = 0; i < count; i++) out.set(pixels.subarray(i * per + (frames >> 1) * frame, i * per + ((frames >> 1) + 1) * frame), i * frame);
  return out;
}
