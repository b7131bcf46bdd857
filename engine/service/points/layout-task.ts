import { createCrew, nearestIn, pca, type Rows } from '../../projection/index.ts';
import { layOut } from '../projections/lay-out.ts';
import { nativeTopProducts } from '../projections/top-products.ts';
import { remaining } from '../remaining.ts';
import type { TaskFunction } from '../worker-messages.ts';

/** Share of the time of each step. */
const SHARES = { pca: { neighbours: 0.6, layout: 0.1 }, umap: { neighbours: 0.25, layout: 0.6 }, tsne: { neighbours: 0.08, layout: 0.88 } };

export const layoutTask: TaskFunction<'layout'> = async ({ rows, settings, known, classes, align, only }, { signal, progress, frame }) => {
  const native = await nativeTopProducts();
  const crew = createCrew();
  const eta = remaining();
  const share = SHARES[settings.method];
  const from = { neighbours: 0, layout: share.neighbours, quality: share.neighbours + share.layout };
  const width = { neighbours: share.neighbours, layout: share.layout, quality: 1 - share.neighbours - share.layout };
  try {
    return await layOut(rows, settings, {
      crew, topProducts: native.topProducts, signal,
      progress(step, done, message) {
        const whole = from[step] + done * width[step];
        progress({ progress: whole, etaSec: eta(whole), message });
      },
      onLayout: (positions, epoch) => frame({ positions, epoch }),
    }, { known, classes, align, only });
  } finally {
    await native.close();
    await crew.close();
  }
};

export const componentsTask: TaskFunction<'components'> = async ({ rows, k, seed }) => {
  const found = pca(rows.values, rows.n, rows.d, k, { seed });
  return { ...found, k, scores: scoresOf(rows, found.mean, found.components, k) };
};

function scoresOf({ values, n, d }: Rows, mean: Float32Array, components: Float32Array, k: number): Float32Array {
  const scores = new Float32Array(new SharedArrayBuffer(n * k * 4));
  const offsets = Float64Array.from({ length: k }, (_, c) => {
    let s = 0;
    for (let j = 0; j < d; j++) s += mean[j] * components[c * d + j];
    return s;
  });
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < k; c++) {
      let s = -offsets[c];
      for (let j = 0, a = i * d, b = c * d; j < d; j++) s += values[a + j] * components[b + j];
      scores[i * k + c] = s;
    }
  }
  return scores;
}

export const growTask: TaskFunction<'grow'> = async ({ rows, points, k, metric }, { signal }) => {
  const native = await nativeTopProducts();
  try {
    const values = new Float32Array(points.length * rows.d);
    points.forEach((point, i) => values.set(rows.values.subarray(point * rows.d, (point + 1) * rows.d), i * rows.d));
    const found = await nearestIn(rows, { values, n: points.length, d: rows.d }, { k: k + 1, metric, topProducts: native.topProducts, signal });
    return Int32Array.from(found.indices);
  } finally {
    await native.close();
  }
};
