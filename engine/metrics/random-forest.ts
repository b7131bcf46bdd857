import type { Rng } from '../core/rng.ts';

export interface ForestOptions {
  trees?: number;
  /** Depth of each tree at most. */
  depth?: number;
  /** Items in a leaf at least. */
  leaf?: number;
  /** Values that a feature is cut into, by quantiles. */
  bins?: number;
}

export interface Forest {
  /** How much each feature lowered the Gini impurity, summing to 1 (or all 0 when nothing could be split). `[D]` */
  importance: Float64Array;
  /** @param x `[N, D]` @returns the likeliest class of each row */
  predict(x: Float32Array): Int32Array;
}

interface Node {
  feature: number;
  threshold: number;
  left: number;
  right: number;
  /** Class counts at a leaf. */
  counts: Float64Array | null;
}

/**
 * A random forest for classification (Breiman 2001): bootstrapped trees, each split the best of all features by Gini impurity.
 * @param x `[N, D]` @param y classes from 0, `[N]`
 */
export function randomForest(x: Float32Array, y: Int32Array, d: number, classes: number, rng: Rng, options: ForestOptions = {}): Forest {
  const { trees = 10, depth = 14, leaf = 4, bins = 64 } = options;
  const n = y.length;
  const cuts = Array.from({ length: d }, (_, j) => quantiles(x, n, d, j, bins));
  const binned = new Uint8Array(n * d);
  for (let j = 0; j < d; j++) for (let i = 0; i < n; i++) binned[i * d + j] = place(cuts[j], x[i * d + j]);
  const importance = new Float64Array(d);
  const grown: Node[][] = [];
  for (let t = 0; t < trees; t++) {
    const items = Int32Array.from({ length: n }, () => rng.int(n));
    const nodes: Node[] = [];
    grow(nodes, items, 0);
    grown.push(nodes);
  }
  const total = importance.reduce((a, b) => a + b, 0);
  if (total > 0) for (let j = 0; j < d; j++) importance[j] /= total;

  function grow(nodes: Node[], items: Int32Array, level: number): number {
    const index = nodes.length;
    const counts = new Float64Array(classes);
    for (const i of items) counts[y[i]]++;
    const node: Node = { feature: -1, threshold: 0, left: -1, right: -1, counts };
    nodes.push(node);
    const best = level < depth && items.length >= 2 * leaf ? bestSplit(items, counts) : null;
    if (!best) return index;
    importance[best.feature] += best.gain;
    const goes = (i: number): boolean => binned[i * d + best.feature] <= best.bin;
    const left = items.filter(goes);
    const right = items.filter((i) => !goes(i));
    Object.assign(node, { feature: best.feature, threshold: cuts[best.feature][best.bin], counts: null });
    node.left = grow(nodes, left, level + 1);
    node.right = grow(nodes, right, level + 1);
    return index;
  }

  function bestSplit(items: Int32Array, counts: Float64Array): { feature: number; bin: number; gain: number } | null {
    const size = items.length;
    const squares = counts.reduce((sum, c) => sum + c * c, 0);
    if (squares === size * size) return null;
    let best: { feature: number; bin: number; gain: number } | null = null;
    for (let feature = 0; feature < d; feature++) {
      const width = cuts[feature].length + 1;
      const histogram = new Float64Array(width * classes);
      for (const i of items) histogram[binned[i * d + feature] * classes + y[i]]++;
      const left = new Float64Array(classes);
      let [leftSize, leftSquares, rightSquares] = [0, 0, squares];
      for (let bin = 0; bin < width - 1; bin++) {
        for (let c = 0; c < classes; c++) {
          const h = histogram[bin * classes + c];
          if (h === 0) continue;
          const right = counts[c] - left[c];
          leftSquares += 2 * left[c] * h + h * h;
          rightSquares += h * h - 2 * right * h;
          left[c] += h;
          leftSize += h;
        }
        if (leftSize < leaf || size - leftSize < leaf) continue;
        const gain = leftSquares / leftSize + rightSquares / (size - leftSize) - squares / size;
        if (gain > 1e-9 && gain > (best?.gain ?? 0)) best = { feature, bin, gain };
      }
    }
    return best;
  }

  return {
    importance,
    predict(rows) {
      const out = new Int32Array(rows.length / d);
      const votes = new Float64Array(classes);
      for (let i = 0; i < out.length; i++) {
        votes.fill(0);
        for (const nodes of grown) {
          let node = nodes[0];
          while (!node.counts) node = nodes[rows[i * d + node.feature] <= node.threshold ? node.left : node.right];
          const size = node.counts.reduce((a, b) => a + b, 0);
          for (let c = 0; c < classes; c++) votes[c] += node.counts[c] / size;
        }
        for (let c = 1; c < classes; c++) if (votes[c] > votes[out[i]]) out[i] = c;
      }
      return out;
    },
  };
}

/** Where a feature is cut: ascending, different values; what is at most cut b stands in bin b or below. */
function quantiles(x: Float32Array, n: number, d: number, j: number, bins: number): Float64Array {
  const sorted = Float32Array.from({ length: n }, (_, i) => x[i * d + j]).sort();
  const cuts = new Set<number>();
  for (let b = 1; b < bins; b++) {
    const at = Math.min(n - 1, Math.floor((b * n) / bins));
    if (at > 0 && sorted[at - 1] < sorted[n - 1]) cuts.add(sorted[at - 1]);
  }
  return Float64Array.from(cuts);
}

function place(cuts: Float64Array, value: number): number {
  let [low, high] = [0, cuts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= cuts[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}
