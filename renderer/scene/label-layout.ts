/** A name on the map, before it is known where there is room for it. */
export interface LabelRequest {
  id: number;
  text: string;
  /** Middle of what it names, pixels from the top left. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Larger goes first. */
  weight: number;
}

export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export interface PlacedLabel {
  id: number;
  text: string;
  /** Middle of the label. */
  x: number;
  y: number;
}

/** Where a label may go: on its place, then above, below and beside it; in units of its own size. */
const offsets = [[0, 0], [0, -1.1], [0, 1.1], [0.62, -0.6], [-0.62, -0.6], [0.62, 0.6], [-0.62, 0.6], [0, -2.2], [0, 2.2]] as const;

/**
 * Places labels so that none overlaps another or leaves the picture; those without room are left out.
 * @param gap free pixels around each
 * @param obstacles boxes that no label may cover
 */
export function layoutLabels(requests: readonly LabelRequest[], width: number, height: number, gap = 4, obstacles: readonly Box[] = []): PlacedLabel[] {
  const boxes = [...obstacles];
  const placed: PlacedLabel[] = [];
  for (const label of [...requests].sort((a, b) => b.weight - a.weight || a.id - b.id)) {
    for (const [ox, oy] of offsets) {
      const x = label.x + ox * label.width;
      const y = label.y + oy * label.height;
      const box = { x0: x - label.width / 2 - gap, y0: y - label.height / 2 - gap, x1: x + label.width / 2 + gap, y1: y + label.height / 2 + gap };
      if (box.x0 < 0 || box.y0 < 0 || box.x1 > width || box.y1 > height) continue;
      if (boxes.some((b) => box.x0 < b.x1 && box.x1 > b.x0 && box.y0 < b.y1 && box.y1 > b.y0)) continue;
      boxes.push(box);
      placed.push({ id: label.id, text: label.text, x, y });
      break;
    }
  }
  return placed;
}
