/** Films of pictures: of a path, or of a turn of the camera. */
import type { Sheet } from '../../../electron/contract/index.ts';
import { client } from '../../services/client.ts';
import { cellOrigin, decodePicture, isPixelArt } from '../../services/pictures.ts';
import { exportFile, fileName } from './export.ts';

interface FilmSpec {
  title: string;
  width: number;
  height: number;
  count: number;
  framesPerSecond: number;
}

/**
 * Writes a film, one picture after the other.
 * @param draw gives each picture as a blob of at most 1 MB
 */
export async function exportFilm({ title, width, height, count, framesPerSecond }: FilmSpec, draw: (index: number) => Promise<Blob>): Promise<void> {
  await exportFile(fileName(title), 'gif', async (out) => {
    const { film } = await client.call('film.begin', { format: 'gif', framesPerSecond, width, height });
    for (let i = 0; i < count; i++) await client.call('film.frame', { film, picture: new Uint8Array(await (await draw(i)).arrayBuffer()) });
    return client.call('film.end', { film, ...(out ? { out } : {}) });
  });
}

/** There and back, so that it runs in a circle. */
export async function exportSheetFilm(sheet: Sheet, title: string): Promise<void> {
  const bitmap = await decodePicture(sheet);
  const scale = Math.max(1, Math.round(256 / sheet.cellWidth));
  const canvas = new OffscreenCanvas(sheet.cellWidth * scale, sheet.cellHeight * scale);
  const context = canvas.getContext('2d')!;
  const order = Array.from({ length: sheet.count }, (_, i) => i);
  const round = [...order, ...order.slice(1, -1).reverse()];
  await exportFilm({ title, width: canvas.width, height: canvas.height, count: round.length, framesPerSecond: 12 }, (i) => {
    const [x, y] = cellOrigin(sheet, round[i]);
    context.imageSmoothingEnabled = !isPixelArt(sheet.cellWidth);
    context.drawImage(bitmap, x, y, sheet.cellWidth, sheet.cellHeight, 0, 0, canvas.width, canvas.height);
    return canvas.convertToBlob({ type: 'image/png' });
  });
  bitmap.close();
}
