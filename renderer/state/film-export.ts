/** Films of drawn pictures: a path, a turn of the camera, frames of an animation. */
import type { Sheet } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { FilmEncoder, type FilmSpec as EncoderSpec, type VideoFormat } from '../services/film-encoder.ts';
import { cellOrigin, decodePicture, isPixelArt } from '../services/pictures.ts';
import { download, exportFile, fileName } from './export-file.ts';
import { attempt } from './notify.svelte.ts';

/** GIF is written by the engine and plays everywhere; WebM and MP4 by the platform's encoders: smaller, in full colour, with sound. */
export type FilmFormat = 'gif' | VideoFormat;

/** As lists offer them. */
export const filmFormats: readonly { value: FilmFormat; label: string; title: string }[] = [
  { value: 'mp4', label: 'MP4', title: 'Full colour; plays nearly everywhere.' },
  { value: 'webm', label: 'WebM', title: 'Full colour, free of patents; plays in every browser.' },
  { value: 'gif', label: 'GIF', title: '256 colours, runs in a circle; plays in every mail and page.' },
];

export interface FilmPlan extends Omit<EncoderSpec, 'format'> {
  title: string;
  format: FilmFormat;
  /** Pictures. */
  count: number;
}

/**
 * Writes a film, one picture after the other. A failure is told to the user.
 * @param draw paints a picture on the context, which has the film's size (made even for WebM and MP4)
 */
export async function exportFilm(plan: FilmPlan, draw: (context: OffscreenCanvasRenderingContext2D, index: number) => Promise<void> | void): Promise<void> {
  if (plan.format === 'gif') await exportGif(plan, draw);
  else await attempt(() => exportVideo(plan, plan.format as VideoFormat, draw));
}

async function exportVideo({ title, count, ...plan }: FilmPlan, format: VideoFormat, draw: (context: OffscreenCanvasRenderingContext2D, index: number) => Promise<void> | void): Promise<void> {
  const film = await FilmEncoder.begin({ ...plan, format });
  try {
    for (let i = 0; i < count; i++) {
      await draw(film.context, i);
      await film.add();
    }
    download(await film.end(), `${fileName(title)}.${format}`);
  } finally {
    await film.cancel();
  }
}

async function exportGif({ title, width, height, count, framesPerSecond }: FilmPlan, draw: (context: OffscreenCanvasRenderingContext2D, index: number) => Promise<void> | void): Promise<void> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false })!;
  await exportFile(fileName(title), 'gif', async (out) => {
    const { film } = await client.call('film.begin', { format: 'gif', framesPerSecond, width, height });
    for (let i = 0; i < count; i++) {
      await draw(context, i);
      const picture = await canvas.convertToBlob({ type: 'image/png' });
      await client.call('film.frame', { film, picture: new Uint8Array(await picture.arrayBuffer()) });
    }
    return client.call('film.end', { film, ...(out ? { out } : {}) });
  });
}

/** The pictures of a sheet at 12 a second, there and back, so that it runs in a circle; once through where sound goes with it. */
export async function exportSheetFilm(sheet: Sheet, title: string, format: FilmFormat, sound?: AudioBuffer): Promise<void> {
  const bitmap = await decodePicture(sheet);
  const scale = Math.max(1, Math.round(256 / sheet.cellWidth));
  const order = Array.from({ length: sheet.count }, (_, i) => i);
  const round = sound ? order : [...order, ...order.slice(1, -1).reverse()];
  const framesPerSecond = sound ? Math.min(50, Math.max(1, sheet.count / sound.duration)) : 12;
  await exportFilm({ title, format, width: sheet.cellWidth * scale, height: sheet.cellHeight * scale, count: round.length, framesPerSecond, ...(sound ? { sound } : {}) }, (context, i) => {
    const [x, y] = cellOrigin(sheet, round[i]);
    context.imageSmoothingEnabled = !isPixelArt(sheet.cellWidth);
    context.drawImage(bitmap, x, y, sheet.cellWidth, sheet.cellHeight, 0, 0, context.canvas.width, context.canvas.height);
  });
  bitmap.close();
}
