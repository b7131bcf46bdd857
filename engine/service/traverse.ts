import { resolve } from 'node:path';
import type { Calls, OutputOf, ParsedInputOf } from '../../electron/contract/index.ts';
import { AtelierError } from '../core/errors.ts';
import { rng } from '../core/rng.ts';
import { normalQuantile } from '../metrics/index.ts';
import type { OpenedRun } from './trained-cache.ts';

type TraverseRequest = ParsedInputOf<Calls['runs.traverse']>;
type ManifoldRequest = ParsedInputOf<Calls['runs.manifold']>;
type Channels = 1 | 3 | 4;

const SHOWN_DIMENSIONS = 10;

/**
 * Pictures along single latent dimensions (Higgins et al. 2017): a row a dimension, the most informative first, the others held at the
 * values of one picture. Of categorical latents a row is a variable and each column one of its categories.
 * @throws AtelierError 'bad-input' for a grid of codes, a dimension or class that there is not, both an item and a file
 */
export async function traverse(request: TraverseRequest, opened: OpenedRun): Promise<OutputOf<Calls['runs.traverse']>> {
  const { trained } = opened;
  const { latent } = trained.model;
  if (latent.kind === 'codes') return traverseChoices(request, opened);
  const { size } = latent;
  const kl = await informationOf(opened, size);
  const dimensions = request.dimensions ?? mostInformative(kl, size).slice(0, SHOWN_DIMENSIONS);
  refuseBeyond(dimensions, size, trained.info.name);
  const start = await startOf(request, opened);
  const { steps, range } = request;
  const values = Array.from({ length: steps }, (_, i) => range * ((2 * i) / (steps - 1) - 1));
  const latents = new Float32Array(dimensions.length * steps * size);
  dimensions.forEach((dimension, row) =>
    values.forEach((value, column) => {
      const at = (row * steps + column) * size;
      latents.set(start.latent, at);
      latents[at + dimension] = value;
    }),
  );
  const pictures = await trained.decode(latents, start.labels(dimensions.length * steps));
  return {
    sheet: await sheetOf(opened, pictures, dimensions.length * steps, steps),
    rows: dimensions.map((dimension) => ({ dimension, klNats: kl?.[dimension] ?? null, at: start.latent[dimension] })),
    values,
    original: start.picture && (await sheetOf(opened, start.picture, 1, 1)),
  };
}

/**
 * A plane through latent space, seen as pictures: with two dimensions in all, at the quantiles of N(0, 1) (Kingma and Welling 2014,
 * figure 4); of more, the two most informative ones, the others as `item` has them, or nought.
 * @throws AtelierError 'bad-input' for codes, fewer than two dimensions, one dimension twice
 */
export async function manifold(request: ManifoldRequest, opened: OpenedRun): Promise<OutputOf<Calls['runs.manifold']>> {
  const { trained } = opened;
  const { latent } = trained.model;
  if (latent.kind === 'codes') throw new AtelierError('bad-input', `${trained.info.name} describes pictures by codes, which have no plane.`, 'Traverse its codes, or take a run with a continuous latent.');
  const { size } = latent;
  if (size < 2) throw new AtelierError('bad-input', `${trained.info.name} has one latent dimension, and a plane needs two.`, 'Traverse the one dimension instead.');
  const [across, down] = request.dimensions ?? (mostInformative(await informationOf(opened, size), size).slice(0, 2) as [number, number]);
  refuseBeyond([across, down], size, trained.info.name);
  if (across === down) throw new AtelierError('bad-input', `Dimension ${across} was named for both axes.`, 'Name two different dimensions.');
  const { side } = request;
  const start = await startOf({ ...request, path: undefined, from: 'centre' }, opened);
  const values = Array.from({ length: side }, (_, i) => (request.range === undefined ? normalQuantile((i + 0.5) / side) : request.range * ((2 * i) / (side - 1) - 1)));
  const latents = new Float32Array(side * side * size);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const at = (y * side + x) * size;
      latents.set(start.latent, at);
      latents[at + across] = values[x];
      latents[at + down] = values[side - 1 - y]; // upwards, as axes go
    }
  }
  const pictures = await trained.decode(latents, start.labels(side * side));
  return { sheet: await sheetOf(opened, pictures, side * side, side), dimensions: [across, down], values };
}

/** Of each variable of a discrete VAE the categories one by one, in the picture's other choices. */
async function traverseChoices(request: TraverseRequest, opened: OpenedRun): Promise<OutputOf<Calls['runs.traverse']>> {
  const { trained } = opened;
  const { latent, input } = trained.model;
  if (latent.kind !== 'codes' || !latent.alphabets || latent.alphabets !== latent.width) {
    throw new AtelierError('bad-input', `${trained.info.name} describes pictures by a grid of codes, which has no directions to walk along.`, 'Take a run of the VAE or of the discrete VAE; of codes, draw a region anew with: atelier resample.');
  }
  const { codes: all, width, height } = latent;
  const variables = width * height;
  const categories = all / latent.alphabets;
  const kl = await informationOf(opened, variables);
  const dimensions = request.dimensions ?? mostInformative(kl, variables).slice(0, SHOWN_DIMENSIONS);
  refuseBeyond(dimensions, variables, trained.info.name);
  const { picture } = await pictureOf(request, opened);
  const start = picture
    ? await trained.encodeCodes(picture)
    : Int32Array.from({ length: variables }, (_, v) => v * categories + rng(request.seed, 'traverse', v).int(categories));
  const rows = new Int32Array(dimensions.length * categories * variables);
  dimensions.forEach((variable, row) => {
    for (let category = 0; category < categories; category++) {
      const at = (row * categories + category) * variables;
      rows.set(start, at);
      rows[at + variable] = variable * categories + category;
    }
  });
  const pictures = await trained.decodeCodes(rows);
  return {
    sheet: await sheetOf(opened, pictures, (pictures.length / (input.height * input.width * input.channels)), categories),
    rows: dimensions.map((dimension) => ({ dimension, klNats: kl?.[dimension] ?? null, at: start[dimension] - dimension * categories })),
    values: Array.from({ length: categories }, (_, i) => i),
    original: picture && (await sheetOf(opened, picture, 1, 1)),
  };
}

interface Start {
  /** `[D]` */
  latent: Float32Array;
  picture: Float32Array | null;
  labels(count: number): Int32Array | undefined;
}

async function startOf(request: Pick<TraverseRequest, 'item' | 'path' | 'label' | 'seed' | 'from'>, opened: OpenedRun): Promise<Start> {
  const { trained } = opened;
  const { info, model } = trained;
  const { picture, label: own } = await pictureOf(request, opened);
  let label = own;
  if (request.label !== undefined) {
    if (!model.usesLabels) throw new AtelierError('bad-input', `${info.name} does not draw by class.`, 'Leave the class out, or train a conditional model.');
    label = info.data.classes.indexOf(request.label);
    if (label < 0) throw new AtelierError('bad-input', `${info.name} has never seen a class '${request.label}'.`, `Its classes are ${info.data.classes.join(', ')}.`);
  } else if (!picture && model.usesLabels) label = 0;
  const labels = (count: number) => (model.usesLabels ? new Int32Array(count).fill(label) : undefined);
  if (picture) return { latent: await trained.encode(picture, labels(1)), picture, labels };
  const latent = new Float32Array(model.latent.size);
  if (request.from === 'random') rng(request.seed, 'traverse').fillNormal(latent);
  return { latent, picture: null, labels };
}

async function pictureOf({ item, path }: { item?: number; path?: string }, { trained, images: open }: OpenedRun): Promise<{ picture: Float32Array | null; label: number }> {
  if (item !== undefined && path !== undefined) throw new AtelierError('bad-input', 'Both an item and a file were named.', 'Name one or the other.');
  const { height, width, channels } = trained.model.input;
  if (path !== undefined) {
    if (height !== width) throw new AtelierError('bad-input', `The run takes pictures of ${width}x${height} pixels, and files are cut square.`, 'Take an item of its data instead.');
    const { readPictures } = await import('../data/index.ts');
    return { picture: await readPictures([resolve(path)], height, channels as Channels), label: -1 };
  }
  if (item === undefined) return { picture: null, label: -1 };
  const images = await open();
  if (item >= images.count) throw new AtelierError('bad-input', `"${images.name}" has ${images.count} items; there is no item ${item}.`, 'Items count from 0.');
  return { picture: Float32Array.from(await images.read([item])), label: images.labels[item] };
}

/** KL of each dimension at the newest preview, or null. */
async function informationOf({ folder }: OpenedRun, size: number): Promise<Float32Array | null> {
  const kl = (await folder.loadPreview())?.klPerDimension ?? null;
  return kl?.length === size ? kl : null;
}

function mostInformative(kl: Float32Array | null, size: number): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  return kl ? all.sort((a, b) => kl[b] - kl[a] || a - b) : all;
}

function refuseBeyond(dimensions: readonly number[], size: number, name: string): void {
  const beyond = dimensions.find((d) => d >= size);
  if (beyond !== undefined) throw new AtelierError('bad-input', `${name} has ${size} latent dimensions; there is no dimension ${beyond}.`, 'Dimensions count from 0.');
}

async function sheetOf({ trained }: OpenedRun, pixels: Float32Array, count: number, columns: number) {
  const { height, width, channels } = trained.model.input;
  const { encodeSheet } = await import('../image/index.ts');
  return encodeSheet(pixels, count, height, width, channels as Channels, { columns });
}
