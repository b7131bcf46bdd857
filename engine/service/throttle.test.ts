import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { throttle } from './throttle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('at once, then at most once an interval, and the last is not lost', () => {
  const at: number[] = [];
  const ask = throttle(() => at.push(performance.now()), 250);
  const began = performance.now();
  for (let t = 0; t < 1000; t += 10) {
    ask();
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1000);
  expect(at.map((t) => t - began)).toEqual([0, 250, 500, 750, 1000]);
});

test('stop drops what is due, flush does it now', () => {
  let count = 0;
  const ask = throttle(() => count++, 250);
  ask();
  ask();
  ask.flush();
  expect(count).toBe(2);
  ask();
  ask.stop();
  vi.advanceTimersByTime(1000);
  expect(count).toBe(2);
});
