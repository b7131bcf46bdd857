import { extname } from 'node:path';
import type { Picture, Sheet } from '../../electron/contract/index.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError } from '../core/errors.ts';
import { decodeSheet, encodeSheet, filmOfStrips } from '../image/index.ts';

const mimes: Record<string, Sheet['mime']> = { '.png': 'image/png', '.webp': 'image/webp' };
const atMostPerRow = 16;

/** Writes a sheet as the ending of the file says. @throws AtelierError 'bad-input' for another ending */
export async function savePicture(path: string, sheet: Sheet): Promise<string> {
  const mime = mimeOf(path);
  const bytes = sheet.mime === mime ? sheet.bytes : (await encodeSheet(await decodeSheet(sheet, 4), sheet.count, sheet.cellHeight, sheet.cellWidth, 4, { mime, columns: sheet.columns })).bytes;
  await writeFileAtomic(path, bytes);
  return path;
}

/** Writes pictures of one size as one sheet. */
export async function saveRow(path: string, pictures: readonly Picture[]): Promise<string> {
  const { width, height } = pictures[0];
  const cells = await Promise.all(pictures.map((picture) => decodeSheet({ ...picture, cellWidth: width, cellHeight: height, columns: 1, count: 1 }, 4)));
  const all = new Uint8Array(cells.length * cells[0].length);
  cells.forEach((cell, i) => all.set(cell, i * cell.length));
  return savePicture(path, await encodeSheet(all, pictures.length, height, width, 4, { mime: mimeOf(path) }));
}

/** Writes rows of originals, each row followed by a row of their reconstructions. */
export async function savePairs(path: string, originals: Sheet, reconstructions: Sheet): Promise<string> {
  const mime = mimeOf(path);
  const { count, cellWidth, cellHeight } = originals;
  const cell = cellWidth * cellHeight * 4;
  const [a, b] = [await decodeSheet(originals, 4), await decodeSheet(reconstructions, 4)];
  const columns = Math.min(count, atMostPerRow);
  const rows = Math.ceil(count / columns);
  const all = new Uint8Array(2 * rows * columns * cell); // unused cells stay transparent
  for (let i = 0; i < count; i++) {
    const place = 2 * Math.floor(i / columns) * columns + (i % columns);
    all.set(a.subarray(i * cell, (i + 1) * cell), place * cell);
    all.set(b.subarray(i * cell, (i + 1) * cell), (place + columns) * cell);
  }
  const sheet = await encodeSheet(all, 2 * rows * columns, cellHeight, cellWidth, 4, { mime, columns });
  await writeFileAtomic(path, sheet.bytes);
  return path;
}

/**
 * Clips as a film in which they play side by side, for an ending that can move (.gif, .webp); rows of several sheets take turns.
 * @returns whether it was written; nothing is for pictures that are no clips, and for .png, which shows strips of frames
 */
export async function saveFilm(path: string, sheets: readonly Sheet[], clip: { frames: number; framesPerSecond: number } | undefined): Promise<boolean> {
  const ending = extname(path).toLowerCase();
  if (!clip || (ending !== '.gif' && ending !== '.webp')) return false;
  await writeFileAtomic(path, await filmOfStrips(sheets, clip.frames, { format: ending === '.gif' ? 'gif' : 'webp', framesPerSecond: clip.framesPerSecond }));
  return true;
}

function mimeOf(path: string): Sheet['mime'] {
  const mime = mimes[extname(path).toLowerCase()];
  if (!mime) throw new AtelierError('bad-input', `${path}: a picture is written as .png or .webp.`, 'Give the file one of these endings.');
  return mime;
}
