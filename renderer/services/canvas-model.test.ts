import { expect, test } from 'vitest';
import { brushCells, copyRegion, edit, extend, flatten, floodCells, freshCanvas, History, lineCells, paste, placedCells, regionBetween, regionCells } from './canvas-model.ts';

const one = [{ name: 'codes', scale: 1, first: 0, codes: 9, alphabets: 1 }];
const two = [{ name: 'top', scale: 1, first: 0, codes: 4, alphabets: 1 }, { name: 'bottom', scale: 2, first: 4, codes: 4, alphabets: 1 }];
const canvas = () => freshCanvas(2, 3, Int32Array.of(1, 2, 3, 4, 5, 6));

test('edits lie above the base, in the layer that is active, and a layer that is hidden does not count', () => {
  const painted = edit(canvas(), [[0, 8], [5, 7]]);
  expect([...flatten(painted)]).toEqual([8, 2, 3, 4, 5, 7]);
  const above = edit({ ...painted, layers: [...painted.layers, { name: 'Layer 2', visible: true, edits: new Map() }], active: 1 }, [[0, 3]]);
  expect([...flatten(above)]).toEqual([3, 2, 3, 4, 5, 7]);
  expect([...flatten({ ...above, layers: [{ ...above.layers[0], visible: false }, above.layers[1]] })]).toEqual([3, 2, 3, 4, 5, 6]);
});

test('painting what is there already changes nothing; painting the base back over an edit does', () => {
  const state = canvas();
  expect(edit(state, [[2, 3]])).toBe(state);
  const painted = edit(state, [[2, 8]]);
  expect([...flatten(edit(painted, [[2, 3]]))]).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a brush is round, stays on the grid, and a stroke has no gaps', () => {
  const [grid] = placedCells(one, { rows: 3, columns: 4 });
  expect(brushCells(grid, 1, 1, 0.5)).toEqual([5]);
  expect(brushCells(grid, 0, 0, 1)).toEqual([0, 1, 4]);
  expect(lineCells({ x: 0, y: 0 }, { x: 3, y: 1 })).toEqual([{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 2, y: 1 }, { x: 3, y: 1 }]);
});

test('a region is copied, pasted elsewhere and cut at the border', () => {
  const grids = placedCells(one, canvas());
  const region = regionBetween(grids[0], { x: 2, y: 1 }, { x: 1, y: 0 });
  expect(region).toEqual({ x: 1, y: 0, width: 2, height: 2 });
  expect(regionCells(grids[0], region)).toEqual([1, 2, 4, 5]);
  const clip = copyRegion(canvas(), grids, 0, region);
  expect([...flatten(paste(canvas(), grids, clip, 0, 0))]).toEqual([2, 3, 3, 5, 6, 6]);
  expect([...flatten(paste(canvas(), grids, clip, 2, 1))]).toEqual([1, 2, 3, 4, 5, 2]);
});

test('a fill follows what hangs together edge to edge', () => {
  const [grid] = placedCells(one, { rows: 3, columns: 3 });
  expect(floodCells([1, 1, 2, 2, 1, 2, 1, 2, 1], grid, 0, 0)).toEqual([0, 1, 4]);
});

test('extending keeps all grids in place, repeats the edge and marks what is new', () => {
  const base = Int32Array.of(0, 1, 4, 5, 6, 7, 4, 5, 6, 7);
  const painted = edit(freshCanvas(1, 2, base), [[1, 3]]);
  const { state, mask } = extend(painted, two, { top: 0, right: 1, bottom: 0, left: 1 });
  expect([state.rows, state.columns]).toEqual([1, 4]);
  expect([...flatten(state).subarray(0, 4)]).toEqual([0, 0, 3, 1]);
  expect([...flatten(state).subarray(4, 12)]).toEqual([4, 4, 4, 5, 6, 7, 7, 7]);
  expect([...mask.subarray(0, 12)]).toEqual([1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1]);
});

test('with several alphabets new columns take codes of their own', () => {
  const pairs = [{ name: 'codes', scale: 1, first: 0, codes: 4, alphabets: 2 }];
  const { state } = extend(freshCanvas(1, 4, Int32Array.of(0, 2, 1, 3)), pairs, { top: 0, right: 2, bottom: 0, left: 2 });
  expect([...state.base]).toEqual([0, 2, 0, 2, 1, 3, 1, 3]);
});

test('a stroke is one step of undo, and a new step forgets what was undone', () => {
  const history = new History('a');
  history.push('b');
  history.push('c', true);
  history.push('c');
  expect(history.present).toBe('c');
  history.undo();
  expect([history.present, history.canUndo, history.canRedo]).toEqual(['a', false, true]);
  history.redo();
  history.push('d');
  history.redo();
  expect([history.present, history.canRedo]).toEqual(['d', false]);
});
