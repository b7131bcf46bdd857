import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { dci, factorVaeScore, mutualInformationGap } from './index.ts';
import { mutualInformation } from './mutual-information.ts';
import { randomForest } from './random-forest.ts';

const SIZES = [3, 4, 5];
const F = SIZES.length;
const N = 2400;
const draw = rng(1);
const factors = Int32Array.from({ length: N * F }, (_, i) => draw.int(SIZES[i % F]));
/** Dimensions from the factors of an item. */
const code = (d: number, of: (values: Int32Array, j: number) => number): Float32Array => Float32Array.from({ length: N * d }, (_, i) => of(factors.subarray(Math.floor(i / d) * F, Math.floor(i / d) * F + F), i % d));
const noise = rng(2).fillNormal(new Float32Array(N * F));
const perfect = code(F, (values, j) => values[j]);

test('mutual information by hand', () => {
  const a = Int32Array.of(0, 0, 1, 1);
  expect(mutualInformation(a, a, 2, 2)).toBeCloseTo(Math.log(2), 12);
  expect(mutualInformation(a, Int32Array.of(0, 1, 0, 1), 2, 2)).toBeCloseTo(0, 12);
  // three of four agree with a fair coin: I = H(1/2 | 1, 2/3..) from the table 1/2, 0, 1/4, 1/4
  const p = [[0.5, 0], [0.25, 0.25]];
  const expected = p.flatMap((row) => row.map((v, j) => (v ? v * Math.log(v / (0.5 * [0.75, 0.25][j])) : 0))).reduce((x, y) => x + y, 0);
  expect(mutualInformation(a, Int32Array.of(0, 0, 0, 1), 2, 2)).toBeCloseTo(expected, 12);
});

test('a code whose dimensions are the factors scores 1 everywhere', () => {
  expect(mutualInformationGap(perfect, factors, F, F).score).toBeCloseTo(1, 1);
  const found = dci(perfect, factors, F, F, 400);
  expect(found.disentanglement).toBeCloseTo(1, 6);
  expect(found.completeness).toBeCloseTo(1, 6);
  expect(found.informativeness).toBe(1);
  expect(factorVaeScore(perfect, factors, F, F)).toBe(1);
});

test('turned signs, scales, order and idle dimensions change nothing', () => {
  const turned = code(5, (v, j) => [0, -3 * v[2], 100 * v[0], 0.01 * Math.sin(v[1]), 0][j] + (j === 3 ? 0.02 * v[1] : 0));
  expect(mutualInformationGap(turned, factors, 5, F).score).toBeGreaterThan(0.97);
  const found = dci(turned, factors, 5, F, 400);
  expect(found.disentanglement).toBeCloseTo(1, 6);
  expect(found.informativeness).toBe(1);
  expect(factorVaeScore(turned, factors, 5, F, 0, { idle: 0 })).toBe(1);
});

test('noise scores about 0 (chance for the FactorVAE score)', () => {
  expect(mutualInformationGap(noise, factors, F, F).score).toBeLessThan(0.02);
  const found = dci(noise, factors, F, F, 400);
  expect(found.disentanglement).toBeLessThan(0.05);
  expect(found.completeness).toBeLessThan(0.05);
  expect(found.informativeness).toBeLessThan(0.36); // chance is (1/3 + 1/4 + 1/5) / 3 = 0.26
  expect(factorVaeScore(noise, factors, F, F)).toBeLessThan(0.45);
});

test('every factor told twice: informative, complete no more, and without a gap', () => {
  const twice = code(2 * F, (v, j) => v[j % F]);
  expect(mutualInformationGap(twice, factors, 2 * F, F).score).toBeCloseTo(0, 9);
  expect(dci(twice, factors, 2 * F, F, 400).informativeness).toBe(1);
});

test('two factors in one dimension: not disentangled', () => {
  const mixed = code(2, (v, j) => (j === 0 ? v[0] * 4 + v[1] : v[2]));
  const found = dci(mixed, factors, 2, F, 400);
  expect(found.disentanglement).toBeLessThan(0.7);
  expect(found.completeness).toBeCloseTo(1, 6);
  expect(factorVaeScore(mixed, factors, 2, F)).toBeLessThan(0.9);
});

test('a code without variance scores 0', () => {
  const still = new Float32Array(N * 2);
  expect(mutualInformationGap(still, factors, 2, F).score).toBe(0);
  expect(dci(still, factors, 2, F, 400)).toMatchObject({ disentanglement: 0, completeness: 0 });
  expect(factorVaeScore(still, factors, 2, F)).toBe(0);
});

test('the forest learns an exclusive or, which no single feature tells', () => {
  const r = rng(4);
  const x = Float32Array.from({ length: 3 * 800 }, () => r.uniform());
  const y = Int32Array.from({ length: 800 }, (_, i) => (x[3 * i] > 0.5 !== x[3 * i + 1] > 0.5 ? 1 : 0));
  const forest = randomForest(x.subarray(0, 1800), y.subarray(0, 600), 3, 2, rng(5));
  const said = forest.predict(x.subarray(1800));
  expect(said.filter((c, i) => c === y[600 + i]).length / 200).toBeGreaterThan(0.9);
  expect(forest.importance[2]).toBeLessThan(Math.min(forest.importance[0], forest.importance[1]));
});
