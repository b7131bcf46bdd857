import sharp from 'sharp';
import { AtelierError } from '../core/errors.ts';

/** An encoded picture, in the form in which the contract sends it. */
export interface Picture {
  mime: 'image/png' | 'image/webp';
  width: number;
  height: number;
  bytes: Uint8Array;
}

/** Many equal pictures in one, in the form of the contract. */
export interface Sheet extends Picture {
  cellWidth: number;
  cellHeight: number;
  columns: number;
  count: number;
}

export interface EncodeOptions {
  /** WebP is lossless here unless `quality` (1 to 100) is given. */
  mime?: Picture['mime'];
  quality?: number;
}

/** Values in [0, 1] as bytes; NaN becomes 0. */
export function toBytes(values: Float32Array, out = new Uint8Array(values.length)): Uint8Array {
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    out[i] = v > 0 ? (v < 1 ? v * 255 + 0.5 : 255) : 0;
  }
  return out;
}

/** Bytes as values in [0, 1]. */
export function toFloats(bytes: Uint8Array, out = new Float32Array(bytes.length)): Float32Array {
  for (let i = 0; i < bytes.length; i++) out[i] = bytes[i] / 255;
  return out;
}

/**
 * Encodes one picture.
 * @param pixels [H, W, C], floats in [0, 1] or bytes
 * @throws AtelierError 'bad-input' when the length is not H*W*C
 */
export async function encodePicture(pixels: Float32Array | Uint8Array, height: number, width: number, channels: 1 | 3 | 4, options: EncodeOptions = {}): Promise<Picture> {
  if (pixels.length !== height * width * channels) {
    throw new AtelierError('bad-input', `encodePicture: ${pixels.length} values for [${height}, ${width}, ${channels}].`, 'Pass H*W*C values.');
  }
  const bytes = pixels instanceof Float32Array ? toBytes(pixels) : pixels;
  const mime = options.mime ?? 'image/webp';
  const picture = sharp(bytes, { raw: { width, height, channels } });
  const encoded = mime === 'image/png' ? picture.png({ compressionLevel: 6 }) : options.quality ? picture.webp({ quality: options.quality }) : picture.webp({ lossless: true, effort: 1 });
  const file = await encoded.toBuffer();
  return { mime, width, height, bytes: new Uint8Array(file.buffer, file.byteOffset, file.byteLength) };
}

/** Sides of a WebP file are limited to 16383 pixels. */
const MAX_SIDE = 16_383;

/**
 * Puts equal pictures side by side: item i stands at column i % columns, row floor(i / columns); unused cells are black.
 * @param pixels [N, H, W, C], floats in [0, 1] or bytes; N at least 1
 * @param columns unset: about as many as rows
 * @throws AtelierError 'bad-input' when lengths disagree or the sheet would pass 16383 pixels a side
 */
export async function encodeSheet(pixels: Float32Array | Uint8Array, count: number, height: number, width: number, channels: 1 | 3 | 4, options: EncodeOptions & { columns?: number } = {}): Promise<Sheet> {
  const cell = height * width * channels;
  if (count < 1 || pixels.length !== count * cell) {
    throw new AtelierError('bad-input', `encodeSheet: ${pixels.length} values for [${count}, ${height}, ${width}, ${channels}].`, 'Pass N*H*W*C values with N at least 1.');
  }
  const columns = Math.min(count, options.columns ?? Math.ceil(Math.sqrt(count)));
  const rows = Math.ceil(count / columns);
  const sheetWidth = columns * width, sheetHeight = rows * height;
  if (sheetWidth > MAX_SIDE || sheetHeight > MAX_SIDE) {
    throw new AtelierError('bad-input', `A sheet of ${columns} x ${rows} pictures of ${width} x ${height} is too large.`, 'Use smaller thumbnails or several sheets.');
  }
  const sheet = new Uint8Array(sheetWidth * sheetHeight * channels);
  const bytes = pixels instanceof Float32Array ? toBytes(pixels) : pixels;
  const line = width * channels;
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * line, top = Math.floor(i / columns) * height;
    for (let y = 0; y < height; y++) {
      const from = i * cell + y * line;
      sheet.set(bytes.subarray(from, from + line), (top + y) * sheetWidth * channels + left);
    }
  }
  const picture = await encodePicture(sheet, sheetHeight, sheetWidth, channels, options);
  return { ...picture, cellWidth: width, cellHeight: height, columns, count };
}

/**
 * Decodes a sheet into its cells.
 * @returns bytes [N, H, W, C]
 */
export async function decodeSheet(sheet: Sheet, channels: 1 | 3 | 4): Promise<Uint8Array> {
  const colour = channels === 1 ? sharp(sheet.bytes).toColourspace('b-w') : sharp(sheet.bytes).toColourspace('srgb');
  const { data } = await (channels === 4 ? colour.ensureAlpha() : colour.removeAlpha()).raw().toBuffer({ resolveWithObject: true });
  const line = sheet.cellWidth * channels;
  const out = new Uint8Array(sheet.count * sheet.cellHeight * line);
  for (let i = 0; i < sheet.count; i++) {
    const left = (i % sheet.columns) * line, top = Math.floor(i / sheet.columns) * sheet.cellHeight;
    for (let y = 0; y < sheet.cellHeight; y++) {
      const from = (top + y) * sheet.width * channels + left;
      out.set(data.subarray(from, from + line), (i * sheet.cellHeight + y) * line);
    }
  }
  return out;
}

/**
 * Shrinks equal pictures to thumbnails that fit a square, keeping their proportions: averages of areas, or unchanged when
 * they are small enough already (a thumbnail is never larger than its picture).
 * @param pixels [N, H, W, C], floats in [0, 1]
 * @returns bytes [N, h, w, C]
 */
export function shrink(pixels: Float32Array, count: number, height: number, width: number, channels: 1 | 3 | 4, size: number): { pixels: Uint8Array; height: number; width: number } {
  const scale = Math.min(1, size / Math.max(height, width));
  const h = Math.max(1, Math.round(height * scale)), w = Math.max(1, Math.round(width * scale));
  if (h === height && w === width) return { pixels: toBytes(pixels), height, width };
  const out = new Uint8Array(count * h * w * channels);
  const across = areaWeights(width, w), down = areaWeights(height, h);
  const sums = new Float64Array(channels);
  for (let i = 0, to = 0; i < count; i++) {
    const base = i * height * width * channels;
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        sums.fill(0);
        for (const [sy, wy] of down[y]) for (const [sx, wx] of across[x]) {
          const at = base + (sy * width + sx) * channels;
          for (let c = 0; c < channels; c++) sums[c] += wy * wx * pixels[at + c];
        }
        for (let c = 0; c < channels; c++) out[to++] = Math.max(0, Math.min(255, Math.round(sums[c] * 255)));
      }
    }
  }
  return { pixels: out, height: h, width: w };
}

/** For each target cell, the source cells it covers with their share. */
function areaWeights(from: number, to: number): [number, number][][] {
  const step = from / to;
  return Array.from({ length: to }, (_, i) => {
    const cells: [number, number][] = [];
    const begin = i * step, end = (i + 1) * step;
    for (let s = Math.floor(begin); s < Math.min(from, Math.ceil(end - 1e-9)); s++) {
      cells.push([s, (Math.min(end, s + 1) - Math.max(begin, s)) / step]);
    }
    return cells;
  });
}
