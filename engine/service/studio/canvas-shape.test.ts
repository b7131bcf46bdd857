import { mostSurprising } from './recover.ts';
import { expect, test } from 'vitest';
import { gridsOf } from '../../models/grids.ts';
import { canvasShape, checkCodes, windowsOf } from './canvas-shape.ts';

const one = gridsOf({ height: 4, width: 4, codes: 8 });
const two = gridsOf({
  height: 1, width: 20, codes: 12,
  grids: [{ name: 'top', height: 2, width: 2, codes: 4, first: 0 }, { name: 'bottom', height: 4, width: 4, codes: 8, first: 4 }],
});

test('a canvas grows all grids alike, one after another in its list', () => {
  const shape = canvasShape(two, 3, 5);
  expect(shape.cells).toBe(15 + 60);
  expect(shape.grids.map(({ name, at, height, width }) => [name, at, height, width])).toEqual([['top', 0, 3, 5], ['bottom', 15, 6, 10]]);
});

test('codes must fill the canvas and be of their grid', () => {
  const shape = canvasShape(two);
  const codes = [...Array<number>(4).fill(3), ...Array<number>(16).fill(4)];
  checkCodes(shape, codes);
  expect(() => checkCodes(shape, codes.slice(1))).toThrow(/19 codes were given/);
  expect(() => checkCodes(shape, [4, ...codes.slice(1)])).toThrow(/4 is no code of cell 0, 0 of the grid "top"/);
  expect(() => checkCodes(shape, codes.map((code, i) => (i === 9 ? Number.NaN : code)))).toThrow(/NaN is no code/);
});

test('a canvas of the size of a picture has one window, which is itself', () => {
  const [window, ...more] = windowsOf(two, canvasShape(two));
  expect(more).toEqual([]);
  expect([...window.cells]).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

test('windows overlap by half, end at the border and cover every cell', () => {
  const canvas = canvasShape(one, 4, 7);
  const windows = windowsOf(one, canvas);
  expect(windows.map(({ left }) => left)).toEqual([0, 2, 3]);
  expect([...windows[1].cells.subarray(0, 8)]).toEqual([2, 3, 4, 5, 9, 10, 11, 12]);
  expect(new Set(windows.flatMap(({ cells }) => [...cells])).size).toBe(28);
  const covered = new Set(windowsOf(two, canvasShape(two, 3, 4)).flatMap(({ cells }) => [...cells]));
  expect(covered.size).toBe(canvasShape(two, 3, 4).cells);
});

test('canvases that are too small for the prior or too large to hold are refused', () => {
  expect(() => windowsOf(one, canvasShape(one, 3, 4))).toThrow(/smaller than the 4 by 4/);
  expect(() => canvasShape(one, 256, 257)).toThrow(/65536 can be held/);
});

test('the most surprising share of each grid, at least one cell', () => {
  const grid = (at: number, cells: number) => ({ at, cells }) as never;
  const bits = Float32Array.of(1, 5, 2, 0, 9, 8, 7, 1);
  expect([...mostSurprising({ cells: 8, grids: [grid(0, 4), grid(4, 4)] }, bits, 0.5)]).toEqual([0, 1, 1, 0, 1, 1, 0, 0]);
  expect([...mostSurprising({ cells: 8, grids: [grid(0, 4), grid(4, 4)] }, bits, 0.01)]).toEqual([0, 1, 0, 0, 1, 0, 0, 0]);
});
