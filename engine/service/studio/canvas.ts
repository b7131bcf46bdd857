import { resolve } from 'node:path';
import type { Calls, Handlers, ParsedInputOf } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import type { Core } from '../core.ts';
import { psnr } from '../psnr.ts';
import type { OpenedRun } from '../trained-cache.ts';
import { codebook } from './codebook.ts';
import { interpolate } from './interpolate.ts';
import { drawCanvases, ownGrids, useCanvas } from './opened-canvas.ts';
import { priorsOf } from './priors.ts';
import { redraw, vary } from './redraw.ts';
import { shift } from './shift.ts';
import { recover } from './recover.ts';

type CanvasCalls = Pick<Handlers, 'studio.open' | 'studio.codebook' | 'studio.encode' | 'studio.decode' | 'studio.resample' | 'studio.vary' | 'studio.interpolate' | 'studio.shift' | 'studio.recover'>;

/** Pictures as grids of codes: into codes, out of them, and drawn anew by a prior. */
export function canvasHandlers(core: Core): CanvasCalls {
  return {
    'studio.open': ({ run, step }) =>
      core.trained.use(run, step, async (opened) => {
        const grids = ownGrids(opened);
        const [{ height, width }] = grids;
        const { trained, folder } = opened;
        const priors = await priorsOf(core, trained.fingerprint);
        return {
          run: folder.folder,
          name: trained.info.name,
          step: trained.step,
          fingerprint: trained.fingerprint,
          channels: trained.model.input.channels,
          cellPixels: trained.model.input.height / height,
          rows: height,
          columns: width,
          grids: grids.map(({ name, height: h, first, codes, alphabets }) => ({ name, scale: h / height, first, codes, alphabets })),
          classes: trained.info.data.classes,
          priors: priors.map((prior) => ({ run: prior.run, name: prior.name, conditional: prior.data.classes.length > 0 && prior.config.classEmbedding !== 0, step: prior.step })),
        };
      }),

    'studio.codebook': (request) => codebook(core, request),

    'studio.encode': (request) =>
      useCanvas(core, request, async (canvas) => {
        const { trained } = canvas.opened;
        const { height, width, channels } = trained.model.input;
        const { pixels, label, notes } = await pictureOf(request, canvas.opened);
        const codes = await trained.encodeCodes(pixels);
        const { encodePicture } = await import('../../image/index.ts');
        const [decoded] = await drawCanvases(canvas, codes);
        return {
          codes, label, notes, decoded,
          rows: canvas.shape.rows,
          columns: canvas.shape.columns,
          original: await encodePicture(pixels, height, width, channels as 1 | 3 | 4, { mime: 'image/png' }),
          psnrDb: psnr(pixels, await trained.decodeCodes(codes), 1)[0],
        };
      }),

    'studio.decode': (request) => useCanvas(core, request, async (canvas) => ({ picture: (await drawCanvases(canvas, request.codes))[0] })),
    'studio.resample': (request) => redraw(core, request),
    'studio.vary': (request) => vary(core, request),
    'studio.shift': (request) => shift(core, request),
    'studio.recover': (request) => recover(core, request),
    'studio.interpolate': (request) => interpolate(core, request),
  };
}

async function pictureOf({ item, path, bytes }: ParsedInputOf<Calls['studio.encode']>, { trained, images: open }: OpenedRun): Promise<{ pixels: Float32Array; label: string | null; notes: string[] }> {
  const { height, width, channels } = trained.model.input;
  if ([item, path, bytes].filter((given) => given !== undefined).length !== 1) throw new AtelierError('bad-input', 'It must be said which picture is meant.', 'Name an item of the data, a file, or send a picture.');
  if (item !== undefined) {
    const images = await open();
    if (item >= images.count) throw new AtelierError('bad-input', `"${images.name}" has ${images.count} items; there is no item ${item}.`, 'Items count from 0.');
    if (images.height !== height || images.width !== width) throw new AtelierError('bad-input', 'Items of the data have the size that the run was trained on.', 'Leave the size of the canvas out.');
    return { pixels: Float32Array.from(await images.read([item])), label: images.classes[images.labels[item]] ?? null, notes: [] };
  }
  const { decodePicture, pictureInfo, toFloats } = await import('../../image/index.ts');
  const input = bytes ? { path: 'the dropped picture', bytes } : { path: resolve(path!) };
  const info = await pictureInfo(input);
  const { pixels } = await decodePicture(input, { size: width, height, channels: channels as 1 | 3 | 4, fit: 'cover' });
  const notes: string[] = [];
  if (info.width < width / 2 || info.height < height / 2) notes.push(`It has ${info.width} x ${info.height} pixels and was enlarged to ${width} x ${height}: expect it to be soft.`);
  if (info.frames > 1) notes.push(`It is an animation of ${info.frames} frames; its first one was taken.`);
  if (Math.abs(info.width / info.height - width / height) > 0.02 * (width / height)) notes.push('Its sides were cut to the shape of the canvas.');
  return { pixels: toFloats(pixels), label: null, notes };
}
