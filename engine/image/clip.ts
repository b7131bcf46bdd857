/** Short films as strips: T frames of one size, one below another. */
import sharp from 'sharp';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { decodePicture, squareUp, type Fit } from './decode.ts';

/** Frames of one animation above which it is refused. */
const MOST_FRAMES = 4000;
const DEFAULT_DELAY_MS = 100;
/** Animations up to this size are decoded once, larger ones frame by frame. */
const AT_ONCE_PIXELS = 50_000_000;

/** Endings of files that may be animations. */
export const CLIP_ENDINGS = ['gif', 'webp'];

export interface ClipInfo {
  frames: number;
  /** Of all frames together. */
  pixels: number;
  durationSec: number;
}

/** How many frames an animation has and how long it plays. @throws AtelierError 'bad-data' | 'not-found' | 'no-permission' */
export async function clipInfo(path: string): Promise<ClipInfo> {
  try {
    const { pages = 1, delay, width, height } = await sharp(path, { pages: -1, limitInputPixels: false }).metadata();
    const delays = Array.from({ length: pages }, (_, i) => delay?.[i] || DEFAULT_DELAY_MS);
    return { frames: pages, pixels: width * height, durationSec: delays.reduce((a, b) => a + b, 0) / 1000 };
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** Which of n frames stand for T moments at equal distances; frames repeat where there are fewer. */
export const chosenFrames = (n: number, count: number): number[] => Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));

/**
 * An animation as T frames spread over its length.
 * @returns pixels [T * size, size, C]
 * @throws AtelierError 'bad-data' for a still picture and for what cannot be read
 */
export async function decodeClip(path: string, { size, fit, channels }: Fit, frames: number): Promise<Uint8Array> {
  const { frames: n, pixels: all } = await clipInfo(path);
  if (n < 2) throw stillPicture(path);
  if (n > MOST_FRAMES) throw new AtelierError('bad-data', `${path} has ${n} frames; animations are read up to ${MOST_FRAMES}.`, 'Cut it into shorter clips.');
  try {
    const out: Uint8Array[] = [];
    if (all <= AT_ONCE_PIXELS) {
      const whole = await squareUp(sharp(path, { pages: -1, failOn: 'error' }), { size, fit, channels });
      const per = size * size * channels;
      if (whole.length === n * per) return joined(chosenFrames(n, frames).map((page) => whole.subarray(page * per, (page + 1) * per)));
    }
    const seen = new Map<number, Uint8Array>();
    for (const page of chosenFrames(n, frames)) {
      const pixels = seen.get(page) ?? (await squareUp(sharp(path, { page, pages: 1, failOn: 'error' }), { size, fit, channels }));
      seen.set(page, pixels);
      out.push(pixels);
    }
    return joined(out);
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** Pictures, in the order of a film, as T frames. @returns pixels [T * size, size, C] @throws AtelierError 'bad-data' */
export async function decodeFrames(paths: readonly string[], fit: Fit, frames: number): Promise<Uint8Array> {
  if (paths.length < 2) throw stillPicture(paths[0] ?? 'A clip');
  const out: Uint8Array[] = [];
  for (const i of chosenFrames(paths.length, frames)) out.push((await decodePicture({ path: paths[i] }, fit)).pixels);
  return joined(out);
}

const stillPicture = (path: string) => new AtelierError('bad-data', `${path} has one frame only: it is a still picture, not a clip.`, 'Give animations, or folders with the frames of a clip; still pictures make a set of pictures.');

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function unreadable(error: unknown, path: string): AtelierError {
  if (error instanceof AtelierError) return error;
  const wrapped = toAtelierError(error, `reading ${path}`);
  if (wrapped.code !== 'internal') return wrapped;
  return new AtelierError('bad-data', `${path} is not a whole animation: ${error instanceof Error ? error.message.split('\n')[0].slice(0, 160) : String(error)}.`, 'Save it again as gif or webp, or remove it.', { cause: error });
}
