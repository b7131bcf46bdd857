import type { InverseReport } from '../../../electron/contract/index.ts';
import { rng } from '../../core/rng.ts';
import { createCrew, createInverse, localInverse, nearestIn, pca, placeAmong, project, type Rows } from '../../projection/index.ts';
import { openRunData } from '../open-data.ts';
import { firstAxes, padded } from '../projections/lay-out.ts';
import { nativeTopProducts } from '../projections/top-products.ts';
import { withTrained } from '../tasks/with-trained.ts';
import type { TaskFunction } from '../worker-messages.ts';

const PLACING_NEIGHBOURS = 15;
const BLOCK = 32;

/**
 * Holds items out, finds their place in the layout of the others as for new data, turns the place back into a latent by the
 * others alone, and decodes it. Beside it: the latent of the nearest other item at that place, and the item's own.
 */
export const evaluateInverse: TaskFunction<'evaluateInverse'> = async (task, { log, signal, progress }) => {
  const { rows, positions, dims, kind, heldOut, seed } = task;
  const { n, d } = rows;
  const order = rng(seed, 'held out').shuffle(Int32Array.from({ length: n }, (_, i) => i));
  const count = Math.max(1, Math.min(n - 2, Math.round(n * heldOut)));
  const held = order.slice(0, count).sort(), kept = order.slice(count).sort();
  const part = (of: Int32Array): Rows => {
    const values = new Float32Array(of.length * d);
    of.forEach((row, i) => values.set(rows.values.subarray(row * d, (row + 1) * d), i * d));
    return { values, n: of.length, d };
  };
  const others = part(kept), out = part(held);
  const placesOf = (of: Int32Array): Float32Array => Float32Array.from({ length: of.length * 3 }, (_, i) => positions[of[Math.floor(i / 3)] * 3 + (i % 3)]);
  let othersPlaces = placesOf(kept), outPlaces: Float32Array;
  let invert: (position: readonly [number, number, number]) => { latent: Float32Array; confidence: number; nearest: number[] };
  progress({ progress: 0.1, etaSec: null, message: 'Placing held-out items' });
  if (kind === 'exact') {
    let projection = task.projection!;
    if (task.axes === 'components') {
      const found = pca(others.values, others.n, d, 3, { seed });
      projection = { mean: found.mean, components: found.components, scale: 1 };
    }
    othersPlaces = project(others.values, others.n, d, projection);
    outPlaces = project(out.values, out.n, d, projection);
    invert = createInverse(projection, othersPlaces, others.values);
  } else {
    const native = await nativeTopProducts();
    const crew = createCrew();
    try {
      const near = await nearestIn(others, out, { k: Math.min(PLACING_NEIGHBOURS, others.n), topProducts: native.topProducts, signal });
      outPlaces = padded(await placeAmong(firstAxes(othersPlaces, dims), near, { dims, seed, epochs: task.umap ? 100 : 0, ...task.umap, signal }, crew), dims);
    } finally {
      await native.close();
      await crew.close();
    }
    invert = localInverse(othersPlaces, others.values, d);
  }

  return withTrained(task.run, task.step, log, async ({ folder, trained }): Promise<InverseReport> => {
    const images = await openRunData(folder, log);
    try {
      const inverted = new Float32Array(count * d), nearest = new Float32Array(count * d), confidence = new Float32Array(count);
      const labels = { own: new Int32Array(count), near: new Int32Array(count) };
      for (let i = 0; i < count; i++) {
        const found = invert([outPlaces[i * 3], outPlaces[i * 3 + 1], outPlaces[i * 3 + 2]]);
        inverted.set(found.latent, i * d);
        nearest.set(others.values.subarray(found.nearest[0] * d, (found.nearest[0] + 1) * d), i * d);
        confidence[i] = found.confidence;
        labels.own[i] = images.labels[task.items[held[i]]] ?? -1;
        labels.near[i] = images.labels[task.items[kept[found.nearest[0]]]] ?? -1;
      }
      const errors = { own: new Float64Array(count), inverted: new Float64Array(count), nearest: new Float64Array(count) };
      for (let from = 0; from < count; from += BLOCK) {
        const to = Math.min(count, from + BLOCK);
        const originals = await images.read(Array.from(held.subarray(from, to), (row) => task.items[row]));
        const compare = async (latents: Float32Array, of: Int32Array, into: Float64Array): Promise<void> => {
          const decoded = await trained.decode(latents.slice(from * d, to * d), of.slice(from, to));
          const per = decoded.length / (to - from);
          for (let i = 0; i < to - from; i++) {
            let s = 0;
            for (let p = i * per; p < (i + 1) * per; p++) s += (decoded[p] - originals[p]) ** 2;
            into[from + i] = s / per;
          }
        };
        await compare(out.values, labels.own, errors.own);
        // Nobody knows the class of an empty place: a conditional model is told that of the nearest item.
        await compare(inverted, labels.near, errors.inverted);
        await compare(nearest, labels.near, errors.nearest);
        progress({ progress: 0.2 + (0.8 * to) / count, etaSec: null, message: 'Decoding' });
      }
      const mean = (a: Float64Array): number => a.reduce((x, y) => x + y, 0) / a.length;
      const told = (a: Float64Array): { mse: number; psnrDb: number } => ({ mse: mean(a), psnrDb: -10 * Math.log10(Math.max(mean(a), 1e-12)) });
      return {
        items: count, layout: task.layout, inverse: kind, reconstruction: told(errors.own), inverted: told(errors.inverted), nearest: told(errors.nearest),
        latentError: { inverted: relativeError(out.values, inverted, d), nearest: relativeError(out.values, nearest, d) },
        better: errors.inverted.reduce((s, e, i) => s + (e < errors.nearest[i] ? 1 : 0), 0) / count,
        confidenceCorrelation: rankCorrelation(confidence, errors.inverted),
      };
    } finally {
      await images.close();
    }
  });
};

/** Root mean square distance in units of the root mean square distance from the mean. */
function relativeError(truth: Float32Array, guess: Float32Array, d: number): number {
  const n = truth.length / d;
  const mean = new Float64Array(d);
  for (let i = 0; i < truth.length; i++) mean[i % d] += truth[i] / n;
  let error = 0, spread = 0;
  for (let i = 0; i < truth.length; i++) {
    error += (truth[i] - guess[i]) ** 2;
    spread += (truth[i] - mean[i % d]) ** 2;
  }
  return spread > 0 ? Math.sqrt(error / spread) : 0;
}

/** Spearman's rank correlation; 0 where one side does not vary. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const x = ranks(a), y = ranks(b);
  const n = x.length, mean = (n - 1) / 2;
  let xy = 0, xx = 0, yy = 0;
  for (let i = 0; i < n; i++) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) ** 2;
    yy += (y[i] - mean) ** 2;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
}

/** Ranks from 0; equals share their mean. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((i, j) => values[i] - values[j]);
  const out = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to++;
    for (let i = from; i <= to; i++) out[order[i]] = (from + to) / 2;
    from = to + 1;
  }
  return out;
}
