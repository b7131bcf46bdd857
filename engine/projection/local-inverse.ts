import { AtelierError } from '../core/errors.ts';
import { nearestItems, typicalSpacing, type Unprojected } from './inverse.ts';

export interface LocalInverseOptions {
  /** Points that share in the fit. */
  neighbours?: number;
  /** Points that are not to be used, such as those held out. */
  except?: (index: number) => boolean;
}

/** A latent as a weighted sum of those of points near by. */
export interface LocalInverse {
  /** @returns as `createInverse`; the weights sum to 1 */
  (position: readonly [number, number, number]): Unprojected & { weights: Float64Array };
}

/** Ridge, as a share of the weighted spread of the neighbours' positions. */
const RIDGE = 0.3;
/** A position beyond its neighbours is followed no farther than this many of their spreads. */
const FARTHEST = 1.5;

/**
 * Turns positions of a layout that is no linear map (UMAP, t-SNE) back into latents: near a position the latent is taken to
 * be linear in it, `z = a + B (p - p0)`, fitted to the nearest points by least squares with weights that fall with the
 * distance (locally weighted regression, Cleveland 1979), with a ridge on B for places where neighbours lie in a line. The
 * result is a weighted sum of the neighbours' latents, so no matrix of the latents' size is ever formed. Confidence falls with
 * the distance from data, and where neighbours in the layout are far apart in the latents.
 * @param positions [N, 3]
 * @param latents [N, D]
 * @throws AtelierError 'bad-input' when sizes disagree
 */
export function localInverse(positions: Float32Array, latents: Float32Array, d: number, options: LocalInverseOptions = {}): LocalInverse {
  const all = positions.length / 3;
  if (all < 1 || latents.length !== all * d) throw new AtelierError('bad-input', `localInverse: ${all} positions, ${latents.length} latent values, ${d} dimensions.`, 'Pass the latents of exactly the points of the layout.');
  const kept = options.except ? Int32Array.from({ length: all }, (_, i) => i).filter((i) => !options.except!(i)) : null;
  const n = kept ? kept.length : all;
  if (n < 1) throw new AtelierError('bad-input', 'localInverse: no point is left.', 'Hold fewer points out.');
  const places = kept ? gather(positions, kept) : positions;
  const k = Math.min(n, options.neighbours ?? 12);
  const at = (i: number): Float32Array => latents.subarray((kept ? kept[i] : i) * d, ((kept ? kept[i] : i) + 1) * d);
  const typical = typicalSpacing(places, n);
  const spread = spreadOf(at, n, d);
  return (position) => {
    if (!position.every(Number.isFinite)) throw new AtelierError('bad-input', `The position (${position.join(', ')}) is not a point.`, 'Pass three finite numbers.');
    const { nearest, distances } = nearestItems(places, n, position, k);
    const weights = distances[0] === 0 ? exactly(nearest.length) : fitWeights(nearest.map((i) => places.subarray(i * 3, i * 3 + 3)), distances, position);
    const latent = new Float32Array(d);
    nearest.forEach((i, j) => {
      const z = at(i), w = weights[j];
      if (w !== 0) for (let c = 0; c < d; c++) latent[c] += w * z[c];
    });
    const far = typical > 0 ? Math.exp(-0.5 * (distances[0] / (3 * typical)) ** 2) : distances[0] === 0 ? 1 : 0;
    let disagreement = 0;
    if (distances[0] > 0 && spread > 0) {
      let sum = 0;
      nearest.forEach((i, j) => {
        const z = at(i);
        const near = kernel(distances[j], distances[distances.length - 1]);
        let s = 0;
        for (let c = 0; c < d; c++) s += (z[c] - latent[c]) ** 2;
        disagreement += near * s;
        sum += near;
      });
      disagreement = Math.sqrt(disagreement / Math.max(sum, 1e-12)) / spread;
    }
    return { latent, confidence: far * Math.exp(-0.5 * disagreement * disagreement), nearest: nearest.map((i) => (kept ? kept[i] : i)), distances, weights };
  };
}

/** Tricube of the distance, nought at the farthest neighbour and a little beyond it. */
const kernel = (distance: number, farthest: number): number => (1 - (distance / (farthest * 1.001 + 1e-12)) ** 3) ** 3;

const exactly = (k: number): Float64Array => {
  const weights = new Float64Array(k);
  weights[0] = 1;
  return weights;
};

/** How much each neighbour counts in the value that the local linear fit has at a position. */
function fitWeights(places: Float32Array[], distances: readonly number[], position: readonly [number, number, number]): Float64Array {
  const k = places.length;
  const farthest = distances[k - 1];
  // The nearest count most: an inverse distance beside the kernel, so that the fit goes through the points.
  const w = Float64Array.from(distances, (r) => (kernel(r, farthest) + 1e-6) / (r * r + 1e-4 * farthest * farthest + 1e-18));
  const total = w.reduce((a, b) => a + b, 0);
  for (let j = 0; j < k; j++) w[j] /= total;
  const mean = [0, 0, 0];
  for (let j = 0; j < k; j++) for (let a = 0; a < 3; a++) mean[a] += w[j] * places[j][a];
  const m = new Float64Array(9);
  for (let j = 0; j < k; j++) for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) m[a * 3 + b] += w[j] * (places[j][a] - mean[a]) * (places[j][b] - mean[b]);
  const trace = m[0] + m[4] + m[8];
  if (!(trace > 0)) return w;
  for (let a = 0; a < 3; a++) m[a * 4] += RIDGE * trace / 3 + 1e-12;
  let shift = position.map((p, a) => p - mean[a]);
  const length = Math.hypot(...shift), most = FARTHEST * Math.sqrt(trace);
  if (length > most) shift = shift.map((s) => (s / length) * most);
  const slope = solve3(m, shift);
  return Float64Array.from(w, (own, j) => own * (1 + slope[0] * (places[j][0] - mean[0]) + slope[1] * (places[j][1] - mean[1]) + slope[2] * (places[j][2] - mean[2])));
}

/** Solves a symmetric positive system of three by Cramer's rule. */
function solve3(m: Float64Array, b: readonly number[]): [number, number, number] {
  const det3 = (x: readonly number[]): number => x[0] * (x[4] * x[8] - x[5] * x[7]) - x[1] * (x[3] * x[8] - x[5] * x[6]) + x[2] * (x[3] * x[7] - x[4] * x[6]);
  const whole = det3(Array.from(m));
  const column = (c: number): number => {
    const x = Array.from(m);
    for (let r = 0; r < 3; r++) x[r * 3 + c] = b[r];
    return det3(x) / whole;
  };
  return [column(0), column(1), column(2)];
}

function gather(positions: Float32Array, kept: Int32Array): Float32Array {
  const out = new Float32Array(kept.length * 3);
  kept.forEach((i, to) => out.set(positions.subarray(i * 3, i * 3 + 3), to * 3));
  return out;
}

/** Root mean square distance of latents from their mean, over up to 500 of them. */
function spreadOf(at: (i: number) => Float32Array, n: number, d: number): number {
  const step = Math.max(1, Math.floor(n / 500));
  const mean = new Float64Array(d);
  let count = 0;
  for (let i = 0; i < n; i += step, count++) {
    const z = at(i);
    for (let c = 0; c < d; c++) mean[c] += z[c];
  }
  let sum = 0;
  for (let i = 0; i < n; i += step) {
    const z = at(i);
    for (let c = 0; c < d; c++) sum += (z[c] - mean[c] / count) ** 2;
  }
  return Math.sqrt(sum / count);
}
