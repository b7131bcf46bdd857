import { expect, test } from 'vitest';
import type { MapFrame } from '../../../electron/contract/index.ts';
import { nextCompared } from './compare.ts';
import { findItems, shortName } from './find-items.ts';
import { FrameCache } from './frame-cache.ts';
import { orderItems } from './item-order.ts';
import { latestWins } from './latest-wins.ts';
import { legendRows, toggledClass } from './legend.ts';

const all = [0, 1, 2];

test('a click isolates a class, a second click shows all again', () => {
  const only = toggledClass(null, 1, false, all);
  expect([...only!]).toEqual([1]);
  expect(toggledClass(only, 1, false, all)).toBe(null);
  expect([...toggledClass(only, 2, false, all)!]).toEqual([2]);
});

test('shift adds and takes away; all or none is no filter', () => {
  const two = toggledClass(new Set([1]), 2, true, all);
  expect([...two!]).toEqual([1, 2]);
  expect([...toggledClass(two, 1, true, all)!]).toEqual([2]);
  expect(toggledClass(two, 0, true, all)).toBe(null);
  expect(toggledClass(new Set([1]), 1, true, all)).toBe(null);
});

test('the legend counts, leaves empty classes out and puts items without class last', () => {
  expect(legendRows(['a', 'b', 'c'], Int32Array.of(0, 2, 2, -1, 9))).toEqual([
    { label: 0, name: 'a', count: 1 },
    { label: 2, name: 'c', count: 2 },
    { label: -1, name: 'No class', count: 2 },
  ]);
  expect(legendRows([], Int32Array.of(-1, -1))).toEqual([{ label: -1, name: 'All items', count: 2 }]);
});

test('items are found by every word of the query, beginnings first', () => {
  const names = ['noto/red-cat.png', 'noto/cat face.png', 'twemoji/dog face.svg'];
  expect(findItems(names, 'cat', 5)).toEqual([1, 0]);
  expect(findItems(names, 'FACE noto', 5)).toEqual([1]);
  expect(findItems(names, '  ', 5)).toEqual([]);
  expect(findItems(names, 'face', 5, (item) => item !== 1)).toEqual([2]);
  expect(names.map(shortName)).toEqual(['red-cat', 'cat face', 'dog face']);
});

test('the table sorts by name as people do, by class, and by value with unknown values last', () => {
  const names = ['item 10', 'item 9', 'item 1'];
  const labels = Int32Array.of(1, 0, 0);
  expect(orderItems([0, 1, 2], 'name', false, names, labels, null)).toEqual([2, 1, 0]);
  expect(orderItems([0, 1, 2], 'class', true, names, labels, null)).toEqual([0, 1, 2]);
  const values = Float32Array.of(NaN, 2, 1);
  expect(orderItems([0, 1, 2], 'kl', false, names, labels, values)).toEqual([2, 1, 0]);
  expect(orderItems([0, 1, 2], 'kl', true, names, labels, values)).toEqual([1, 2, 0]);
});

test('X goes round original, result and difference', () => {
  expect([nextCompared('original'), nextCompared('result'), nextCompared('difference')]).toEqual(['result', 'difference', 'original']);
});

test('of many wishes one is under way, the newest is next, the rest are dropped', async () => {
  const asked: number[] = [];
  const answered: number[] = [];
  const finish: (() => void)[] = [];
  const probe = latestWins<number, number>(
    (input) => new Promise((resolve) => (asked.push(input), finish.push(() => resolve(input)))),
    (output) => answered.push(output),
    () => undefined,
  );
  for (const wish of [1, 2, 3, 4]) probe.ask(wish);
  expect(asked).toEqual([1]);
  finish[0]();
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(asked).toEqual([1, 4]);
  probe.cancel();
  finish[1]();
  await new Promise((resolve) => setTimeout(resolve));
  expect(answered).toEqual([1]);
});

test('a failed wish is told and does not block the next', async () => {
  const failures: unknown[] = [];
  const answers: string[] = [];
  const probe = latestWins<string, string>(
    async (input) => {
      if (input === 'bad') throw new Error('no');
      return input;
    },
    (output) => answers.push(output),
    (error) => failures.push(error),
  );
  probe.ask('bad');
  probe.ask('good');
  await new Promise((resolve) => setTimeout(resolve));
  expect(failures).toHaveLength(1);
  expect(answers).toEqual(['good']);
});

const frame = (step: number): MapFrame => ({ step, positions: new Float32Array(30), metrics: { kl: new Float32Array(10) }, explained: [0, 0, 0] });

test('frames are loaded once, and the oldest go when room is short', async () => {
  const loaded: number[] = [];
  const cache = new FrameCache(async (step) => (loaded.push(step), frame(step)), 340);
  await Promise.all([cache.get(1), cache.get(1)]);
  await cache.get(2);
  expect(loaded).toEqual([1, 2]);
  await cache.get(1);
  await cache.get(3);
  expect(cache.peek(2)).toBeUndefined();
  expect(cache.peek(1)?.step).toBe(1);
  expect(cache.bytes).toBe(320);
  cache.drop(1);
  expect(cache.bytes).toBe(160);
});

test('a frame that could not be loaded can be asked for again', async () => {
  let tries = 0;
  const cache = new FrameCache(async (step) => {
    if (tries++ === 0) throw new Error('gone');
    return frame(step);
  });
  await expect(cache.get(7)).rejects.toThrow('gone');
  expect((await cache.get(7)).step).toBe(7);
});
