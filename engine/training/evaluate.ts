import type { ImageSet } from '../core/image-set.ts';
import { activeUnits, codeUsage, columnMeans, fractionUsed, perplexity, psnrDb } from '../metrics/index.ts';
import type { Subject } from './checkpoint.ts';
import type { Inspected } from './inspector.ts';

/** Metrics of a set of items, and how the latent space is used by them. */
export interface Summary {
  metrics: Record<string, number>;
  codeUsage: Float32Array | null;
  klPerDimension: Float32Array | null;
}

/** Held-out items of an evaluation during training. */
export const EVALUATED = 512;

const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

/**
 * Means over items; `psnrDb` is of the mean squared error over all items (not the mean of each item's PSNR, which is higher).
 * Needs `latents` for the active units.
 */
export function summarise(model: Pick<Subject, 'latent'>, found: Inspected): Summary {
  const metrics: Record<string, number> = {};
  for (const [name, values] of Object.entries(found.items)) metrics[name] = mean(values);
  if (metrics.mse !== undefined) metrics.psnrDb = psnrDb(Math.max(metrics.mse, 1e-10));
  if (metrics.noisyMse !== undefined) {
    metrics.noisyPsnrDb = psnrDb(Math.max(metrics.noisyMse, 1e-10));
    metrics.psnrGainDb = metrics.psnrDb - metrics.noisyPsnrDb;
    delete metrics.noisyMse;
  }
  const klPerDimension = found.klPerDimension ? columnMeans(found.klPerDimension, found.klPerDimension.length / found.count) : null;
  if (model.latent?.kind === 'vector' && found.latents) metrics.activeUnits = activeUnits(found.latents, model.latent.size);
  let usage: Float32Array | null = null;
  if (model.latent?.kind === 'codes' && found.codes) {
    usage = codeUsage(found.codes, model.latent.codes);
    metrics.perplexity = perplexity(usage);
    metrics.codesUsed = fractionUsed(usage);
  }
  return { metrics, codeUsage: usage, klPerDimension };
}

/** Values of each item that points of the map may be coloured, chosen and sorted by; `anomaly` is the score of `findAnomalies`, higher is stranger. */
export function itemMetrics(found: Inspected): Record<string, Float32Array> {
  const out: Record<string, Float32Array> = {};
  for (const [name, values] of Object.entries(found.items)) {
    if (name === 'noisyMse') out.psnrGainDb = values.map((noisy, i) => 10 * Math.log10(Math.max(noisy, 1e-10) / Math.max(found.items.mse[i], 1e-10)));
    else if (name === 'mse') out.psnrDb = values.map((mse) => psnrDb(Math.max(mse, 1e-10)));
    else out[name] = values;
  }
  const explained = out.elboNats ?? out.psnrDb;
  if (explained) out.anomaly = explained.map((value) => -value);
  return out;
}

/** Items of a split; of more than `limit` those at equal steps, for sets are often sorted by class. */
export function itemsOf(images: ImageSet, split: 'train' | 'validation' | 'test', limit = Infinity): Int32Array {
  return spread(images.split[split], limit);
}

/** Held-out items, as of `itemsOf`: validation, or test, or (in a set too small to be split) those of training. */
export function heldOut(images: ImageSet, limit = Infinity): Int32Array {
  const { train, validation, test } = images.split;
  return spread(validation.length > 0 ? validation : test.length > 0 ? test : train, limit);
}

/** Of more than `limit` items those at equal steps. */
export function spread(items: Int32Array, limit: number): Int32Array {
  if (items.length <= limit) return items;
  return Int32Array.from({ length: limit }, (_, i) => items[Math.floor((i * items.length) / limit)]);
}
