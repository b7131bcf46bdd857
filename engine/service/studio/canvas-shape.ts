import { AtelierError } from '../../core/errors.ts';
import type { PlacedGrid } from '../../models/grids.ts';

/** The grids of a canvas, which may be larger or smaller than those a model was trained on. */
export interface CanvasShape {
  /** Of the coarsest grid. */
  rows: number;
  columns: number;
  /** As many as the model's, in its order, placed in the canvas's own list of codes. */
  grids: PlacedGrid[];
  /** Codes in all. */
  cells: number;
}

/** More codes than this are refused: the decoder's memory grows with them. */
const MOST_CELLS = 65_536;

/**
 * @param own grids of the pictures that the model was trained on
 * @throws AtelierError 'bad-input' for a canvas that is too large, or of another width than alphabets allow
 */
export function canvasShape(own: readonly PlacedGrid[], rows: number = own[0].height, columns: number = own[0].width): CanvasShape {
  let at = 0;
  const grids = own.map((grid) => {
    const height = (grid.height / own[0].height) * rows;
    const width = (grid.width / own[0].width) * columns;
    if (width % grid.alphabets) throw new AtelierError('bad-input', `The model writes ${grid.alphabets} codes a cell; a canvas ${columns} codes wide would cut one in two.`, `Take a width that ${grid.alphabets} divides.`);
    const placed = { ...grid, height, width, at, cells: height * width };
    at += placed.cells;
    return placed;
  });
  if (at > MOST_CELLS) throw new AtelierError('bad-input', `A canvas of ${columns} by ${rows} has ${at} codes; ${MOST_CELLS} can be held.`, 'Take a smaller one.');
  return { rows, columns, grids, cells: at };
}

/** @throws AtelierError 'bad-input' for codes that do not fill the canvas or stand in the wrong grid */
export function checkCodes({ grids, cells, rows, columns }: CanvasShape, codes: ArrayLike<number>): void {
  if (codes.length !== cells) throw new AtelierError('bad-input', `${codes.length} codes were given; a canvas of ${columns} by ${rows} has ${cells}.`, 'Give the codes of all its grids.');
  for (const { name, at, cells: count, first, codes: k, alphabets, width } of grids) {
    const part = k / alphabets;
    for (let i = 0; i < count; i++) {
      const lowest = first + ((i % width) % alphabets) * part;
      const code = codes[at + i];
      if (!(code >= lowest && code < lowest + part)) {
        throw new AtelierError('bad-input', `${code} is no code of cell ${i % width}, ${Math.floor(i / width)} of the grid "${name}"; those go from ${lowest} to ${lowest + part - 1}.`, 'Take codes of the same grid.');
      }
    }
  }
}

/** A part of a canvas that is as large as the pictures a prior knows. */
export interface CanvasWindow {
  /** Its left upper corner, in cells of the coarsest grid. */
  top: number;
  left: number;
  /** Cell of the canvas that stands in each cell of the window's list of codes. */
  cells: Int32Array;
}

/**
 * Windows that overlap by half and together cover the canvas, in reading order, so that each sees what was drawn above and to the left.
 * @param own grids of one window
 * @throws AtelierError 'bad-input' for a canvas smaller than a window
 */
export function windowsOf(own: readonly PlacedGrid[], canvas: CanvasShape): CanvasWindow[] {
  const { height, width } = own[0];
  if (canvas.rows < height || canvas.columns < width) {
    throw new AtelierError('bad-input', `The canvas of ${canvas.columns} by ${canvas.rows} is smaller than the ${width} by ${height} codes that the prior knows.`, 'Take a larger canvas.');
  }
  const total = own.reduce((sum, grid) => sum + grid.cells, 0);
  return starts(canvas.rows, height, 1).flatMap((top) =>
    starts(canvas.columns, width, own[0].alphabets).map((left) => {
      const cells = new Int32Array(total);
      own.forEach((grid, level) => {
        const big = canvas.grids[level];
        const down = (grid.height / height) * top;
        const right = (grid.width / width) * left;
        for (let i = 0; i < grid.cells; i++) {
          cells[grid.at + i] = big.at + (down + Math.floor(i / grid.width)) * big.width + right + (i % grid.width);
        }
      });
      return { top, left, cells };
    }),
  );
}

/** Where windows begin along one axis; multiples of `unit`. */
function starts(length: number, window: number, unit: number): number[] {
  const stride = Math.max(unit, Math.floor(window / 2 / unit) * unit);
  const list: number[] = [];
  for (let at = 0; at + window < length; at += stride) list.push(at);
  list.push(length - window);
  return list;
}
