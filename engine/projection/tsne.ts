import { AtelierError } from '../core/errors.ts';
import { rng } from '../core/rng.ts';
import { ranges, type Crew } from './crew.ts';
import { union } from './fuzzy-graph.ts';
import { sharedFloats, throwIfCancelled, type Neighbours, type Watch } from './neighbours.ts';
import { createSpaceTree } from './space-tree.ts';

export interface TsneOptions extends Watch {
  dims: 2 | 3;
  /** How many neighbours a row feels; a third of the neighbours passed at most. */
  perplexity?: number;
  /** Rounds with bonds drawn twelve times as strong, then rounds as they are. */
  earlyRounds?: number;
  rounds?: number;
  /** Accuracy of the push: 0 is exact; 0.6 for groups errs as 0.5 does for single points. */
  theta?: number;
  seed?: number;
  /** Where to begin, [N, dims]; made small. */
  start: Float32Array;
  /** A layout under way, about ten times a second. [N, dims], the callee's to keep. */
  onLayout?: (positions: Float32Array, round: number) => void;
}

/** Neighbours to look up for a perplexity. */
export const neighboursFor = (perplexity: number): number => Math.ceil(perplexity * 3);

const EXAGGERATION = 12;
const MOMENTUM = 0.8;
const LEAST_GAIN = 0.01;
const LONGEST_STEP = 5;
const START_DEVIATION = 1e-4;
/** Sums of single parts are added in order, so their number is fixed for the outcome not to depend on the threads. */
const PARTS = 16;
const LAYOUT_EVERY_MS = 100;

/**
 * t-SNE (van der Maaten 2014, https://jmlr.org/papers/v15/vandermaaten14a.html) with the step size of Belkina et al. 2019
 * (N over the exaggeration) and a start from principal components (Kobak and Berens 2019).
 * @returns positions [N, dims]; the same for the same seed, whatever the number of threads
 * @throws AtelierError 'bad-input' | 'cancelled'
 */
export async function tsne(neighbours: Neighbours, options: TsneOptions, crew: Crew): Promise<Float32Array> {
  const { n, k } = neighbours;
  const { dims, earlyRounds = 250, rounds = 500, theta = 0.6, seed = 0 } = options;
  if (options.start.length !== n * dims) throw new AtelierError('bad-input', `tsne: a start of ${options.start.length} values for ${n} rows in ${dims} dimensions.`, 'Pass N*dims values.');
  if (n < 2) return new Float32Array(n * dims);
  const perplexity = Math.max(1, Math.min(options.perplexity ?? 30, k / 3));
  options.onProgress?.(0, 'Weighing neighbours');
  const shares = sharedFloats(n * k);
  await crew.run('perplexityWeights', ranges(n, crew.size * 2).map((range) => ({ ...range, k, perplexity, distances: neighbours.distances, weights: shares })));
  const graph = union(n, k, neighbours.indices, shares, (a, b) => (a + b) / (2 * n));
  throwIfCancelled(options);

  const positions = begin(options.start, n, dims, seed);
  const pull = sharedFloats(n * 3), push = sharedFloats(n * 3);
  const sums = new Float64Array(new SharedArrayBuffer(PARTS * 8));
  const velocity = new Float32Array(n * 3);
  const gains = new Float32Array(n * 3).fill(1);
  const { rebuild } = createSpaceTree(n, dims);
  const parts = ranges(n, PARTS);
  let shown = performance.now();
  for (let round = 0; round < earlyRounds + rounds; round++) {
    throwIfCancelled(options);
    const exaggeration = round < earlyRounds ? EXAGGERATION : 1;
    if (round === earlyRounds) {
      velocity.fill(0);
      gains.fill(1);
    }
    const tree = { ...rebuild(positions) };
    const common = { positions, ...graph, tree, theta, pull, push, sums };
    await crew.run('tsneForces', parts.map((range, part) => ({ ...common, ...range, part })));
    let z = 0;
    for (let p = 0; p < parts.length; p++) z += sums[p];
    move(positions, velocity, gains, pull, push, exaggeration, 1 / Math.max(z, 1e-12), n / exaggeration);
    options.onProgress?.((round + 1) / (earlyRounds + rounds), 'Laying out');
    if (options.onLayout && performance.now() - shown > LAYOUT_EVERY_MS) {
      options.onLayout(unpad(positions, n, dims), round + 1);
      shown = performance.now();
    }
  }
  return unpad(positions, n, dims);
}

/** One step of gradient descent with momentum and a gain for each coordinate (Jacobs 1988), then back to the centre. */
function move(positions: Float32Array, velocity: Float32Array, gains: Float32Array, pull: Float32Array, push: Float32Array, exaggeration: number, share: number, rate: number): void {
  const mean = [0, 0, 0];
  const n = positions.length / 3;
  for (let i = 0; i < positions.length; i += 3) {
    let length = 0;
    for (let c = i; c < i + 3; c++) {
      const gradient = exaggeration * pull[c] - share * push[c];
      gains[c] = Math.max(LEAST_GAIN, gradient * velocity[c] < 0 ? gains[c] + 0.2 : gains[c] * 0.8);
      velocity[c] = MOMENTUM * velocity[c] - rate * gains[c] * gradient;
      length += velocity[c] * velocity[c];
    }
    const shorten = length > LONGEST_STEP * LONGEST_STEP ? LONGEST_STEP / Math.sqrt(length) : 1;
    for (let c = 0; c < 3; c++) {
      velocity[i + c] *= shorten;
      positions[i + c] += velocity[i + c];
      mean[c] += positions[i + c] / n;
    }
  }
  for (let i = 0; i < positions.length; i += 3) for (let c = 0; c < 3; c++) positions[i + c] -= mean[c];
}

function begin(start: Float32Array, n: number, dims: number, seed: number): Float32Array<SharedArrayBuffer> {
  let square = 0;
  for (let i = 0; i < n; i++) square += start[i * dims] ** 2;
  const scale = square > 0 ? START_DEVIATION / Math.sqrt(square / n) : 0;
  const random = rng(seed, 'tsne start');
  const out = sharedFloats(n * 3);
  for (let i = 0; i < n; i++) for (let c = 0; c < dims; c++) out[i * 3 + c] = start[i * dims + c] * scale + START_DEVIATION * 0.01 * random.normal();
  return out;
}

function unpad(positions: Float32Array, n: number, dims: number): Float32Array {
  const out = new Float32Array(n * dims);
  for (let i = 0; i < n; i++) for (let c = 0; c < dims; c++) out[i * dims + c] = positions[i * 3 + c];
  return out;
}
