import { expect, test } from 'vitest';
import { layoutLabels, type LabelRequest } from './label-layout.ts';

const label = (id: number, x: number, y: number, weight = 1): LabelRequest => ({ id, text: `label ${id}`, x, y, width: 80, height: 20, weight });

test('labels apart stay on their places', () => {
  expect(layoutLabels([label(0, 100, 100), label(1, 300, 100)], 600, 400)).toEqual([
    { id: 0, text: 'label 0', x: 100, y: 100 },
    { id: 1, text: 'label 1', x: 300, y: 100 },
  ]);
});

test('the heavier label keeps its place, the other gives way, and none overlap or leave the picture', () => {
  const placed = layoutLabels(Array.from({ length: 30 }, (_, i) => label(i, 300 + (i % 5) * 9, 200 + i * 3, i)), 600, 400);
  expect(placed[0]).toMatchObject({ id: 29, x: 336, y: 287 });
  expect(placed.length).toBeGreaterThan(3);
  for (const a of placed) {
    expect(a.x - 40).toBeGreaterThanOrEqual(0);
    expect(a.y + 10).toBeLessThanOrEqual(400);
    expect(placed.every((b) => a === b || Math.abs(a.x - b.x) >= 80 || Math.abs(a.y - b.y) >= 20)).toBe(true);
  }
});

test('a label outside the picture is left out', () => {
  expect(layoutLabels([label(0, -200, 50)], 600, 400)).toEqual([]);
});

test('a label gives way to what must stay in sight', () => {
  const [placed] = layoutLabels([label(0, 300, 200)], 600, 400, 4, [{ x0: 280, y0: 180, x1: 320, y1: 220 }]);
  expect(Math.abs(placed.y - 200) >= 30 || Math.abs(placed.x - 300) >= 60).toBe(true);
});
