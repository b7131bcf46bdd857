import type { Calls, OutputOf } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import type { PlacedGrid } from '../../models/grids.ts';
import type { Core } from '../core.ts';
import type { OpenedRun } from '../trained-cache.ts';
import { ownGrids } from './opened-canvas.ts';

/** Held-out pictures that the use of codes is counted in. */
const COUNTED = 256;

/** How the decoder draws each code of a grid where it stands among its like, and how often it is used. */
export async function codebook(core: Core, { run, step, grid: level }: { run: string; step?: number; grid: number }): Promise<OutputOf<Calls['studio.codebook']>> {
  return core.trained.use(run, step, async (opened) => {
    const grids = ownGrids(opened);
    const grid = grids[level];
    if (!grid) throw new AtelierError('bad-input', `"${opened.trained.info.name}" has ${grids.length} grid${grids.length > 1 ? 's' : ''} of codes; there is no number ${level}.`, 'Grids count from 0.');
    const counts = await countUse(opened, grids);
    return { sheet: await swatches(opened, grids, grid, counts), use: useOf(grid, counts) };
  });
}

/** How often each code stands in held-out pictures, by its number in the list of all grids. */
async function countUse({ trained, images: open }: OpenedRun, grids: readonly PlacedGrid[]): Promise<Float64Array> {
  const counts = new Float64Array(Math.max(...grids.map(({ first, codes }) => first + codes)));
  const images = await open();
  const { test, validation, train } = images.split;
  const items = (test.length ? test : validation.length ? validation : train).subarray(0, COUNTED);
  if (items.length > 0) for (const code of await trained.encodeCodes(Float32Array.from(await images.read(items)))) counts[code]++;
  return counts;
}

function useOf({ first, codes }: PlacedGrid, counts: Float64Array): Float32Array {
  const part = counts.subarray(first, first + codes);
  const sum = part.reduce((a, b) => a + b, 0) || 1;
  return Float32Array.from(part, (n) => n / sum);
}

/**
 * Each picture holds blocks of one code each, a third of the picture wide at most; the middle of a block is its swatch.
 * Other grids are filled with the code of theirs that is used most, so that only the one in question shows.
 */
async function swatches({ trained }: OpenedRun, grids: readonly PlacedGrid[], grid: PlacedGrid, counts: Float64Array) {
  const { height, width, channels } = trained.model.input;
  const cells = grids.reduce((sum, { cells: n }) => sum + n, 0);
  const part = grid.codes / grid.alphabets;
  const block = Math.max(grid.alphabets, Math.min(4, Math.floor(grid.width / 3)) || 1);
  const down = Math.max(1, Math.floor(grid.height / block)), across = Math.max(1, Math.floor(grid.width / block));
  const perPicture = down * across;
  const n = Math.ceil(grid.codes / perPicture);
  const codes = new Int32Array(n * cells);
  for (let i = 0; i < n; i++) {
    for (const other of grids) {
      const per = other.codes / other.alphabets;
      for (let c = 0; c < other.cells; c++) {
        const lowest = other.first + ((c % other.width) % other.alphabets) * per;
        codes[i * cells + other.at + c] = other === grid ? codeAt(c, i, lowest) : commonest(counts, lowest, per);
      }
    }
  }
  function codeAt(cell: number, picture: number, lowest: number): number {
    const y = Math.min(down - 1, Math.floor(Math.floor(cell / grid.width) / block)), x = Math.min(across - 1, Math.floor((cell % grid.width) / block));
    const code = Math.min(grid.codes - 1, picture * perPicture + y * across + x);
    // With several alphabets a cell of another one keeps that one's first code.
    return grid.first + code >= lowest && grid.first + code < lowest + part ? grid.first + code : lowest;
  }
  const pixels = await trained.decodeCodes(codes);
  const py = height / grid.height, px = width / grid.width;
  const side = Math.max(1, Math.round(Math.min(block >= 3 ? 2 : 1, block) * Math.min(py, px)));
  const out = new Float32Array(grid.codes * side * side * channels);
  for (let code = 0; code < grid.codes; code++) {
    const at = code % perPicture;
    const top = Math.floor((Math.floor(at / across) + 0.5) * block * py - side / 2), left = Math.floor(((at % across) + 0.5) * block * px - side / 2);
    const from = Math.floor(code / perPicture) * height * width * channels;
    for (let y = 0; y < side; y++) {
      const line = from + ((Math.max(0, Math.min(height - 1, top + y))) * width + Math.max(0, Math.min(width - side, left))) * channels;
      out.set(pixels.subarray(line, line + side * channels), (code * side + y) * side * channels);
    }
  }
  const { encodeSheet } = await import('../../image/index.ts');
  return encodeSheet(out, grid.codes, side, side, channels as 1 | 3 | 4);
}

function commonest(counts: Float64Array, from: number, length: number): number {
  let best = from;
  for (let code = from; code < from + length; code++) if (counts[code] > counts[best]) best = code;
  return best;
}
