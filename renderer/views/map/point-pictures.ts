import type { Client } from '../../../electron/contract/index.ts';
import { cellOrigin, decodePicture } from '../../services/pictures.ts';
import type { ItemPictures } from './cloud-session.ts';

const perCall = 96;
const kept = 1200;

/** Thumbnails of a table's points, fetched a few at a time when one is wanted; those unused for longest are let go. */
export class PointPictures implements ItemPictures {
  readonly side: number;
  readonly #client: Client;
  readonly #source: string;
  readonly #ready: () => void;
  readonly #pictures = new Map<number, ImageBitmap | null>();
  readonly #wanted = new Set<number>();
  readonly #context: OffscreenCanvasRenderingContext2D;
  #busy = false;
  #closed = false;

  /** @param ready called whenever more can be drawn */
  constructor(client: Client, source: string, side: number, ready: () => void) {
    this.#client = client;
    this.#source = source;
    this.side = side;
    this.#ready = ready;
    this.#context = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true })!;
  }

  read(item: number, out: Uint8Array): boolean {
    this.#context.clearRect(0, 0, this.side, this.side);
    if (!this.draw(this.#context, item, this.side)) return false;
    out.set(this.#context.getImageData(0, 0, this.side, this.side).data);
    return true;
  }

  draw(context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D, item: number, side: number): boolean {
    const picture = this.#pictures.get(item);
    if (picture === undefined) this.#want(item);
    if (!picture) return false;
    this.#pictures.delete(item);
    this.#pictures.set(item, picture);
    const scale = side / Math.max(picture.width, picture.height);
    context.imageSmoothingEnabled = scale < 1 || Math.max(picture.width, picture.height) >= 64;
    context.imageSmoothingQuality = 'high';
    const [w, h] = [picture.width * scale, picture.height * scale];
    context.drawImage(picture, (side - w) / 2, (side - h) / 2, w, h);
    return true;
  }

  #want(item: number): void {
    if (item < 0 || this.#closed) return;
    this.#wanted.add(item);
    if (this.#busy) return;
    this.#busy = true;
    setTimeout(() => void this.#fetch(), 20);
  }

  async #fetch(): Promise<void> {
    // The newest wishes first: what was wanted before the camera moved on can wait.
    const indices = [...this.#wanted].slice(-perCall);
    for (const item of indices) this.#wanted.delete(item);
    try {
      const { sheet, missing } = await this.#client.call('points.thumbnails', { source: this.#source, indices, size: this.side });
      const empty = new Set(missing);
      const whole = empty.size < indices.length ? await decodePicture(sheet) : null;
      for (const [i, item] of indices.entries()) {
        const [x, y] = cellOrigin(sheet, i);
        const picture = whole && !empty.has(item) ? await createImageBitmap(whole, x, y, sheet.cellWidth, sheet.cellHeight) : null;
        if (this.#closed) picture?.close();
        else this.#pictures.set(item, picture);
      }
      whole?.close();
    } catch (error) {
      console.warn('Thumbnails could not be had', error);
      for (const item of indices) this.#pictures.set(item, null);
    }
    if (this.#closed) return;
    for (const [oldest, picture] of this.#pictures) {
      if (this.#pictures.size <= kept) break;
      picture?.close();
      this.#pictures.delete(oldest);
    }
    this.#ready();
    if (this.#wanted.size > 0) setTimeout(() => void this.#fetch(), 0);
    else this.#busy = false;
  }

  close(): void {
    this.#closed = true;
    for (const picture of this.#pictures.values()) picture?.close();
    this.#pictures.clear();
  }
}
