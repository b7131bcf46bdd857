import { open, readFile } from 'node:fs/promises';
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { decodeBmp } from './bmp.ts';

/** Endings that are taken for pictures; what is inside decides how they are read. */
export const PICTURE_ENDINGS = ['png', 'jpg', 'jpeg', 'jfif', 'webp', 'gif', 'svg', 'bmp', 'dib', 'tif', 'tiff', 'avif'];

/** Pictures that can be shrunk while they are read (rows of PNG and TIFF, scaled JPEG): 25 000 x 25 000. */
export const STREAMED_PIXELS = 625_000_000;
/** All others stand whole in memory while they are read: 10 000 x 10 000, at most 400 MB. */
export const WHOLE_PIXELS = 100_000_000;

export interface Fit {
  /** Side of the square, in pixels; the width where `height` is given. */
  size: number;
  /** Unset: a square. */
  height?: number;
  /** Cover: the middle of it; contain: all of it, with borders of the background. */
  fit: 'cover' | 'contain';
  channels: 1 | 3 | 4;
}

/** What the header says. */
export interface PictureInfo {
  width: number;
  height: number;
  format: string;
  grey: boolean;
  alpha: boolean;
  /** Of an animation; 1 for a still. */
  frames: number;
}

type Input = { path: string; bytes?: Uint8Array };

// Every picture is read once: a cache would only hold memory and open files.
sharp.cache(false);

const WHITE = { r: 255, g: 255, b: 255, alpha: 1 };
const CLEAR = { r: 255, g: 255, b: 255, alpha: 0 };

/**
 * Reads only the header of a picture.
 * @param input a path, with the bytes if they are at hand
 * @throws AtelierError 'bad-data' | 'not-found' | 'no-permission'
 */
export async function pictureInfo(input: Input): Promise<PictureInfo> {
  const kind = await sniff(input);
  if (kind === 'bmp') {
    const { width, height, channels } = decodeBmp(await bytesOf(input), input.path, WHOLE_PIXELS);
    return { width, height, format: 'bmp', grey: false, alpha: channels === 4, frames: 1 };
  }
  return (await probe(input)).info;
}

/**
 * Decodes, turns upright, crops and resizes one picture of any known kind; transparent parts of pictures without an
 * alpha channel become white. Of an animation the first frame is taken.
 * @returns pixels [height, size, C], and what the header says
 * @throws AtelierError 'bad-data' for anything but a whole picture of an acceptable size
 */
export async function decodePicture(input: Input, { size, height = size, fit, channels }: Fit): Promise<{ pixels: Uint8Array; info: PictureInfo }> {
  try {
    const { picture, info } = await openPicture(input, (own) => Math.max(size, height) / Math.min(own.width, own.height));
    return { pixels: await squareUp(picture, { size, height, fit, channels }), info };
  } catch (error) {
    throw unreadable(error, input.path);
  }
}

/**
 * Decodes one picture whole and upright, in its own proportions; otherwise as `decodePicture`.
 * @param options.longest pixels of the longer side; unset: the picture's own, but no more than `options.most`
 * @returns pixels [height, width, C]
 */
export async function decodeWhole(input: Input, { longest, most, channels }: { longest?: number; most: number; channels: 1 | 3 | 4 }): Promise<{ pixels: Uint8Array; height: number; width: number; info: PictureInfo }> {
  try {
    const sideOf = (own: PictureInfo) => longest ?? Math.min(most, Math.max(own.width, own.height));
    const { picture, info } = await openPicture(input, (own) => sideOf(own) / Math.max(own.width, own.height));
    const scale = sideOf(info) / Math.max(info.width, info.height);
    const [width, height] = [info.width, info.height].map((n) => Math.max(1, Math.round(n * scale)));
    return { pixels: await inChannels(picture.resize(width, height, { fit: 'fill' }), channels), height, width, info };
  } catch (error) {
    throw unreadable(error, input.path);
  }
}

/** @param scale how much larger than its own size a drawing is wanted */
async function openPicture(input: Input, scale: (own: PictureInfo) => number): Promise<{ picture: Sharp; info: PictureInfo }> {
  if ((await sniff(input)) === 'bmp') {
    const raw = decodeBmp(await bytesOf(input), input.path, WHOLE_PIXELS);
    const info = { width: raw.width, height: raw.height, format: 'bmp', grey: false, alpha: raw.channels === 4, frames: 1 };
    return { info, picture: sharp(raw.pixels, { raw: { width: raw.width, height: raw.height, channels: raw.channels } }) };
  }
  const { info, limit, source } = await probe(input);
  const options: SharpOptions = { limitInputPixels: limit, failOn: 'error', sequentialRead: true };
  if (info.format === 'svg') options.density = Math.min(100_000, Math.max(1, 72 * scale(info)));
  return { info, picture: sharp(source, options).autoOrient() };
}

/**
 * Crops and resizes a picture that is already being decoded.
 * @returns [height, size, C]
 */
export async function squareUp(picture: Sharp, { size, height = size, fit, channels }: Fit): Promise<Uint8Array> {
  return inChannels(picture.resize(size, height, { fit, background: channels === 4 ? CLEAR : WHITE }), channels);
}

async function inChannels(picture: Sharp, channels: 1 | 3 | 4): Promise<Uint8Array> {
  let out = channels === 4 ? picture.ensureAlpha() : picture.flatten({ background: WHITE });
  out = channels === 1 ? out.toColourspace('b-w') : out.toColourspace('srgb');
  const { data, info } = await out.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) throw new AtelierError('bad-data', `Got ${info.channels} channels instead of ${channels}.`, 'Save the picture as PNG.');
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

async function probe(input: Input): Promise<{ info: PictureInfo; limit: number; source: string | Uint8Array }> {
  try {
    const kind = await sniff(input);
    // From memory a drawing cannot name other files; small files are quicker read at once.
    const source = input.bytes ?? (kind === 'svg' ? await readFile(input.path) : input.path);
    const m = await sharp(source, { limitInputPixels: false, failOn: 'error' }).metadata();
    if (!m.width || !m.height) throw new Error('it has no size');
    const streamed = m.format === 'jpeg' || ((m.format === 'png' || m.format === 'tiff') && !m.isProgressive);
    const limit = streamed ? STREAMED_PIXELS : WHOLE_PIXELS;
    const frameHeight = m.pageHeight ?? m.height;
    if (m.format !== 'svg' && m.width * frameHeight > limit) {
      throw new AtelierError('bad-data', `${input.path} has ${m.width} x ${frameHeight} pixels; ${m.format} pictures are read up to ${Math.round(limit / 1e6)} million pixels.`, 'Make the picture smaller, or save it as a plain PNG or JPEG.');
    }
    const turned = (m.orientation ?? 1) >= 5;
    const [width, height] = turned ? [frameHeight, m.width] : [m.width, frameHeight];
    return { info: { width, height, format: m.format ?? '', grey: m.space === 'b-w' || m.space === 'grey16', alpha: m.hasAlpha === true, frames: m.pages ?? 1 }, limit, source };
  } catch (error) {
    throw unreadable(error, input.path);
  }
}

function unreadable(error: unknown, path: string): AtelierError {
  if (error instanceof AtelierError) return error;
  const wrapped = toAtelierError(error, `reading ${path}`);
  if (wrapped.code !== 'internal') return wrapped;
  const why = error instanceof Error ? error.message.split('\n')[0].replace(/^Input (buffer|file) (has corrupt header: |contains )?/, '').slice(0, 160) : String(error);
  return new AtelierError('bad-data', `${path} is not a whole picture: ${why}.`, 'Open it in a picture editor and save it again, or remove it.', { cause: error });
}

async function bytesOf(input: Input): Promise<Uint8Array> {
  return input.bytes ?? readFile(input.path).catch((error: unknown) => Promise.reject(toAtelierError(error, `reading ${input.path}`)));
}

/** Looks at the first bytes, whatever the name says. @throws AtelierError 'bad-data' for an empty file */
async function sniff(input: Input): Promise<'bmp' | 'svg' | 'other'> {
  const head = input.bytes ? Buffer.from(input.bytes.subarray(0, 512)) : await firstBytes(input.path);
  if (head.length === 0) throw new AtelierError('bad-data', `${input.path} is empty (0 bytes).`, 'Remove it, or copy it again.');
  if (head[0] === 0x42 && head[1] === 0x4d) return 'bmp';
  const text = head.toString('utf8').replace(/^\uFEFF/, '').trimStart();
  return text.startsWith('<svg') || (/^<(\?xml|!)/.test(text) && text.includes('<svg')) || (text.startsWith('<?xml') && input.path.toLowerCase().endsWith('.svg')) ? 'svg' : 'other';
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const head = Buffer.alloc(512);
      const { bytesRead } = await file.read(head, 0, 512, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
}
