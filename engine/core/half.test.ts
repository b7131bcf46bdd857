import { expect, test } from 'vitest';
import { fromHalf, toHalf } from './half.ts';

test('known bit patterns', () => {
  // Table 3.5 of the binary16 format: one, smallest subnormal, largest, minus two, a third.
  expect([...toHalf([1, 2 ** -24, 65504, -2, 1 / 3, 0, -0, 65520, NaN])]).toEqual([0x3c00, 1, 0x7bff, 0xc000, 0x3555, 0, 0x8000, 0x7c00, 0x7e00]);
});

test('every number there is comes back as it was', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((bits) => (bits & 0x7c00) !== 0x7c00);
  const read = fromHalf(all, 0, new Float32Array(all.length));
  expect(toHalf(read)).toEqual(all);
});

test('rounding errs by half a step at most', () => {
  const given = Float32Array.from({ length: 2000 }, (_, i) => -11.6 + i * 0.0073);
  const back = fromHalf(toHalf(given), 0, new Float32Array(given.length));
  given.forEach((x, i) => expect(Math.abs(back[i] - x)).toBeLessThanOrEqual(Math.max(2 ** -25, Math.abs(x) * 2 ** -11)));
});
