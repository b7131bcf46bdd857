import { rng } from '../core/rng.ts';
import type { SourceItem, SplitName } from './source.ts';

/**
 * Deals items to training, validation and test, 80:10:10, the same for the same seed, in proportion within every class.
 * Groups stay together. Where a source brings its own test items, the others are dealt 90:10 to training and validation;
 * where it brings both, nothing is dealt.
 * @returns the split of each item
 */
export function dealSplits(items: readonly SourceItem[], seed: number): SplitName[] {
  const fixed = new Set(items.map((item) => item.split).filter((s) => s !== undefined));
  const out = items.map((item): SplitName => item.split ?? 'train');
  const wanted = (['validation', 'test'] as const).filter((s) => !fixed.has(s));
  if (wanted.length === 0) return out;

  const groups = new Map<string, number[]>();
  items.forEach((item, i) => {
    if (item.split !== undefined && item.split !== 'train') return;
    const key = item.group ?? `#${i}`;
    const members = groups.get(key);
    if (members) members.push(i);
    else groups.set(key, [i]);
  });
  const order = rng(seed, 'split').shuffle([...groups.values()].map((_, g) => g));
  const members = [...groups.values()];
  order.sort((a, b) => items[members[a][0]].label - items[members[b][0]].label); // stable: still shuffled within a class
  const hold = (g: number, split: SplitName): void => members[g].forEach((i) => (out[i] = split));
  if (order.length >= 10) {
    order.forEach((g, at) => {
      const place = at % 10;
      if (place === 3 && wanted.includes('validation')) hold(g, 'validation');
      if (place === 7 && wanted.includes('test')) hold(g, 'test');
    });
  } else {
    // Very few: one group each, as long as one is left to train on.
    wanted.slice(0, order.length - 1).forEach((split, at) => hold(order[at], split));
  }
  return out;
}

/** Item indices per split, ascending. */
export function splitIndices(splits: readonly SplitName[]): Record<SplitName, Int32Array> {
  const pick = (name: SplitName): Int32Array => Int32Array.from(splits.flatMap((s, i) => (s === name ? [i] : [])));
  return { train: pick('train'), validation: pick('validation'), test: pick('test') };
}
