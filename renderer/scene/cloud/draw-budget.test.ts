import { describe, expect, it } from 'vitest';
import { DrawBudget, spreadOrder } from './draw-budget.ts';

describe('how many points are drawn while the picture moves', () => {
  it('a graphics card draws all of them until it proves too slow', () => {
    const budget = new DrawBudget(false);
    expect(budget.of(1_000_000)).toBe(1_000_000);
    budget.note(1_000_000, 80);
    expect(budget.of(1_000_000)).toBe(500_000);
  });
  it('a processor begins with few, and takes more while pictures come quickly', () => {
    const budget = new DrawBudget(true);
    expect(budget.of(1_000_000)).toBe(DrawBudget.first);
    budget.note(budget.of(1_000_000), 10);
    expect(budget.of(1_000_000)).toBe(DrawBudget.first * 1.25);
  });
  it('never fewer than can be recognised, never more than there are', () => {
    const budget = new DrawBudget(true);
    for (let i = 0; i < 9; i++) budget.note(budget.of(1_000_000), 5000);
    expect(budget.of(1_000_000)).toBe(DrawBudget.least);
    expect(budget.of(300)).toBe(300);
  });
  it('a picture of few points says nothing of many', () => {
    const budget = new DrawBudget(true);
    budget.note(1000, 2);
    expect(budget.of(1_000_000)).toBe(DrawBudget.first);
  });
});

describe('the order of drawing', () => {
  it.each([1, 2, 7, 1000, 100_003])('of %i items holds each once', (count) => {
    expect([...spreadOrder(count)].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  });
  it('shows every class early, whether the classes come in turn or one after the other', () => {
    const count = 1_000_000;
    const first = spreadOrder(count).subarray(0, 20_000);
    for (const classOf of [(i: number) => i % 8, (i: number) => Math.floor((i * 8) / count)]) {
      const seen = new Array<number>(8).fill(0);
      for (const item of first) seen[classOf(item)]++;
      expect(Math.min(...seen)).toBeGreaterThan(2000);
      expect(Math.max(...seen)).toBeLessThan(3000);
    }
  });
});
