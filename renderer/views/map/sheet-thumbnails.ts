import type { Sheet } from '../../../electron/contract/index.ts';
import type { ItemPictures } from './cloud-session.ts';
import { cellOrigin, decodePicture } from '../../services/pictures.ts';

/** The thumbnails of a map: sheets decoded once, cells handed out to the scene and to the page. */
export class SheetThumbnails implements ItemPictures {
  readonly side: number;
  readonly #sheets: readonly Sheet[];
  /** First item of each sheet. */
  readonly #starts: number[] = [];
  readonly #bitmaps: (ImageBitmap | null)[];
  readonly #context: OffscreenCanvasRenderingContext2D;
  #closed = false;

  /** @param ready called whenever another sheet can be drawn from */
  constructor(sheets: readonly Sheet[], ready: () => void) {
    this.#sheets = sheets;
    this.side = sheets.reduce((side, sheet) => Math.max(side, sheet.cellWidth, sheet.cellHeight), 1);
    let start = 0;
    for (const sheet of sheets) {
      this.#starts.push(start);
      start += sheet.count;
    }
    this.#bitmaps = sheets.map(() => null);
    this.#context = new OffscreenCanvas(this.side, this.side).getContext('2d', { willReadFrequently: true })!;
    sheets.forEach((sheet, i) => {
      decodePicture(sheet).then(
        (bitmap) => {
          if (this.#closed) bitmap.close();
          else {
            this.#bitmaps[i] = bitmap;
            ready();
          }
        },
        (error: unknown) => console.warn('A sheet of thumbnails could not be decoded', error),
      );
    });
  }

  #find(item: number): { sheet: Sheet; bitmap: ImageBitmap; x: number; y: number } | null {
    for (let i = this.#sheets.length - 1; i >= 0; i--) {
      const within = item - this.#starts[i];
      if (within < 0) continue;
      const sheet = this.#sheets[i];
      const bitmap = this.#bitmaps[i];
      if (!bitmap || within >= sheet.count) return null;
      const [x, y] = cellOrigin(sheet, within);
      return { sheet, bitmap, x, y };
    }
    return null;
  }

  read(item: number, out: Uint8Array): boolean {
    this.#context.clearRect(0, 0, this.side, this.side);
    if (!this.draw(this.#context, item, this.side)) return false;
    out.set(this.#context.getImageData(0, 0, this.side, this.side).data);
    return true;
  }

  /** Draws an item into a square, never stretched. @param side in pixels @returns false while it cannot be drawn */
  draw(context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D, item: number, side: number): boolean {
    const found = this.#find(item);
    if (!found) return false;
    const { sheet, bitmap, x, y } = found;
    const scale = side / Math.max(sheet.cellWidth, sheet.cellHeight);
    const [w, h] = [sheet.cellWidth * scale, sheet.cellHeight * scale];
    context.imageSmoothingEnabled = scale < 1 || Math.max(sheet.cellWidth, sheet.cellHeight) >= 64;
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, x, y, sheet.cellWidth, sheet.cellHeight, (side - w) / 2, (side - h) / 2, w, h);
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const bitmap of this.#bitmaps) bitmap?.close();
    this.#bitmaps.fill(null);
  }
}
