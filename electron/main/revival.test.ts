import { expect, test } from 'vitest';
import { mayRecover, revivalDelayMs } from './revival.ts';

test('one death is mended at once, a series ever more slowly', () => {
  expect(revivalDelayMs([], 0)).toBe(0);
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => revivalDelayMs(Array.from({ length: n }, (_, i) => i), 10));
  expect(delays).toEqual([0, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test('deaths of more than a minute ago do not count', () => {
  expect(revivalDelayMs([0, 1, 2, 3, 100_000], 100_000)).toBe(0);
});

test('what trained goes on by itself after one death, not after a second soon', () => {
  expect(mayRecover([1000], 1000)).toBe(true);
  expect(mayRecover([1000, 200_000], 200_000)).toBe(false);
  expect(mayRecover([1000, 400_000], 400_000)).toBe(true);
});
