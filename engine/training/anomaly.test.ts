import { expect, test } from 'vitest';
import type { ImageSet } from '../core/image-set.ts';
import { findAnomalies } from './anomaly.ts';
import type { Trained } from './types.ts';

/** 40 items of which each fourth is of class "odd"; item i scores i (odd ones 100 more). Validation 0-19, test 20-39. */
function set(options: { unlabelled?: number[]; name?: string } = {}): ImageSet {
  const part = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  return {
    name: options.name ?? 'Set', count: 40, classes: options.name ? ['odd', 'third'] : ['plain', 'odd'],
    labels: Int32Array.from({ length: 40 }, (_, i) => (options.unlabelled?.includes(i) ? -1 : i % 4 === 3 ? 1 : 0)),
    itemName: (i: number) => `item ${i}`,
    split: { train: new Int32Array(), validation: part(0, 20), test: part(20, 40) },
  } as unknown as ImageSet;
}
const seen: Set<number>[] = [];
const trained = (metric = 'elboNats', extra = 0): Trained =>
  ({
    info: { name: 'Model' },
    embed: async (images: ImageSet, items: Int32Array) => (seen.push(new Set(images.labels)), { metrics: { [metric]: Float32Array.from(items, (i) => -(i + (i % 4 === 3 ? 100 : 0) + (images.name === 'Others' ? 1000 : 0) + extra)) } }),
  }) as unknown as Trained;

test('the threshold comes from held-out normal items; the strangest come first; rates and AUROC follow the labels', async () => {
  const found = await findAnomalies(trained(), set(), { falsePositives: 0.2, anomalousClasses: ['odd'] });
  // normal validation items 0 1 2 4 ... 18: 15 of them, 3 may lie above
  expect(found).toMatchObject({ threshold: 14, thresholdItems: 15, auroc: 1, found: 1, measuredFalsePositives: 1, score: { kind: 'bound', unit: 'nats' } });
  expect(found.items.slice(0, 2).map((i) => [i.name, i.score, i.label, i.flagged, i.anomalous])).toEqual([['item 39', 139, 'odd', true, true], ['item 35', 135, 'odd', true, true]]);
  expect(found.items).toHaveLength(20);
  expect(found.notes).toEqual([]);
});

test('without labels or a second set nothing is claimed to be known', async () => {
  const found = await findAnomalies(trained(), set(), { falsePositives: 0.05 });
  expect(found).toMatchObject({ auroc: null, found: null, thresholdItems: 20 });
  expect(found.items.every((i) => i.anomalous === null)).toBe(true);
});

test('a second set is all anomalies', async () => {
  const found = await findAnomalies(trained(), set(), { falsePositives: 0, strangers: set({ name: 'Others' }), limit: 10 });
  expect(found).toMatchObject({ auroc: 1, found: 1 });
  expect(found.items).toHaveLength(20);
  expect(found.items[0]).toMatchObject({ stranger: true, anomalous: true });
  expect(seen.at(-1)).toEqual(new Set([1, -1])); // "odd" is the second class of the run's data, "third" none of it
});

test('items without a label are listed but count for no rate', async () => {
  const found = await findAnomalies(trained(), set({ unlabelled: [39, 20] }), { falsePositives: 0.2, anomalousClasses: ['odd'] });
  expect(found.items[0]).toMatchObject({ name: 'item 39', label: null, anomalous: null });
  expect(found.notes.join()).toContain('2 items without a label');
  expect(found.auroc).toBe(1);
});

test('having been trained on the anomalies is said', async () => {
  const images = { ...set(), split: { ...set().split, train: Int32Array.of(3) } };
  expect((await findAnomalies(trained(), images, { falsePositives: 0.1, anomalousClasses: ['odd'] })).notes.join()).toContain('trained on pictures of these classes too');
});

test('models without a bound are scored by reconstruction; what is not there is refused', async () => {
  expect((await findAnomalies(trained('psnrDb'), set(), { falsePositives: 0.1 })).score).toMatchObject({ kind: 'reconstruction', unit: 'dB' });
  await expect(findAnomalies(trained('psnrDb'), set(), { falsePositives: 0.1, score: 'bound' })).rejects.toMatchObject({ code: 'bad-input' });
  await expect(findAnomalies(trained(), set(), { falsePositives: 0.1, anomalousClasses: ['seventh'] })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining("'seventh'"), remedy: expect.stringContaining('plain, odd') });
  await expect(findAnomalies(trained(), set(), { falsePositives: 0.1, anomalousClasses: ['plain', 'odd'] })).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('no held-out normal') });
});
