import { resolve } from 'node:path';
import type { Handlers } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import { addToGallery, galleryItem, listGallery, removeFromGallery, restoreToGallery, setFavourite } from '../../store/gallery.ts';
import { listCanvases, openCanvas, removeCanvas, saveCanvas } from '../../store/canvases.ts';
import type { Core } from '../core.ts';
import { exportPictures } from './export-pictures.ts';
import { drawCanvases, useCanvas } from './opened-canvas.ts';

type GalleryCalls = Pick<
  Handlers,
  'gallery.list' | 'gallery.picture' | 'gallery.keep' | 'gallery.favourite' | 'gallery.remove' | 'gallery.restore' | 'gallery.export' | 'canvases.list' | 'canvases.open' | 'canvases.save' | 'canvases.remove'
>;

/** Pictures and canvases that a project keeps. */
export function galleryHandlers(core: Core): GalleryCalls {
  const project = async (): Promise<string> => (await core.project()).path;
  return {
    async 'gallery.list'(request) {
      const { total, items } = await listGallery(await project(), request);
      return { total, items: items.map((item) => ({ ...item, bytes: undefined })) };
    },
    async 'gallery.picture'({ id }) {
      const { bytes, width, height } = await galleryItem(await project(), id);
      return { mime: 'image/png', width, height, bytes };
    },
    'gallery.keep': (request) =>
      useCanvas(core, request, async (canvas) => {
        const { trained } = canvas.opened;
        const [{ bytes }] = await drawCanvases(canvas, request.codes);
        const { kind = 'canvas', ...rest } = request.recipe;
        const { rows, columns, codes } = request;
        return addToGallery(await project(), bytes, { ...rest, kind, run: trained.info.run, runName: trained.info.name, fingerprint: trained.fingerprint, step: trained.step, canvas: { rows, columns, codes: Array.from(codes) } });
      }),
    'gallery.favourite': async ({ id, favourite }) => setFavourite(await project(), id, favourite),
    async 'gallery.remove'({ ids }) {
      await removeFromGallery(await project(), ids);
      return null;
    },
    async 'gallery.restore'({ ids }) {
      await restoreToGallery(await project(), ids);
      return null;
    },
    'gallery.export': async (request) => exportPictures(await project(), { ...request, folder: resolve(request.folder) }),

    'canvases.list': async () => listCanvases(await project()),
    async 'canvases.open'({ id }) {
      const document = await openCanvas(await project(), id);
      await core.trained.use(document.run, undefined, async ({ trained }) => {
        if (trained.fingerprint === document.fingerprint) return;
        throw new AtelierError('bad-data', `The canvas "${document.name}" was painted with other weights than "${trained.info.name}" has now: its codes mean something else.`, 'Encode its picture from the gallery anew, or open a copy of the run as it was.');
      });
      return document;
    },
    'canvases.save': async ({ id, document }) => saveCanvas(await project(), document, id),
    async 'canvases.remove'({ id }) {
      await removeCanvas(await project(), id);
      return null;
    },
  };
}
