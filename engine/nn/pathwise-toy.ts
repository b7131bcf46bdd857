/**
 * The smallest case of learning through chance: the mu of x ~ N(mu, I) in the plane for which E ||x - c||^2 is least, by two unbiased
 * estimates of the same gradient, 2 (mu - c). Pathwise (Kingma and Welling 2014): x = mu + eps, gradient 2 (x - c). Score function
 * (Williams 1992): ||x - c||^2 (x - mu).
 */
import { AtelierError } from '../core/errors.ts';
import { rng, type Rng } from '../core/rng.ts';

export type Estimator = 'pathwise' | 'score';
type Point = readonly [number, number];

export interface ToyOptions {
  /** Draws of x per step. */
  samples: number;
  learningRate: number;
  steps: number;
  seed: number;
  start?: Point;
  target?: Point;
}

export interface ToyPath {
  /** mu before the first step and after each, `[steps + 1, 2]`. */
  mu: Float32Array;
  /** The estimated gradient of each step, `[steps, 2]`. */
  gradient: Float32Array;
  /** Sum over both axes of the variance of that estimate, measured over many draws, `[steps]`. */
  variance: Float32Array;
}

/** Beyond this a path has flown away and stays where it is. */
const FAR = 1e4;
/** Draws over which a variance is measured. */
const MEASURED = 400;

/** One estimate of the gradient from a single draw of eps. */
export function estimate(kind: Estimator, mu: Point, target: Point, eps: Point): [number, number] {
  const away: Point = [mu[0] + eps[0] - target[0], mu[1] + eps[1] - target[1]];
  if (kind === 'pathwise') return [2 * away[0], 2 * away[1]];
  const value = away[0] ** 2 + away[1] ** 2;
  return [value * eps[0], value * eps[1]];
}

/** Descends along both estimates from the same start. @throws AtelierError 'bad-input' for numbers out of range */
export function pathwiseToy(options: ToyOptions): Record<Estimator, ToyPath> {
  const { samples, steps, learningRate } = options;
  if (!Number.isInteger(samples) || samples < 1 || !Number.isInteger(steps) || steps < 1 || !(learningRate > 0)) {
    throw new AtelierError('bad-input', `The experiment needs at least one sample and one step and a positive learning rate, not ${samples}, ${steps} and ${learningRate}.`, 'Correct the numbers.');
  }
  return { pathwise: descend('pathwise', options), score: descend('score', options) };
}

function descend(kind: Estimator, { samples, learningRate, steps, seed, start = [0, 0], target = [5, 5] }: ToyOptions): ToyPath {
  const path: ToyPath = { mu: new Float32Array(2 * (steps + 1)), gradient: new Float32Array(2 * steps), variance: new Float32Array(steps) };
  const noise = rng(seed, 'toy', kind);
  const other = rng(seed, 'toy-variance', kind);
  let mu: Point = start;
  path.mu.set(mu, 0);
  for (let i = 0; i < steps; i++) {
    const [x, y] = meanOf(noise, samples, (eps) => estimate(kind, mu, target, eps));
    path.gradient.set([x, y], 2 * i);
    path.variance[i] = varianceOf(kind, mu, target, other) / samples;
    const next: Point = [mu[0] - learningRate * x, mu[1] - learningRate * y];
    if (Math.hypot(...next) < FAR) mu = next;
    path.mu.set(mu, 2 * (i + 1));
  }
  return path;
}

const draw = (noise: Rng): Point => [noise.normal(), noise.normal()];

function meanOf(noise: Rng, count: number, of: (eps: Point) => Point): Point {
  let [x, y] = [0, 0];
  for (let i = 0; i < count; i++) {
    const [a, b] = of(draw(noise));
    x += a / count;
    y += b / count;
  }
  return [x, y];
}

/** Of a single draw, summed over the axes. */
function varianceOf(kind: Estimator, mu: Point, target: Point, noise: Rng): number {
  const found = Array.from({ length: MEASURED }, () => estimate(kind, mu, target, draw(noise)));
  let sum = 0;
  for (const axis of [0, 1] as const) {
    const mean = found.reduce((total, g) => total + g[axis], 0) / MEASURED;
    sum += found.reduce((total, g) => total + (g[axis] - mean) ** 2, 0) / (MEASURED - 1);
  }
  return sum;
}
