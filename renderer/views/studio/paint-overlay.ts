import type { PlacedCells, Region } from '../../services/canvas-model.ts';

interface Overlay {
  /** Of a cell of the grid, in CSS pixels. */
  side: number;
  grid: PlacedCells;
  grids: readonly PlacedCells[];
  marks: ReadonlySet<number>;
  region: Region | null;
  cursor: { x: number; y: number } | null;
  /** Of the brush, in cells. */
  radius: number;
}

/** Lines of the grid, marks, the region and the cursor over a picture. */
export function paintOverlay(canvas: HTMLCanvasElement, { side, grid, grids, marks, region, cursor, radius }: Overlay): void {
  const dpr = devicePixelRatio || 1;
  canvas.width = Math.round(grid.width * side * dpr);
  canvas.height = Math.round(grid.height * side * dpr);
  const style = getComputedStyle(canvas);
  const accent = style.color;
  const context = canvas.getContext('2d')!;
  context.scale(dpr, dpr);
  const [w, h] = [grid.width * side, grid.height * side];
  if (side >= 9) {
    context.lineWidth = 1 / dpr;
    context.strokeStyle = 'rgb(128 128 128 / 0.28)';
    context.beginPath();
    for (let x = 1; x < grid.width; x++) context.rect(x * side, 0, 0, h);
    for (let y = 1; y < grid.height; y++) context.rect(0, y * side, w, 0);
    context.stroke();
  }
  if (marks.size > 0) {
    context.fillStyle = accent;
    context.globalAlpha = 0.45;
    // Marks of the finest grid are the ones that show where pixels change.
    const finest = grids[grids.length - 1];
    const small = w / finest.width;
    for (const cell of marks) {
      const i = cell - finest.at;
      if (i >= 0 && i < finest.width * finest.height) context.fillRect((i % finest.width) * small, Math.floor(i / finest.width) * small, small, small);
    }
    context.globalAlpha = 1;
  }
  const frame = (x: number, y: number, width: number, height: number, dashed: boolean): void => {
    context.setLineDash(dashed ? [5, 4] : []);
    context.lineWidth = 3;
    context.strokeStyle = 'rgb(0 0 0 / 0.55)';
    context.strokeRect(x, y, width, height);
    context.lineWidth = 1.5;
    context.strokeStyle = '#fff';
    context.strokeRect(x, y, width, height);
  };
  if (region) frame(region.x * side, region.y * side, region.width * side, region.height * side, true);
  if (cursor) {
    const reach = Math.ceil(radius - 0.5);
    frame((cursor.x - reach) * side, (cursor.y - reach) * side, (2 * reach + 1) * side, (2 * reach + 1) * side, false);
  }
}
