import { expect, test } from 'vitest';
import { activeDimensions, deadCodes, perplexity } from './codebook.ts';

test('even use of K codes has perplexity K, a single code has 1', () => {
  expect(perplexity([0.25, 0.25, 0.25, 0.25])).toBeCloseTo(4, 12);
  expect(perplexity([0, 1, 0])).toBe(1);
  // -(0.5 ln 0.5 + 2 * 0.25 ln 0.25) = 1.5 ln 2
  expect(perplexity([0.5, 0.25, 0.25, 0])).toBeCloseTo(2 ** 1.5, 12);
});

test('dead codes and active dimensions are counted', () => {
  expect(deadCodes([0.5, 0, 0.5, 0])).toBe(2);
  expect(activeDimensions([0.5, 0.009, 0.02])).toBe(2);
});
