import { expect, test } from 'vitest';
import { copiedShare, featureVariance } from './copies.ts';

test('a picture is a copy where it is nearer to a training picture than the next training picture is', () => {
  // On a line, 4 apart.
  const train = Float32Array.of(0, 0, 4, 0, 8, 0);
  const rows = Float32Array.of(1, 0, 0, 5, 4, 3.9, 4, 4);
  expect(copiedShare(train, rows, 2)).toBe(0.5);
  expect(copiedShare(train, train, 2)).toBe(1);
});

test('the variance of features adds up over them', () => {
  expect(featureVariance(Float32Array.of(0, 10, 2, 10, 4, 16), 2)).toBeCloseTo(8 / 3 + 8, 6);
});
