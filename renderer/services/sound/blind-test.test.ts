import { expect, test } from 'vitest';
import { behind, chanceOf, drawTrial } from './blind-test.ts';

test('the tail of guessing, by Pascal', () => {
  // Ten throws: 1 + 10 + 45 of 1024 ways have at least eight heads.
  expect(chanceOf(8, 10)).toBeCloseTo(56 / 1024, 12);
  expect(chanceOf(10, 10)).toBeCloseTo(1 / 1024, 12);
  expect(chanceOf(0, 10)).toBeCloseTo(1, 12);
  expect(chanceOf(1, 1)).toBe(0.5);
  expect(chanceOf(0, 0)).toBe(1);
});

test('X is always one of the two, and A and B never the same', () => {
  const chances = [0.1, 0.9, 0.7, 0.2, 0.4, 0.4, 0.8, 0.8];
  for (let i = 0; i < 4; i++) {
    const trial = drawTrial(() => chances.shift()!);
    expect(behind(trial, 'A')).not.toBe(behind(trial, 'B'));
    expect(behind(trial, 'X')).toBe(behind(trial, trial.x));
  }
  expect(drawTrial(() => 0.1)).toEqual({ a: 0, x: 'A' });
  expect(drawTrial(() => 0.9)).toEqual({ a: 1, x: 'B' });
});
