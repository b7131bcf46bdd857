import type { Handlers, MapItem, Picture } from '../../electron/contract/index.ts';
import { AtelierError } from '../core/errors.ts';
import { codesOfPictures } from './codes/picture-source.ts';
import { psnr } from './psnr.ts';
import { openRun } from '../store/run-folder.ts';
import type { Core } from './core.ts';

type MapHandlers = Pick<Handlers, 'map.open' | 'map.frame' | 'map.item' | 'map.decode'>;

const neighbourCount = 12;

/** The map of a run: its items, its frames, and pictures at any place of it. */
export function mapHandlers(core: Core): MapHandlers {
  return {
    async 'map.open'({ run: path }) {
      const run = await openRun(path);
      const [items, steps] = await Promise.all([run.loadMapItems(), run.listMapSteps()]);
      if (!items || steps.length === 0) return null;
      return { run: run.folder, count: items.items.length, steps, ...items };
    },

    async 'map.frame'({ run: path, step }) {
      const run = await openRun(path);
      const { projection: _projection, ...frame } = await run.loadMapFrame(step);
      return frame;
    },

    async 'map.item'({ run, step, index }) {
      return core.trained.use(run, await checkpointFor(run, step), async (opened): Promise<MapItem> => {
        const { folder, trained } = opened;
        const { encodePicture } = await import('../image/index.ts');
        const items = await folder.loadMapItems();
        if (!items) throw new AtelierError('not-found', `"${folder.info.name}" has no map yet.`, 'Let it train until its first evaluation.');
        if (index >= items.items.length) throw new AtelierError('bad-input', `The map has ${items.items.length} items; there is no item ${index}.`, 'Name an item of the map.');
        const images = await opened.images();
        const original = await images.read([items.items[index]]);
        const reconstruction = await trained.reconstruct(original, Int32Array.of(items.labels[index]));
        const { height, width, channels } = trained.model.input;
        const picture = (pixels: Float32Array): Promise<Picture> => encodePicture(pixels, height, width, channels as 1 | 3 | 4);
        const probe = await opened.probe(step);
        return {
          index,
          name: items.names[index],
          label: items.classes[items.labels[index]] ?? null,
          original: await picture(original),
          reconstruction: await picture(reconstruction),
          psnrDb: psnr(original, reconstruction, 1)[0],
          codes: await codesOfPictures(trained, original),
          neighbours: probe.neighbours(index, neighbourCount),
        };
      });
    },

    async 'map.decode'({ run, step, position }) {
      return core.trained.use(run, await checkpointFor(run, step), async (opened) => {
        const { encodePicture } = await import('../image/index.ts');
        const { image, confidence, nearest } = await (await opened.probe(step)).decode(position);
        const { height, width, channels } = opened.trained.model.input;
        return { picture: await encodePicture(image, height, width, channels as 1 | 3 | 4), confidence, nearest };
      });
    },
  };
}

/**
 * The checkpoint by which a frame is decoded: its own, or for the newest frame the newest there is.
 * @throws AtelierError 'not-found' for an older frame whose checkpoint is gone
 */
async function checkpointFor(path: string, step: number | undefined): Promise<number | undefined> {
  if (step === undefined) return undefined;
  const run = await openRun(path);
  const [checkpoints, frames] = await Promise.all([run.listCheckpoints(), run.listMapSteps()]);
  if (checkpoints.includes(step)) return step;
  if (step === frames.at(-1)) return undefined;
  throw new AtelierError('not-found', `The weights of step ${step} are no longer kept, so its map can be looked at but not decoded.`, 'Go to the newest step of the timeline.');
}
