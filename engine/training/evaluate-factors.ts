import { AtelierError } from '../core/errors.ts';
import type { ImageSet } from '../core/image-set.ts';
import { dci, factorVaeScore, mutualInformationGap } from '../metrics/index.ts';
import { itemsOf } from './evaluate.ts';
import type { Scores } from './evaluate-samples.ts';
import type { Trained } from './types.ts';

const MOST_ITEMS = 10_000;
/** Of the items, for the informativeness of DCI. */
const HELD = 1 / 3;

/**
 * How far the dimensions of a continuous latent are the factors that a set was made from: MIG, DCI and the FactorVAE score of posterior means.
 * @throws AtelierError 'bad-input' for a set without known factors or a latent of codes
 */
export async function scoreFactors(trained: Trained, images: ImageSet, options: { split?: 'train' | 'validation' | 'test'; limit?: number; onProgress?: (fraction: number) => void } = {}): Promise<Scores> {
  const { split = 'test', limit = MOST_ITEMS } = options;
  const { latent } = trained.model;
  if (!images.factors) throw new AtelierError('bad-input', `How the pictures of "${images.name}" were made is not known, so disentanglement cannot be measured.`, 'Measure it on a run of builtin:dsprites.');
  if (latent.kind !== 'vector') throw new AtelierError('bad-input', `${trained.info.name} has codes; disentanglement is measured on continuous latents.`, 'Take a run of the VAE.');
  const items = itemsOf(images, split, Math.min(limit, MOST_ITEMS));
  if (items.length < 100) throw new AtelierError('bad-input', `Disentanglement of ${items.length} items means nothing.`, 'Choose a split with at least a hundred.');
  const { names, of } = images.factors;
  const { latents } = await trained.embed(images, items, (done) => options.onProgress?.(0.5 * done));
  const values = new Int32Array(items.length * names.length);
  items.forEach((item, i) => values.set(of(item) as ArrayLike<number>, i * names.length));
  const { score, gaps } = mutualInformationGap(latents, values, latent.size, names.length);
  options.onProgress?.(0.6);
  const found = dci(latents, values, latent.size, names.length, Math.floor(items.length * HELD));
  options.onProgress?.(0.9);
  return {
    metrics: {
      mig: score,
      dciDisentanglement: found.disentanglement,
      dciCompleteness: found.completeness,
      dciInformativeness: found.informativeness,
      factorVaeScore: factorVaeScore(latents, values, latent.size, names.length),
    },
    notes: [
      `MIG (20 bins) of each factor: ${names.map((name, k) => `${name} ${gaps[k].toFixed(2)}`).join(', ')}.`,
      `DCI by random forests of 10 trees on ${items.length} ${split} items, a third of them held out; FactorVAE score of 800 votes of 64 items, chance ${(1 / names.length).toFixed(2)}.`,
    ],
  };
}
