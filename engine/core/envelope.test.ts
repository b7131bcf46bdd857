import { expect, test } from 'vitest';
import { MEL_BINS, melBinOf, melCentresHz } from './analysis.ts';
import { cosines, product, stretchMatrix } from './envelope.ts';

test('mel bins and frequencies are each other\'s inverse', () => {
  melCentresHz().forEach((hz, m) => expect(melBinOf(hz)).toBeCloseTo(m, 3));
});

test('cosines are orthonormal', () => {
  const basis = cosines(24);
  for (const [a, b] of [[0, 0], [3, 3], [0, 5], [7, 8]]) {
    let dot = 0;
    for (let m = 0; m < MEL_BINS; m++) dot += basis[m * 24 + a] * basis[m * 24 + b];
    expect(dot).toBeCloseTo(a === b ? 1 : 0, 5);
  }
});

test('a stretch of 1 changes nothing, and one of 2 moves a peak an octave up', () => {
  const row = Float32Array.from({ length: MEL_BINS }, (_, m) => Math.exp(-(((m - 20) / 2) ** 2)));
  product(row, stretchMatrix(1), 1, MEL_BINS, MEL_BINS).forEach((v, m) => expect(v).toBeCloseTo(row[m], 4));
  const moved = product(row, stretchMatrix(2), 1, MEL_BINS, MEL_BINS);
  const peak = melCentresHz()[moved.indexOf(Math.max(...moved))];
  expect(peak / melCentresHz()[20]).toBeGreaterThan(1.9);
  expect(peak / melCentresHz()[20]).toBeLessThan(2.1);
});
