import { project, type ScreenPoint, type ViewProjection } from '../camera/view-projection.ts';
import type { CellGrid } from './cell-grid.ts';
import type { Cloud } from './cloud.ts';
import { presence } from '../color/point-colors.ts';

/** Thumbnails smaller than this are left to their points; from the second size on they are fully there. In pixels. */
export const fadePx = { from: 15, to: 19 } as const;
export const largestPx = 84;
/** Free room around each, in pixels. */
const airPx = 5;

export interface Placed {
  item: number;
  /** Side in pixels. */
  px: number;
  /** 0 to 1, by nearness. */
  strength: number;
  /** Asked for by name. */
  always: boolean;
  depth: number;
}

/** Side in pixels of a thumbnail at a depth. @param side in map units */
export const thumbnailPx = (side: number, pixelsPerUnit: number, depth: number): number => Math.min(largestPx, (side * pixelsPerUnit) / depth);

const cellPx = 8;

/**
 * Chooses the thumbnails to show: those near the camera, nearest first, so that they hardly cover each other. Items that were
 * shown keep their place unless something clearly nearer wants it (`preference`).
 * @param grid null: only what is shown in any case
 * @param side of a thumbnail in map units
 * @param must items shown in any case (selected, hovered)
 * @param preference factor on the depth by which an item is ranked
 * @param colors [N, 4] bytes; dimmed and hidden items get none
 */
export function chooseThumbnails(
  view: ViewProjection, cloud: Cloud, grid: CellGrid | null, side: number, limit: number,
  must: readonly number[], preference: ReadonlyMap<number, number>, colors: Uint8Array | null,
): Placed[] {
  const found: { item: number; depth: number; x: number; y: number; rank: number }[] = [];
  const farthest = (side * view.pixelsPerUnit) / fadePx.from;
  const forced = new Set(must);
  grid?.near(view, farthest, limit * 12, (item, at) => {
    if (forced.has(item) || (colors && colors[item * 4 + 3] <= presence.dimmed)) return;
    found.push({ item, depth: at.depth, x: at.x, y: at.y, rank: at.depth * (preference.get(item) ?? 1) });
  });
  found.sort((a, b) => a.rank - b.rank);

  const columns = Math.ceil(view.width / cellPx) + 1;
  const rows = Math.ceil(view.height / cellPx) + 1;
  const taken = new Uint8Array(columns * rows);
  const placed: Placed[] = [];
  const place = (item: number, x: number, y: number, depth: number, always: boolean): void => {
    const natural = thumbnailPx(side, view.pixelsPerUnit, depth);
    const px = always ? Math.max(34, natural) : natural;
    const half = px / 2 + airPx;
    const x0 = Math.max(0, Math.floor((x - half) / cellPx));
    const x1 = Math.min(columns - 1, Math.floor((x + half) / cellPx));
    const y0 = Math.max(0, Math.floor((y - half) / cellPx));
    const y1 = Math.min(rows - 1, Math.floor((y + half) / cellPx));
    if (!always) {
      let covered = 0;
      for (let r = y0; r <= y1; r++) for (let c = x0; c <= x1; c++) covered += taken[r * columns + c];
      if (covered > 0.08 * (x1 - x0 + 1) * (y1 - y0 + 1)) return;
    }
    for (let r = y0; r <= y1; r++) taken.fill(1, r * columns + x0, r * columns + x1 + 1);
    const strength = always ? 1 : Math.min(1, (natural - fadePx.from) / (fadePx.to - fadePx.from));
    placed.push({ item, px, strength, depth, always });
  };

  const at: ScreenPoint = { x: 0, y: 0, depth: 0 };
  const here: [number, number, number] = [0, 0, 0];
  for (const item of must) {
    if (item < 0 || item >= cloud.count) continue;
    cloud.at(item, here);
    project(view, here[0], here[1], here[2], at);
    if (at.depth > view.near) place(item, at.x, at.y, at.depth, true);
  }
  for (const { item, x, y, depth } of found) {
    if (placed.length >= limit) break;
    place(item, x, y, depth, false);
  }
  return placed;
}
