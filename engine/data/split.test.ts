import { expect, test } from 'vitest';
import { countClasses, warningsFor } from './report.ts';
import type { SourceItem, SplitName } from './source.ts';
import { dealSplits } from './split.ts';

const items = (n: number, make: (i: number) => Partial<SourceItem> = () => ({})): SourceItem[] => Array.from({ length: n }, (_, i) => ({ name: String(i), label: -1, ...make(i) }));
const tally = (splits: SplitName[]): number[] => (['train', 'validation', 'test'] as const).map((s) => splits.filter((x) => x === s).length);

test('80, 10, 10, the same for the same seed, another for another', () => {
  const a = dealSplits(items(1000), 1);
  expect(tally(a)).toEqual([800, 100, 100]);
  expect(dealSplits(items(1000), 1)).toEqual(a);
  expect(dealSplits(items(1000), 2)).not.toEqual(a);
});

test('every class has its share', () => {
  const splits = dealSplits(items(1000, (i) => ({ label: i % 2 ? 0 : 1 + (i % 10) / 2 })), 3);
  const of = (label: number): number[] => tally(splits.filter((_, i) => (i % 2 ? 0 : 1 + (i % 10) / 2) === label));
  expect(of(0)).toEqual([400, 50, 50]);
  for (const label of [1, 2, 3, 4, 5]) expect(of(label)).toEqual([80, 10, 10]);
});

test('groups stay together', () => {
  const list = items(300, (i) => ({ group: `g${i % 100}` }));
  const splits = dealSplits(list, 0);
  for (let g = 0; g < 100; g++) expect(new Set([splits[g], splits[g + 100], splits[g + 200]]).size).toBe(1);
  expect(tally(splits)).toEqual([240, 30, 30]);
});

test("a source's own test items stay held out; only the rest is dealt", () => {
  const splits = dealSplits(items(110, (i) => ({ split: i >= 100 ? 'test' : undefined })), 0);
  expect(splits.slice(100)).toEqual(new Array(10).fill('test'));
  expect(tally(splits)).toEqual([90, 10, 10]);
});

test('few items: training always has one', () => {
  expect(tally(dealSplits(items(1), 0))).toEqual([1, 0, 0]);
  expect(tally(dealSplits(items(2), 0))).toEqual([1, 1, 0]);
  expect(tally(dealSplits(items(5), 0))).toEqual([3, 1, 1]);
  expect(tally(dealSplits(items(9, () => ({ group: 'one' })), 0))).toEqual([9, 0, 0]);
});

test('what to watch for is said in sentences', () => {
  const facts = { count: 500, classes: [], enlarged: 0, skipped: 0, size: 64 };
  expect(warningsFor(facts)).toEqual([]);
  expect(warningsFor({ ...facts, count: 7 })[0]).toMatch(/Only 7 pictures/);
  expect(warningsFor({ ...facts, classes: [{ name: 'cat', count: 500 }] })[0]).toMatch(/one class, "cat"/);
  expect(warningsFor({ ...facts, classes: [{ name: 'cat', count: 480 }, { name: 'dog', count: 20 }] })[0]).toMatch(/"cat" has 480 pictures, "dog" 20/);
  expect(warningsFor({ ...facts, enlarged: 3, skipped: 1 })).toEqual([expect.stringMatching(/3 pictures of 500 are smaller than 64/), expect.stringMatching(/1 file could not be read and was left out/)]);
  expect(countClasses(['a', 'b'], [0, -1, 0])).toEqual([{ name: 'a', count: 2 }, { name: 'b', count: 0 }]);
});
