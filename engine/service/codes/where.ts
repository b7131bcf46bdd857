import { AtelierError } from '../../core/errors.ts';
import type { PlacedGrid } from '../../models/grids.ts';
import { cellsOf } from './picture-source.ts';

export interface Where {
  /** In cells of `grid`. */
  region?: { x: number; y: number; width: number; height: number };
  /** Of the cells of `grid`, or of all grids one after another; 1 for meant. */
  mask?: readonly (0 | 1)[];
  /** The one grid that is meant; unset: places of the finest, and what lies under them in all others. */
  grid?: string;
}

/** @throws AtelierError 'bad-input' naming the grids there are */
export function gridNamed(grids: readonly PlacedGrid[], name: string): PlacedGrid {
  const grid = grids.find((g) => g.name === name);
  if (grid) return grid;
  throw new AtelierError('bad-input', `There is no grid of codes called "${name}".`, `Grids: ${grids.map((g) => g.name).join(', ')}.`);
}

/**
 * Which cells of a picture's codes are meant, `[cells]`, 1 for meant.
 * @throws AtelierError 'bad-input' for both or neither of region and mask, a mask of another size, a region outside
 */
export function maskOf({ region, mask, grid: name }: Where, grids: readonly PlacedGrid[]): Uint8Array {
  if ((mask === undefined) === (region === undefined)) throw new AtelierError('bad-input', 'It must be said where codes are meant.', 'Give either a region or a mask.');
  const cells = cellsOf(grids);
  const grid = name === undefined ? grids[grids.length - 1] : gridNamed(grids, name);
  const { height, width } = grid;
  if (mask && name === undefined && mask.length === cells) return Uint8Array.from(mask);
  let marked: (y: number, x: number) => boolean;
  if (mask) {
    if (mask.length !== grid.cells) throw new AtelierError('bad-input', `The mask has ${mask.length} cells; the grid ${grid.name} has ${grid.cells}, ${width} by ${height}.`, 'Give a mask of the size of the grid.');
    marked = (y, x) => mask[y * width + x] === 1;
  } else {
    const { x, y, width: w, height: h } = region!;
    if (x + w > width || y + h > height) throw new AtelierError('bad-input', `The region ${x},${y},${w},${h} reaches beyond the grid of ${width} by ${height} codes.`, 'Name columns and rows within the grid, counting from 0.');
    marked = (row, column) => column >= x && column < x + w && row >= y && row < y + h;
  }
  const out = new Uint8Array(cells);
  for (const other of name === undefined ? grids : [grid]) {
    // A coarser cell is meant when any of the cells it lies over is.
    const [down, across] = [height / other.height, width / other.width];
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (marked(y, x)) out[other.at + Math.floor(y / down) * other.width + Math.floor(x / across)] = 1;
  }
  return out;
}
