import { expect, test } from 'vitest';
import { lookAlikes, mutuallyNearest } from './look-alikes.ts';
import { rectangles } from './memory-set.fixture.ts';

test('two rows are a pair where each is the nearest of the other', () => {
  const unit = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const a = Float32Array.from([0, 90, 200].flatMap(unit));
  const b = Float32Array.from([95, 5].flatMap(unit));
  // 200 is nearest to 95, which is nearer to 90.
  expect(mutuallyNearest(a, b, 2)).toEqual([[0, 1], [1, 0]]);
  expect(mutuallyNearest(a, new Float32Array(0), 2)).toEqual([]);
});

test('the same pictures in other colours under other names find one another; every pair is of two classes', async () => {
  const base = rectangles({ count: 40, side: 16 });
  const images = {
    ...base,
    classes: ['plain', 'inverted'],
    labels: base.labels.map((_, i) => i % 2),
    split: { train: Int32Array.from({ length: 40 }, (_, i) => i), validation: new Int32Array(0), test: new Int32Array(0) },
    itemName: (i: number) => `nobody/${i}.png`,
    // Items 2n and 2n + 1 show the same; the second paler and yellower.
    async read(items: ArrayLike<number>) {
      const pixels = Float32Array.from(await base.read(Int32Array.from(items, (i) => i & ~1)));
      const size = pixels.length / items.length;
      for (let n = 0; n < items.length; n++) if (items[n] % 2) for (let k = 0; k < size; k++) pixels[n * size + k] = 0.3 + 0.5 * pixels[n * size + k] - (k % base.channels === 2 ? 0.2 : 0);
      return pixels;
    },
  };
  const found = await lookAlikes(images, 1);
  expect(found.size).toBeGreaterThan(30);
  for (const [item, others] of found) expect(others, `of ${item}`).toEqual([item ^ 1]);
});
