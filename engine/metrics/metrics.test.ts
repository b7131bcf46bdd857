import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { activeUnits, bitsPerDim, codeUsage, columnMeans, detailKept, fractionUsed, importanceWeightedBound, logMeanExp, meanSquaredError, perplexity, psnrDb, runningBound, ssim } from './index.ts';

test('mean squared error and PSNR of a constant difference of 0.1', () => {
  const mse = meanSquaredError([0.1, 0.2, 0.3, 0.4], [0.2, 0.3, 0.4, 0.5]);
  expect(mse).toBeCloseTo(0.01, 12);
  expect(psnrDb(mse)).toBeCloseTo(20, 9);
  expect(psnrDb(0)).toBe(Infinity);
});

test('SSIM of one window, by hand', () => {
  // means 0.25 and 0.5, variances 0.0625 and 0.25, covariance 0.125 over the four pixels of the only window
  const a = [0, 0.5, 0, 0.5];
  const b = [0, 1, 0, 1];
  const c1 = 1e-4;
  const c2 = 9e-4;
  const expected = ((2 * 0.25 * 0.5 + c1) * (2 * 0.125 + c2)) / ((0.0625 + 0.25 + c1) * (0.0625 + 0.25 + c2));
  expect(ssim(a, b, { height: 2, width: 2, channels: 1 }, 2)).toBeCloseTo(expected, 9);
});

test('SSIM: 1 for equal images, symmetric, lower for more noise', () => {
  const shape = { height: 12, width: 10, channels: 3 };
  const a = rng(1).fillUniform(new Float32Array(360));
  const noisy = (amount: number) => a.map((v, i) => Math.min(1, Math.max(0, v + amount * (rng(2, i).uniform() - 0.5))));
  expect(ssim(a, a, shape)).toBeCloseTo(1, 9);
  expect(ssim(a, noisy(0.3), shape)).toBeCloseTo(ssim(noisy(0.3), a, shape), 9);
  expect(ssim(a, noisy(0.2), shape)).toBeGreaterThan(ssim(a, noisy(0.8), shape));
});

test('perplexity is the number of codes that are used alike', () => {
  const usage = codeUsage([0, 1, 1, 0, 3, 3], 4);
  expect(Array.from(usage, (u) => Math.round(u * 3))).toEqual([1, 1, 0, 1]);
  expect(perplexity(usage)).toBeCloseTo(3, 5);
  expect(fractionUsed(usage)).toBe(0.75);
  expect(perplexity(codeUsage([2, 2, 2], 4))).toBe(1);
  expect(perplexity([0.75, 0.25])).toBeCloseTo(Math.exp(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25)), 9);
});

test('column means and active units', () => {
  // first column: mean 2, variance 1; second: constant; third: variance 0.0025
  const means = Float32Array.of(1, 5, 0.05, 3, 5, -0.05, 1, 5, 0.05, 3, 5, -0.05);
  expect(Array.from(columnMeans(means, 3))).toEqual([2, 5, 0]);
  expect(activeUnits(means, 3)).toBe(1);
  expect(activeUnits(means, 3, 0.001)).toBe(2);
});

test('bits per dimension of one bit, and of a uniform density over 256 levels', () => {
  expect(bitsPerDim(-10 * Math.LN2, 10)).toBeCloseTo(1, 12);
  expect(bitsPerDim(0, 10, 256)).toBe(8);
});

test('the importance-weighted bound lies between the mean and the greatest of its weights', () => {
  expect(logMeanExp([Math.log(1), Math.log(3)])).toBeCloseTo(Math.log(2), 12);
  expect(logMeanExp([-1000, -1000])).toBeCloseTo(-1000, 9);
  expect(logMeanExp([-Infinity, -Infinity])).toBe(-Infinity);
  expect(importanceWeightedBound([-90])).toBe(-90);
  const weights = [-95, -92, -99];
  expect(importanceWeightedBound(weights)).toBeGreaterThan(-286 / 3);
  expect(importanceWeightedBound(weights)).toBeLessThan(-92);
});

test('the running bound is that of each item\'s weights, averaged over items', () => {
  const draws = [[-95, -3], [-92, -700], [-99, -2]];
  const bound = runningBound(draws[0]);
  bound.add(draws[1]);
  bound.add(draws[2]);
  const expected = (importanceWeightedBound([-95, -92, -99]) + importanceWeightedBound([-3, -700, -2])) / 2;
  expect(bound.mean()).toBeCloseTo(expected, 12);
  expect(runningBound([-5, -7]).mean()).toBe(-6);
});

test('fine detail by hand: a checkerboard has it all, halved contrast a quarter, a plain picture none', () => {
  const shape = { height: 2, width: 2, channels: 1 };
  const board = [0, 1, 1, 0];
  expect(detailKept(board, board, shape)).toBe(1);
  expect(detailKept(board, [0.25, 0.75, 0.75, 0.25], shape)).toBe(0.25);
  expect(detailKept(board, [0.5, 0.5, 0.5, 0.5], shape)).toBe(0);
  expect(detailKept([1, 1, 1, 1], board, shape)).toBeNaN();
  // coarse structure is not detail: two plain blocks side by side
  const blocks = [0, 0, 1, 1, 0, 0, 1, 1];
  expect(detailKept([...board, ...board], blocks, { height: 2, width: 4, channels: 1 })).toBe(0);
});
