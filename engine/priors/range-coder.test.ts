import { expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { rangeDecoder, rangeEncoder, sharesOf, TOTAL } from './range-coder.ts';

function roundTrip(symbols: number[], shares: (i: number) => Float64Array): { bytes: Uint8Array; back: number[]; bits: number } {
  const encoder = rangeEncoder();
  let bits = 0;
  symbols.forEach((s, i) => {
    const table = shares(i);
    encoder.encode(table[s], table[s + 1] - table[s]);
    bits -= Math.log2((table[s + 1] - table[s]) / TOTAL);
  });
  const bytes = encoder.finish();
  const decoder = rangeDecoder(bytes);
  const back = symbols.map((_, i) => {
    const table = shares(i);
    const at = decoder.peek();
    let s = 0;
    while (table[s + 1] <= at) s++;
    decoder.take(table[s], table[s + 1] - table[s]);
    return s;
  });
  return { bytes, back, bits };
}

test('shares add up, none is nought, and are the probabilities to a part in a million', () => {
  const logits = [9, 0, Math.log(2), Math.log(5), -1e9, 7];
  const table = sharesOf(logits, 1, 5, new Float64Array(5));
  expect(Array.from(table).map((v) => Math.round(v / (TOTAL / 8)))).toEqual([0, 1, 3, 8, 8]);
  expect(table[4] - table[3]).toBe(1);
  expect(table[4]).toBe(TOTAL);
});

test('nothing takes nothing, one sure symbol too, and eight bits one byte', () => {
  expect(rangeEncoder().finish()).toHaveLength(0);
  const sure = Float64Array.of(0, TOTAL - 1, TOTAL);
  expect(roundTrip([0], () => sure).bytes.length).toBeLessThanOrEqual(1);
  const even = Float64Array.from({ length: 257 }, (_, i) => (i * TOTAL) / 256);
  for (const s of [0, 1, 128, 254, 255]) expect(roundTrip([s], () => even)).toMatchObject({ back: [s], bits: 8 });
  expect(roundTrip([255], () => even).bytes).toEqual(Uint8Array.of(255));
});

test.each([[2, 3], [8, 6], [64, 1], [512, 12], [512, 40]])('%i symbols of log-odds spread by %i come back, in the bits they carry', (k, spread) => {
  const draw = rng(k, spread);
  const tables = Array.from({ length: 50 }, () => sharesOf(Array.from({ length: k }, () => spread * draw.uniform()), 0, k, new Float64Array(k + 1)));
  const symbols = Array.from({ length: 4000 }, (_, i) => {
    const at = Math.floor(draw.uniform() * TOTAL);
    return tables[i % 50].findIndex((end) => end > at) - 1;
  });
  const { bytes, back, bits } = roundTrip(symbols, (i) => tables[i % 50]);
  expect(back).toEqual(symbols);
  expect(bytes.length * 8).toBeLessThan(bits + 16);
  expect(bytes.length * 8).toBeGreaterThan(bits - 16);
});

test('carries run through long rows of 255', () => {
  // Always the uppermost sliver: the lower end creeps up to the very top.
  const sliver = Float64Array.of(0, TOTAL - 1, TOTAL);
  const symbols = [...Array.from({ length: 60 }, () => 1), ...Array.from({ length: 20 }, (_, i) => i % 2)];
  expect(roundTrip(symbols, () => sliver).back).toEqual(symbols);
  const wide = Float64Array.of(0, 1, TOTAL);
  const mixed = Array.from({ length: 500 }, (_, i) => (i % 7 === 0 ? 0 : 1));
  expect(roundTrip(mixed, () => wide).back).toEqual(mixed);
});
