import type { Calls, OutputOf, ParsedInputOf } from '../../electron/contract/index.ts';
import { rng } from '../core/rng.ts';
import { givenPictures } from './given-pictures.ts';
import { psnr } from './psnr.ts';
import type { OpenedRun } from './trained-cache.ts';

type Request = ParsedInputOf<Calls['runs.denoise']>;

/** When pictures of the data are to be made noisy and the run does not say how much. */
const DEFAULT_NOISE = 0.1;

/**
 * Cleans pictures by writing them down and drawing them again. Files are taken as they are, noisy, unless `noise` is given; items of the data are
 * clean, and get the noise that the run was trained with (or 0.1). Where the clean picture is known, the gain is measured against it.
 * @throws AtelierError as `givenPictures`
 */
export async function denoise(request: Request, opened: OpenedRun): Promise<OutputOf<Calls['runs.denoise']>> {
  const { trained } = opened;
  const { names, pixels, labels } = await givenPictures(opened, request);
  const trainedWith = typeof trained.info.config.denoise === 'number' ? trained.info.config.denoise : 0;
  const noise = request.noise ?? (request.paths?.length ? 0 : trainedWith || DEFAULT_NOISE);
  const clean = noise > 0 ? wanted(pixels, trained.info.config.binarise) : null;
  const noisy = clean ? spoil(clean, noise, request.seed) : pixels;
  const cleaned = await trained.reconstruct(noisy, labels);
  const n = names.length;
  const { height, width, channels } = trained.model.input;
  const { encodeSheet } = await import('../image/index.ts');
  const sheet = (values: Float32Array) => encodeSheet(values, n, height, width, channels as 1 | 3 | 4);
  const before = clean && psnr(clean, noisy, n);
  const after = clean && psnr(clean, cleaned, n);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / n;
  return {
    names, noise,
    originals: clean && (await sheet(clean)),
    noisy: await sheet(noisy),
    cleaned: await sheet(cleaned),
    noisyPsnrDb: before,
    cleanedPsnrDb: after,
    gainDb: before && after ? mean(after) - mean(before) : null,
    note: trainedWith > 0
      ? `Trained to take off noise of ${trainedWith}.`
      : 'This run was not trained to take off noise: it only leaves out what it cannot describe. Train one with --denoise.',
  };
}

/** What the model is to give back: black and white where it was trained on that. */
const wanted = (pixels: Float32Array, binarise: unknown): Float32Array => (binarise === 'threshold' ? pixels.map((v) => (v > 0.5 ? 1 : 0)) : pixels);

/** Gaussian noise, cut to [0, 1] as in training. */
function spoil(pixels: Float32Array, deviation: number, seed: number): Float32Array {
  const noise = rng(seed, 'denoise').fillNormal(new Float32Array(pixels.length));
  return pixels.map((v, i) => Math.min(1, Math.max(0, v + deviation * noise[i])));
}
