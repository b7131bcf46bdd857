import { AtelierError } from '../../core/errors.ts';
import { gridsOf, type PlacedGrid } from '../../models/grids.ts';
import type { Picture } from '../../image/index.ts';
import type { Core } from '../core.ts';
import type { OpenedRun, PictureSize } from '../trained-cache.ts';
import { canvasShape, checkCodes, type CanvasShape } from './canvas-shape.ts';

/** A canvas whose codes were checked, and the model that draws it at its size. */
export interface OpenedCanvas {
  opened: OpenedRun;
  /** Grids of the pictures that the model was trained on. */
  own: PlacedGrid[];
  shape: CanvasShape;
}

/** Grids that a run writes its pictures with. @throws AtelierError 'bad-input' for a run without codes */
export function ownGrids({ trained }: OpenedRun): PlacedGrid[] {
  const { latent } = trained.model;
  if (latent.kind !== 'codes') throw new AtelierError('bad-input', `"${trained.info.name}" has a continuous latent; there are no codes to draw with.`, 'Take a VQ-VAE or a discrete VAE.');
  return gridsOf(latent);
}

interface CanvasRequest {
  run: string;
  step?: number;
  rows?: number;
  columns?: number;
  codes?: Int32Array;
}

/**
 * Lends the model of a run at the size of a canvas.
 * @throws AtelierError 'bad-input' for a run without codes, a size it cannot take, or codes that do not fit
 */
export async function useCanvas<T>(core: Core, { run, step, rows, columns, codes }: CanvasRequest, work: (canvas: OpenedCanvas) => Promise<T>): Promise<T> {
  const { own, shape, size } = await core.trained.use(run, step, async (opened) => {
    const grids = ownGrids(opened);
    const found = canvasShape(grids, rows, columns);
    const { height, width } = opened.trained.model.input;
    const same = found.rows === grids[0].height && found.columns === grids[0].width;
    return { own: grids, shape: found, size: same ? undefined : sizeOf(found, grids, { height, width }) };
  });
  if (codes) checkCodes(shape, codes);
  return core.trained.use(run, step, (opened) => work({ opened, own, shape }), size);
}

function sizeOf(shape: CanvasShape, [coarsest]: readonly PlacedGrid[], { height, width }: PictureSize): PictureSize {
  return { height: (height / coarsest.height) * shape.rows, width: (width / coarsest.width) * shape.columns };
}

/** @param codes `[N, cells]` @returns a picture of each */
export async function drawCanvases({ opened, shape }: OpenedCanvas, codes: Int32Array): Promise<Picture[]> {
  const { trained } = opened;
  const { height, width, channels } = trained.model.input;
  const pixels = await trained.decodeCodes(codes);
  const { encodePicture } = await import('../../image/index.ts');
  const size = height * width * channels;
  return Promise.all(Array.from({ length: codes.length / shape.cells }, (_, i) => encodePicture(pixels.subarray(i * size, (i + 1) * size), height, width, channels as 1 | 3 | 4, { mime: 'image/png' })));
}
