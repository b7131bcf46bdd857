import type { Calls, OutputOf, ParsedInputOf } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { rng, type Rng } from '../../core/rng.ts';
import type { Core } from '../core.ts';
import { windowsOf, type CanvasShape } from './canvas-shape.ts';
import { drawCanvases, useCanvas } from './opened-canvas.ts';
import { usePrior } from './priors.ts';

type Resample = ParsedInputOf<Calls['studio.resample']>;
type Variants = OutputOf<Calls['studio.resample']>;

/** Draws masked cells of a canvas anew by a prior, several times. */
export async function redraw(core: Core, request: Resample): Promise<Variants> {
  const { codes, mask, count, seed, temperature, topK, topP, guidance, label } = request;
  return useCanvas(core, request, async (canvas) => {
    const { own, shape, opened } = canvas;
    if (mask.length !== shape.cells) throw new AtelierError('bad-input', `The mask has ${mask.length} cells; the canvas has ${shape.cells}.`, 'Give a mask of the size of the canvas.');
    if (!mask.includes(1)) throw new AtelierError('bad-input', 'No cell is marked to be drawn anew.', 'Mark a part of the picture first.');
    const drawn = new Int32Array(count * shape.cells);
    for (let i = 0; i < count; i++) drawn.set(codes, i * shape.cells);
    const note = await usePrior(core, opened, request.prior, async ({ trained }) => {
      const prior = trained.prior!;
      const todo = Uint8Array.from(mask);
      const windows = windowsOf(own, shape);
      for (const [w, { cells }] of windows.entries()) {
        const part = Uint8Array.from(cells, (cell) => todo[cell]);
        if (!part.includes(1)) continue;
        const given = new Int32Array(count * cells.length);
        for (let i = 0; i < count; i++) cells.forEach((cell, j) => (given[i * cells.length + j] = drawn[i * shape.cells + cell]));
        const options = { seed: seed + w * 7919, temperature, topK, topP, guidance, given: { codes: given, mask: part } };
        // A label for the class of each variant: the one asked for, or none.
        const labels = label === undefined && prior.conditional ? new Int32Array(count).fill(-1) : undefined;
        const found = await prior.sample(count, { ...options, ...(label === undefined ? { labels } : { label }) });
        for (let i = 0; i < count; i++) cells.forEach((cell, j) => (drawn[i * shape.cells + cell] = found[i * cells.length + j]));
        for (const cell of cells) todo[cell] = 0;
      }
      return `Drawn by the prior "${trained.info.name}" at temperature ${temperature}${label === undefined ? '' : `, class ${label}`}.`;
    });
    const pictures = await drawCanvases(canvas, drawn);
    return { variants: pictures.map((picture, i) => ({ codes: drawn.slice(i * shape.cells, (i + 1) * shape.cells), picture })), note };
  });
}

/** Variants of a canvas: about a share of it, in patches, is drawn anew. */
export async function vary(core: Core, request: ParsedInputOf<Calls['studio.vary']>): Promise<Variants> {
  const { amount, ...rest } = request;
  return useCanvas(core, request, async ({ shape }) => {
    const mask = patches(shape, amount, rng(request.seed, 'vary'));
    return redraw(core, { ...rest, mask });
  });
}

/**
 * Round patches that together mark a share of the cells of the finest grid, and what they stand on in the others.
 * @returns `[cells]`, 1 where marked
 */
export function patches({ grids, cells }: CanvasShape, amount: number, random: Rng): Int32Array {
  const finest = grids[grids.length - 1];
  const marked = new Uint8Array(finest.cells);
  const wanted = Math.max(1, Math.round(amount * finest.cells));
  const radius = Math.max(1, Math.min(finest.height, finest.width) * Math.sqrt(amount / Math.PI) * 0.6);
  let left = wanted;
  while (left > 0) {
    const cy = random.uniform() * finest.height, cx = random.uniform() * finest.width;
    for (let i = 0; i < finest.cells && left > 0; i++) {
      const y = Math.floor(i / finest.width) + 0.5, x = (i % finest.width) + 0.5;
      if (marked[i] || (y - cy) ** 2 + (x - cx) ** 2 > radius ** 2) continue;
      marked[i] = 1;
      left--;
    }
  }
  const mask = new Int32Array(cells);
  for (const grid of grids) {
    const down = finest.height / grid.height, across = finest.width / grid.width;
    for (let i = 0; i < finest.cells; i++) {
      if (marked[i]) mask[grid.at + Math.floor(Math.floor(i / finest.width) / down) * grid.width + Math.floor((i % finest.width) / across)] = 1;
    }
  }
  return mask;
}
