import { basename, resolve } from 'node:path';
import type { Calls, GalleryItem, OutputOf, ParsedInputOf, Recipe } from '../../electron/contract/index.ts';
import { AtelierError } from '../core/errors.ts';
import type { Trained } from '../training/types.ts';
import type { OpenedRun } from './trained-cache.ts';

type Request = ParsedInputOf<Calls['runs.transfer']>;

const mostPixelsASide = 2048;
/** Part of a tile that it shares with its neighbour. */
const shared = 3 / 8;

interface Whole {
  name: string;
  pixels: Float32Array;
  height: number;
  width: number;
}

/**
 * Draws pictures in a style of the run's data.
 * @param keep puts a PNG file into the gallery; called for `request.keep`
 * @throws AtelierError 'bad-input' for a run without styles, a style it never saw, a mixture of nothing, no pictures
 */
export async function transfer(request: Request, opened: OpenedRun, keep: (png: Uint8Array, recipe: Recipe) => Promise<GalleryItem>): Promise<OutputOf<Calls['runs.transfer']>> {
  const { trained } = opened;
  const styles = trained.info.data.classes;
  if (!trained.model.restyle) throw new AtelierError('bad-input', `"${trained.info.name}" has no styles to draw in.`, 'Train a style VQ-VAE on one folder a style: atelier train style-vq-vae.');
  const weights = weightsOf(request, styles, trained.info.name);
  const notes: string[] = [];
  const pictures = request.paths?.length || request.pictures?.length ? await readFiles(request, trained, notes) : await readItems(request, opened);
  const { encodePicture } = await import('../image/index.ts');
  const channels = trained.model.input.channels as 1 | 3 | 4;
  const results = [];
  for (const whole of pictures) {
    const drawn = await restyled(whole, weights, request.strength, trained);
    const encode = (pixels: Float32Array) => encodePicture(pixels, whole.height, whole.width, channels, request.keep ? { mime: 'image/png' } : {});
    const picture = await encode(drawn);
    const item = request.keep ? await keep(picture.bytes, recipeOf(request, opened, weights, whole.name)) : null;
    results.push({ name: whole.name, original: await encode(whole.pixels), picture, item });
  }
  return { styles: [...styles], weights, results, notes };
}

function recipeOf({ strength }: Request, { trained: { info, fingerprint, step }, folder }: OpenedRun, weights: readonly number[], name: string): Recipe {
  const used = info.data.classes.map((style, s) => [style, weights[s]] as const).filter(([, weight]) => weight > 0);
  const mixed = used.map(([style, weight]) => (used.length === 1 ? style : `${style} ${Math.round(100 * weight)} %`)).join(', ');
  return {
    kind: 'transfer', run: folder.folder, runName: info.name, fingerprint, step, strength, styles: Object.fromEntries(used),
    note: `${name} as ${mixed}${strength === 1 ? '' : `, strength ${strength}`}`,
  };
}

function weightsOf({ style, mix }: Request, styles: readonly string[], name: string): number[] {
  if ((style === undefined) === (mix === undefined)) throw new AtelierError('bad-input', 'It must be said in which style.', 'Name either one style or a mixture.');
  const wanted = mix ?? { [style!]: 1 };
  const unknown = Object.keys(wanted).find((s) => !styles.includes(s));
  if (unknown !== undefined) throw new AtelierError('bad-input', `"${name}" has never seen a style '${unknown}'.`, `Its styles are ${styles.join(', ')}.`);
  const total = Object.values(wanted).reduce((a, b) => a + b, 0);
  if (!(total > 0)) throw new AtelierError('bad-input', 'The mixture has no style in it.', 'Give at least one style a weight above 0.');
  return styles.map((s) => (wanted[s] ?? 0) / total);
}

async function readFiles({ paths = [], pictures = [], items, size }: Request, trained: Trained, notes: string[]): Promise<Whole[]> {
  if (items?.length) throw new AtelierError('bad-input', 'Both files and items were named.', 'Name one or the other.');
  const { decodeWhole, toFloats } = await import('../image/index.ts');
  const out: Whole[] = [];
  const given = [...paths.map((path) => ({ name: basename(path), path: resolve(path) })), ...pictures.map(({ name, bytes }) => ({ name, path: name, bytes }))];
  for (const { name, ...input } of given) {
    const { pixels, height, width, info } = await decodeWhole(input, { longest: size, most: mostPixelsASide, channels: trained.model.input.channels as 1 | 3 | 4 });
    if (info.frames > 1) notes.push(`${name} is an animation of ${info.frames} frames; its first one was taken.`);
    if (size === undefined && Math.max(info.width, info.height) > mostPixelsASide) notes.push(`${name} has ${info.width} x ${info.height} pixels and was made ${width} x ${height}.`);
    out.push({ name, pixels: toFloats(pixels), height, width });
  }
  return out;
}

async function readItems({ items }: Request, { trained, images: open }: OpenedRun): Promise<Whole[]> {
  if (!items?.length) throw new AtelierError('bad-input', 'No pictures were named.', 'Name files, or items of the run\'s data.');
  const images = await open();
  const beyond = items.find((item) => item >= images.count);
  if (beyond !== undefined) throw new AtelierError('bad-input', `"${images.name}" has ${images.count} items; there is no item ${beyond}.`, 'Items count from 0.');
  const { height, width } = trained.model.input;
  const out: Whole[] = [];
  for (const item of items) out.push({ name: images.itemName(item), pixels: Float32Array.from(await images.read([item])), height, width });
  return out;
}

async function restyled({ pixels, height, width }: Whole, weights: readonly number[], strength: number, trained: Trained): Promise<Float32Array> {
  const { cutTiles, joinTiles } = await import('../image/index.ts');
  const { height: tile, width: across, channels } = trained.model.input;
  if (tile !== across) throw new AtelierError('bad-input', `The run takes pictures of ${across}x${tile} pixels; only square ones can be tiles.`, 'Train on square pictures.');
  const spec = { height, width, channels, tile, overlap: Math.round(tile * shared) };
  const tiles = cutTiles(pixels, spec);
  const codes = await trained.encodeCodes(tiles);
  const styles = strength === 1 ? weights : between(await ownStyle(tiles, codes, weights.length, trained), weights, strength);
  return joinTiles(await trained.restyle(codes, styles), spec);
}

/** From one style towards another, and beyond it. */
const between = (own: number, weights: readonly number[], strength: number): number[] => weights.map((weight, s) => (1 - strength) * (s === own ? 1 : 0) + strength * weight);

/** The style in which the model comes nearest to the picture. */
async function ownStyle(tiles: Float32Array, codes: Int32Array, count: number, trained: Trained): Promise<number> {
  const { meanSquaredError } = await import('../metrics/index.ts');
  let best = 0;
  let least = Infinity;
  for (let style = 0; style < count; style++) {
    const error = meanSquaredError(tiles, await trained.restyle(codes, Array.from({ length: count }, (_, s) => (s === style ? 1 : 0))));
    if (error < least) [best, least] = [style, error];
  }
  return best;
}
