import { extname, resolve } from 'node:path';
import type { Calls, OutputOf, ParsedInputOf } from '../../../electron/contract/index.ts';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { AtelierError } from '../../core/errors.ts';
import { rng } from '../../core/rng.ts';
import type { Core } from '../core.ts';
import { checkCodes, type CanvasShape } from './canvas-shape.ts';
import { useCanvas } from './opened-canvas.ts';

type Request = ParsedInputOf<Calls['studio.interpolate']>;

/** A film has at most so many frames, a sheet so many pixels on a side. */
const MOST_FRAMES = 600;
const MOST_SIDE = 16_000;

/** Fraction of the way to the next key at each frame after a key, the key itself (0) first. */
export function pace(between: number, easing: Request['easing']): number[] {
  return Array.from({ length: between + 1 }, (_, i) => {
    const t = i / (between + 1);
    if (easing === 'linear') return t;
    const held = easing === 'hold' ? Math.min(1, Math.max(0, (t - 0.25) / 0.5)) : t;
    return held * held * (3 - 2 * held);
  });
}

/**
 * Codes on the way from one canvas to another.
 * @param t 0 is all of `from`, 1 all of `to`
 * @param order in which cells change over, `[cells]`: the rank of each in its grid, 0 to 1
 */
export function codesBetween({ grids, cells }: CanvasShape, from: Int32Array, to: Int32Array, t: number, through: 'codes' | 'levels', order: Float32Array): Int32Array {
  const out = new Int32Array(cells);
  grids.forEach((grid, level) => {
    const share = through === 'codes' ? t : Math.min(1, Math.max(0, t * grids.length - level));
    for (let i = grid.at; i < grid.at + grid.cells; i++) out[i] = order[i] < share ? to[i] : from[i];
  });
  return out;
}

/** Cells change over in patches that spread, not as noise: the rank of a smooth random field, of each grid on its own. */
function changeOrder({ grids, cells }: CanvasShape, seed: number): Float32Array {
  const order = new Float32Array(cells);
  for (const { at, cells: n, width, height } of grids) {
    const random = rng(seed, 'order');
    const waves = Array.from({ length: 6 }, () => ({ ky: random.normal() * 3, kx: random.normal() * 3, phase: random.uniform() * 2 * Math.PI }));
    const field = Float32Array.from({ length: n }, (_, i) => waves.reduce((sum, { ky, kx, phase }) => sum + Math.sin((ky * Math.floor(i / width)) / height * 2 + (kx * (i % width)) / width * 2 + phase), 0));
    const ranks = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => field[a] - field[b]);
    ranks.forEach((cell, rank) => (order[at + cell] = rank / n));
  }
  return order;
}

/** Pictures on the way through key pictures. */
export async function interpolate(core: Core, request: Request): Promise<OutputOf<Calls['studio.interpolate']>> {
  const { keys, through, easing, between, loop, fps, seed, scale } = request;
  const out = request.out === undefined ? null : resolve(request.out);
  const mime = out === null ? null : filmKind(out);
  const [{ rows, columns }] = keys;
  if (keys.some((key) => key.rows !== rows || key.columns !== columns)) throw new AtelierError('bad-input', 'The key pictures are of different sizes.', 'Take canvases of one size.');
  const legs = loop ? keys.length : keys.length - 1;
  const steps = pace(between, easing);
  const count = legs * steps.length + (loop ? 0 : 1);
  if (count > MOST_FRAMES) throw new AtelierError('bad-input', `The film would have ${count} frames; ${MOST_FRAMES} can be made at once.`, 'Take fewer frames between the keys.');
  return useCanvas(core, { ...request, rows, columns }, async ({ opened, shape }) => {
    for (const { codes } of keys) checkCodes(shape, codes);
    const { trained } = opened;
    const { height, width, channels } = trained.model.input;
    const key = (i: number) => keys[i % keys.length].codes;
    const size = height * width * channels;
    const pixels = new Float32Array(count * size);
    const places = Array.from({ length: count }, (_, i) => ({ leg: Math.min(legs - 1, Math.floor(i / steps.length)), t: i === legs * steps.length ? 1 : steps[i % steps.length] }));
    if (through === 'latents') {
      const from = new Int32Array(count * shape.cells), to = new Int32Array(count * shape.cells);
      places.forEach(({ leg }, i) => {
        from.set(key(leg), i * shape.cells);
        to.set(key(leg + 1), i * shape.cells);
      });
      pixels.set(await trained.blendCodes(from, to, Float32Array.from(places, ({ t }) => t)));
    } else {
      const order = changeOrder(shape, seed);
      const codes = new Int32Array(count * shape.cells);
      places.forEach(({ leg, t }, i) => codes.set(codesBetween(shape, key(leg), key(leg + 1), t, through, order), i * shape.cells));
      pixels.set(await trained.decodeCodes(codes));
    }
    const { encodeSheet } = await import('../../image/index.ts');
    if (out !== null) await writeFilm(out, mime!, pixels, { count, height, width, channels: channels as 1 | 3 | 4, fps, scale, loop });
    const shown = Math.min(count, Math.floor(MOST_SIDE / height) * Math.floor(MOST_SIDE / width));
    return { frames: await encodeSheet(pixels.subarray(0, shown * size), shown, height, width, channels as 1 | 3 | 4), out, fps };
  });
}

function filmKind(path: string): 'gif' | 'webp' {
  const ending = extname(path).toLowerCase();
  if (ending === '.gif' || ending === '.webp') return ending.slice(1) as 'gif' | 'webp';
  throw new AtelierError('bad-input', `${path}: a film is written as .gif or .webp.`, 'Give the file one of these endings.');
}

interface Film {
  count: number;
  height: number;
  width: number;
  channels: 1 | 3 | 4;
  fps: number;
  scale: number;
  loop: boolean;
}

async function writeFilm(path: string, kind: 'gif' | 'webp', pixels: Float32Array, { count, height, width, channels, fps, scale, loop }: Film): Promise<void> {
  const { default: sharp } = await import('sharp');
  const { toBytes } = await import('../../image/index.ts');
  const frame = (i: number) => sharp(toBytes(pixels.subarray(i * height * width * channels, (i + 1) * height * width * channels)), { raw: { width, height, channels } });
  const [h, w] = [height * scale, width * scale];
  const frames = await Promise.all(Array.from({ length: count }, (_, i) => frame(i).resize(w, h, { kernel: width < 64 ? 'nearest' : 'lanczos3', fit: 'fill' }).raw().toBuffer()));
  const film = sharp(Buffer.concat(frames), { raw: { width: w, height: h * count, channels, pageHeight: h } });
  const options = { loop: loop ? 0 : 1, delay: Array<number>(count).fill(Math.round(1000 / fps)) };
  const bytes = await (kind === 'gif' ? film.gif(options) : film.webp({ ...options, quality: 90 })).toBuffer();
  await writeFileAtomic(path, bytes);
}
