import { expect, test } from 'vitest';
import { nameWithinClass, partnersOf } from './partners.ts';
import { rectangles } from './memory-set.fixture.ts';

const set = (names: string[], labels: number[], train = names.map((_, i) => i)) => ({
  ...rectangles({ count: names.length }), classes: ['a', 'b', 'c'], labels: Int32Array.from(labels), itemName: (i: number) => names[i],
  split: { train: Int32Array.from(train), validation: new Int32Array(), test: new Int32Array() },
});

test('names within a class: without folders of class and split, and without the ending', () => {
  const names = ['a/x/cat.png', 'train/b/cat.v2.webp', 'c/dog'];
  const images = set(names, [0, 1, 2]);
  expect(names.map((_, i) => nameWithinClass(images, i))).toEqual(['x/cat', 'cat.v2', 'dog']);
});

test('a partner is the same name in another class, of the training split alone; the same for the same step', () => {
  const images = set(['a/1.png', 'b/1.png', 'c/1.png', 'a/2.png', 'a/3.png', 'b/3.png'], [0, 1, 2, 0, 0, 1], [0, 1, 2, 3, 4]);
  const partners = partnersOf(images, 7);
  expect(partners.count).toBe(3);
  const seen = new Set<number>();
  for (let step = 0; step < 20; step++) {
    const [of0, of3, of4] = partners.draw(Int32Array.of(0, 3, 4), step);
    seen.add(of0);
    expect([of3, of4]).toEqual([3, 4]);
    expect(Array.from(partnersOf(images, 7).draw(Int32Array.of(0, 3, 4), step))).toEqual([of0, of3, of4]);
  }
  expect([...seen].sort()).toEqual([1, 2]);
});
