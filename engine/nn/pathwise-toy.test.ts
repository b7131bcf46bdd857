import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { estimate, pathwiseToy } from './pathwise-toy.ts';

test('by hand: mu = (1, 2), c = (5, 5), eps = (1, -1)', () => {
  // x - c = (-3, -4): pathwise 2 (x - c); score 25 eps.
  expect(estimate('pathwise', [1, 2], [5, 5], [1, -1])).toEqual([-6, -8]);
  expect(estimate('score', [1, 2], [5, 5], [1, -1])).toEqual([25, -25]);
});

test('both estimates are unbiased, with the variances that the moments of a normal give', () => {
  const noise = rng(3);
  const [mu, target] = [[3, 5], [5, 5]] as const;
  const n = 200_000;
  // A = ||mu - c||^2 = 4: 8 for the pathwise, 2 A^2 + 28 A + 48 = 192 for the score function.
  for (const [kind, variance] of [['pathwise', 8], ['score', 192]] as const) {
    const sums = [0, 0];
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const g = estimate(kind, mu, target, [noise.normal(), noise.normal()]);
      sums[0] += g[0];
      sums[1] += g[1];
      squares += g[0] ** 2 + g[1] ** 2;
    }
    const mean = sums.map((sum) => sum / n);
    const error = 5 * Math.sqrt(variance / n);
    expect(Math.abs(mean[0] - -4)).toBeLessThan(error);
    expect(Math.abs(mean[1])).toBeLessThan(error);
    expect(squares / n - mean[0] ** 2 - mean[1] ** 2).toBeCloseTo(variance, kind === 'score' ? -1 : 0);
  }
});

test('the pathwise estimate arrives at the target, with much less variance on the way', () => {
  const { pathwise, score } = pathwiseToy({ samples: 16, learningRate: 0.05, steps: 200, seed: 1 });
  expect(pathwise.mu.slice(0, 2)).toEqual(Float32Array.of(0, 0));
  expect(Math.hypot(pathwise.mu[400] - 5, pathwise.mu[401] - 5)).toBeLessThan(0.4);
  // At the start A = 50: 8 / 16 against (5000 + 1400 + 48) / 16 = 403.
  expect(pathwise.variance[0]).toBeCloseTo(0.5, 0);
  expect(score.variance[0]).toBeGreaterThan(250);
  expect(score.variance[0]).toBeLessThan(600);
});

test('the same seed gives the same path, another another; a path that flies away stays finite', () => {
  const options = { samples: 4, learningRate: 0.02, steps: 20, seed: 5 };
  expect(pathwiseToy(options)).toEqual(pathwiseToy(options));
  expect(pathwiseToy({ ...options, seed: 6 }).pathwise.mu).not.toEqual(pathwiseToy(options).pathwise.mu);
  const wild = pathwiseToy({ ...options, learningRate: 1, steps: 200 });
  expect(wild.score.mu.every(Number.isFinite)).toBe(true);
});

test.each([{ samples: 0 }, { steps: 0 }, { learningRate: 0 }, { learningRate: NaN }])('%o is refused', (bad) => {
  expect(() => pathwiseToy({ samples: 1, learningRate: 0.1, steps: 1, seed: 0, ...bad })).toThrow(/at least one/);
});
