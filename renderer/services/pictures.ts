import type { Picture, Sheet } from '../../electron/contract/index.ts';

/** A blob URL for encoded bytes and the way to give it back. */
export interface PictureUrl {
  url: string;
  revoke(): void;
}

export function pictureUrl(picture: Picture): PictureUrl {
  const url = URL.createObjectURL(new Blob([picture.bytes as Uint8Array<ArrayBuffer>], { type: picture.mime }));
  return { url, revoke: () => URL.revokeObjectURL(url) };
}

/** Decodes off the main thread. The caller closes the bitmap. */
export function decodePicture(picture: Picture): Promise<ImageBitmap> {
  return createImageBitmap(new Blob([picture.bytes as Uint8Array<ArrayBuffer>], { type: picture.mime }));
}

/** Left and top of cell i within its sheet, in pixels. */
export function cellOrigin(sheet: Sheet, i: number): [x: number, y: number] {
  return [(i % sheet.columns) * sheet.cellWidth, Math.floor(i / sheet.columns) * sheet.cellHeight];
}

/** The largest whole multiple of a picture that fits, at least 1: pixels stay square and sharp. */
export function wholeScale(pictureSize: number, available: number): number {
  return Math.max(1, Math.floor(available / pictureSize));
}

/** Nearest-neighbour below 64 px, smooth above. */
export const isPixelArt = (size: number): boolean => size < 64;
