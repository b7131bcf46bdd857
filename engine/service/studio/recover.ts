import type { Calls, OutputOf, ParsedInputOf } from '../../../electron/contract/index.ts';
import type { Core } from '../core.ts';
import { windowsOf, type CanvasShape } from './canvas-shape.ts';
import { useCanvas } from './opened-canvas.ts';
import { usePrior } from './priors.ts';
import { redraw } from './redraw.ts';

/**
 * Repairs a picture by a prior: the codes that surprise it most are drawn anew, given all others. Writing the picture as codes has by then
 * left out what codes cannot tell, noise above all.
 */
export async function recover(core: Core, request: ParsedInputOf<Calls['studio.recover']>): Promise<OutputOf<Calls['studio.recover']>> {
  const { amount, ...rest } = request;
  const mask = await useCanvas(core, request, ({ opened, own, shape }) =>
    usePrior(core, opened, request.prior, async ({ trained }) => {
      // Where windows of a large canvas overlap, the least surprise counts: that window knew more.
      const bits = new Float32Array(shape.cells).fill(Infinity);
      for (const { cells } of windowsOf(own, shape)) {
        const found = await trained.prior!.surprise(Int32Array.from(cells, (cell) => request.codes[cell]), request.label);
        cells.forEach((cell, i) => (bits[cell] = Math.min(bits[cell], found[i])));
      }
      return mostSurprising(shape, bits, amount);
    }),
  );
  return { ...(await redraw(core, { ...rest, mask })), mask };
}

/** @param bits of each code, `[cells]` @returns 1 for the given share of each grid that has the most, at least one, `[cells]` */
export function mostSurprising({ grids, cells }: Pick<CanvasShape, 'grids' | 'cells'>, bits: Float32Array, share: number): Int32Array {
  const mask = new Int32Array(cells);
  for (const { at, cells: count } of grids) {
    const order = Int32Array.from({ length: count }, (_, i) => at + i).sort((a, b) => bits[b] - bits[a] || a - b);
    for (const cell of order.subarray(0, Math.max(1, Math.round(share * count)))) mask[cell] = 1;
  }
  return mask;
}
