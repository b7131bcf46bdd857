import { rng } from '../core/rng.ts';
import { randomForest, type ForestOptions } from './random-forest.ts';

export interface Dci {
  /** Whether each latent dimension tells about one factor only, weighted by how much it tells. */
  disentanglement: number;
  /** Whether each factor is told by one dimension only. */
  completeness: number;
  /** Accuracy of telling the factors of held-out items, mean over factors. */
  informativeness: number;
  /** How much dimension i matters for factor k, each factor's summing to 1. `[D, F]` */
  importance: Float64Array;
}

/**
 * Disentanglement, completeness, informativeness (Eastwood and Williams 2018), with random forests that classify each factor (disentanglement_lib
 * uses gradient-boosted trees; figures are alike, not equal). 1, 1, 1 for a code whose dimensions are the factors; near 0, 0 and chance for noise.
 * @param codes `[N, D]` @param factors `[N, F]` @param held the last so many items measure the informativeness
 */
export function dci(codes: Float32Array, factors: ArrayLike<number>, d: number, f: number, held: number, seed = 0, options: ForestOptions = {}): Dci {
  const n = codes.length / d;
  const train = n - held;
  const importance = new Float64Array(d * f);
  let right = 0;
  for (let k = 0; k < f; k++) {
    const y = Int32Array.from({ length: n }, (_, i) => factors[i * f + k]);
    const forest = randomForest(codes.subarray(0, train * d), y.subarray(0, train), d, 1 + y.reduce((a, b) => Math.max(a, b), 0), rng(seed, 'dci', k), options);
    for (let j = 0; j < d; j++) importance[j * f + k] = forest.importance[j];
    const said = forest.predict(codes.subarray(train * d));
    right += said.reduce((sum, c, i) => sum + (c === y[train + i] ? 1 : 0), 0) / Math.max(1, held);
  }
  const rows = Array.from({ length: d }, (_, j) => importance.subarray(j * f, (j + 1) * f));
  const columns = Array.from({ length: f }, (_, k) => Float64Array.from({ length: d }, (_, j) => importance[j * f + k]));
  return { disentanglement: weighted(rows), completeness: weighted(columns), informativeness: right / f, importance };
}

/** Mean over the rows, by their sums, of 1 - entropy / log of their length. */
function weighted(rows: readonly Float64Array[]): number {
  const total = rows.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0);
  if (total === 0) return 0;
  return rows.reduce((score, row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    if (sum === 0) return score;
    if (row.length < 2) return score + sum / total;
    const entropy = row.reduce((h, v) => (v > 0 ? h - (v / sum) * Math.log(v / sum) : h), 0) / Math.log(row.length);
    return score + (sum / total) * (1 - entropy);
  }, 0);
}

export interface FactorVaeOptions {
  /** Votes that make the classifier, and as many again that test it. */
  votes?: number;
  /** Items that share the value of a factor in one vote. */
  batch?: number;
  /** Dimensions whose variance is below this part of the greatest are left out. */
  idle?: number;
}

/**
 * The FactorVAE score (Kim and Mnih 2018, section 4): of items that share one factor, the dimension that varies least (against its variance
 * over all items) is said to be that factor's; accuracy of the majority vote on fresh votes. 1 for a perfect code; for noise about 1 / F.
 * @param codes `[N, D]` @param factors `[N, F]`
 */
export function factorVaeScore(codes: Float32Array, factors: ArrayLike<number>, d: number, f: number, seed = 0, options: FactorVaeOptions = {}): number {
  const { votes = 800, batch = 64, idle = 0.05 } = options;
  const n = codes.length / d;
  const variance = varianceOf(codes, d, Int32Array.from({ length: n }, (_, i) => i));
  const top = variance.reduce((a, b) => Math.max(a, b), 0);
  const active = Array.from({ length: d }, (_, j) => j).filter((j) => variance[j] > idle * top && variance[j] > 0);
  if (active.length === 0) return 0;
  const members: number[][][] = Array.from({ length: f }, () => []);
  for (let i = 0; i < n; i++) for (let k = 0; k < f; k++) (members[k][factors[i * f + k]] ??= []).push(i);
  const draw = rng(seed, 'factor-vae');
  const changing = members.flatMap((groups, k) => (groups.filter((g) => g?.length > 0).length > 1 ? [k] : []));
  if (changing.length === 0) return 0;
  const vote = (): [number, number] => {
    const k = changing[draw.int(changing.length)];
    const groups = members[k].filter((g) => g?.length > 1);
    const group = groups[draw.int(groups.length)];
    const within = varianceOf(codes, d, Int32Array.from({ length: batch }, () => group[draw.int(group.length)]));
    return [active.reduce((a, b) => (within[b] / variance[b] < within[a] / variance[a] ? b : a)), k];
  };
  const table = new Float64Array(d * f);
  for (let v = 0; v < votes; v++) {
    const [j, k] = vote();
    table[j * f + k]++;
  }
  const says = Array.from({ length: d }, (_, j) => changing.reduce((a, b) => (table[j * f + b] > table[j * f + a] ? b : a)));
  let right = 0;
  for (let v = 0; v < votes; v++) {
    const [j, k] = vote();
    if (says[j] === k) right++;
  }
  return right / votes;
}

function varianceOf(codes: Float32Array, d: number, items: Int32Array): Float64Array {
  const [sum, squares] = [new Float64Array(d), new Float64Array(d)];
  for (const i of items) {
    for (let j = 0; j < d; j++) {
      sum[j] += codes[i * d + j];
      squares[j] += codes[i * d + j] ** 2;
    }
  }
  return sum.map((s, j) => Math.max(0, squares[j] / items.length - (s / items.length) ** 2));
}
