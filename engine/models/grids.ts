import type { GridSpec, LatentSpec } from './define.ts';

/** A grid of codes and where its cells stand in an item's list of codes. */
export interface PlacedGrid extends GridSpec {
  /** First cell in the list. */
  at: number;
  cells: number;
  /** Codes of column x are of alphabet x % alphabets. */
  alphabets: number;
}

type Codes = Pick<Extract<LatentSpec, { kind: 'codes' }>, 'height' | 'width' | 'codes' | 'alphabets' | 'grids'>;

/** The grids of codes that an item is written with, the coarsest first; most models have one, called `codes`. */
export function gridsOf({ height, width, codes, alphabets = 1, grids }: Codes): PlacedGrid[] {
  let at = 0;
  return (grids ?? [{ name: 'codes', height, width, codes, first: 0 }]).map((grid) => {
    const cells = grid.height * grid.width;
    at += cells;
    return { ...grid, at: at - cells, cells, alphabets: grids ? 1 : alphabets };
  });
}

/** Which codes may stand in a cell of the list: from `first`, so many. */
export function alphabetOf(grids: readonly PlacedGrid[], cell: number): { first: number; codes: number } {
  const grid = grids.find(({ at, cells }) => cell < at + cells)!;
  const part = grid.codes / grid.alphabets;
  return { first: grid.first + (((cell - grid.at) % grid.width) % grid.alphabets) * part, codes: part };
}
