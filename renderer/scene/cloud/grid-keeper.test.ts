import { expect, test } from 'vitest';
import { homePose } from '../camera/pose.ts';
import { viewProjection } from '../camera/view-projection.ts';
import { CellGrid, sortIntoCells, type CellSort } from './cell-grid.ts';
import { GridKeeper, sortedHere, type SortWorker } from './grid-keeper.ts';
import { itemSize } from './point-size.ts';

const spiral = (count: number, turn = 1): Float32Array => Float32Array.from({ length: count * 3 }, (_, i) => Math.sin(i * 12.9898 * turn) * 0.8);

/** A worker that answers when it is told to. */
class Bench implements SortWorker {
  onmessage: ((event: { data: CellSort }) => void) | null = null;
  readonly asked: Float32Array[] = [];
  ended = false;
  postMessage(positions: Float32Array): void {
    this.asked.push(positions);
  }
  answer(): void {
    this.onmessage!({ data: sortIntoCells(this.asked.at(-1)!) });
  }
  terminate(): void {
    this.ended = true;
  }
}

test('few items are sorted at once, and once', () => {
  const keeper = new GridKeeper(() => {
    throw new Error('no worker is needed');
  });
  const positions = spiral(500);
  const grid = keeper.of(positions);
  expect(grid?.count).toBe(500);
  expect(keeper.of(positions)).toBe(grid);
});

test('many items are sorted by a worker; the grid answers as one that was made at once', () => {
  const bench = new Bench();
  const keeper = new GridKeeper(() => bench);
  let ready = 0;
  keeper.onReady = () => ready++;
  const positions = spiral(sortedHere + 1);
  expect(keeper.of(positions)).toBeNull();
  expect(keeper.of(positions)).toBeNull();
  expect(bench.asked).toHaveLength(1);
  bench.answer();
  expect(ready).toBe(1);
  const view = viewProjection(homePose(), 800, 600);
  const [grid, other] = [keeper.of(positions)!, new CellGrid(positions)];
  for (let k = 0; k < 50; k++) {
    const at = [(k * 97) % 800, (k * 61) % 600] as const;
    expect(grid.pick(view, ...at, itemSize(grid.count))).toBe(other.pick(view, ...at, itemSize(grid.count)));
  }
  keeper.dispose();
  expect(bench.ended).toBe(true);
});

test('of positions that follow each other quickly only the last are waited for', () => {
  const bench = new Bench();
  const keeper = new GridKeeper(() => bench);
  let ready = 0;
  keeper.onReady = () => ready++;
  const [a, b, c] = [1, 2, 3].map((turn) => spiral(sortedHere + 1, turn));
  keeper.of(a);
  keeper.of(b);
  expect(keeper.of(c)).toBeNull();
  expect(bench.asked).toEqual([a]);
  bench.answer();
  expect(ready).toBe(0);
  expect(bench.asked).toEqual([a, c]);
  bench.answer();
  expect(ready).toBe(1);
  expect(keeper.of(c)?.count).toBe(sortedHere + 1);
});

test('few items that come while many are being sorted are not put aside by them', () => {
  const bench = new Bench();
  const keeper = new GridKeeper(() => bench);
  keeper.of(spiral(sortedHere + 1));
  const few = spiral(9);
  const grid = keeper.of(few);
  bench.answer();
  expect(keeper.of(few)).toBe(grid);
  expect(bench.asked).toHaveLength(1);
});
