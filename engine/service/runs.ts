import type { Handlers, Subscribers } from '../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { resolve } from 'node:path';
import { rng } from '../core/rng.ts';
import { moveToBin, restoreFromBin } from '../store/bin.ts';
import { listRuns, openRun } from '../store/run-folder.ts';
import { codesOfOne, decodeOne } from './codes/codes.ts';
import { mix } from './codes/mix.ts';
import { codesOfPictures } from './codes/picture-source.ts';
import { resample } from './codes/resample.ts';
import type { Core } from './core.ts';
import { watchFiles } from './run-events.ts';
import type { OpenedRun } from './trained-cache.ts';
import { manifold, traverse } from './traverse.ts';
import { inWorker } from './workers.ts';
import { psnr } from './psnr.ts';

type Runs = Pick<
  Handlers,
  | 'runs.list' | 'runs.get' | 'runs.remove' | 'runs.restore' | 'runs.rename' | 'runs.metrics' | 'runs.preview' | 'runs.reconstruct' | 'runs.sample' | 'runs.resample' | 'runs.mix' | 'runs.codes' | 'runs.decode' | 'runs.traverse' | 'runs.manifold' | 'runs.evaluate' | 'runs.embed' | 'runs.export'
>;

const defaultItems = 16;
/** A sheet of samples has a column a class up to so many. */
const MOST_COLUMNS = 32;

/** Looking at runs and using what they learned. Light work is done here, heavy work in a thread of its own. */
export function runHandlers(core: Core): Runs {
  return {
    async 'runs.list'({ folder }) {
      const { runs, problems } = await listRuns(folder ? resolve(folder) : core.runsFolder(await core.project()));
      for (const problem of problems) core.log.warn(problem.message);
      return runs;
    },

    'runs.get': async ({ run }) => (await openRun(run)).info,

    async 'runs.remove'({ run }) {
      const { folder } = await openRun(run);
      core.jobs.refuseBusy(folder);
      await moveToBin((await core.project()).path, folder);
      return null;
    },

    async 'runs.restore'({ run }) {
      return (await openRun(await restoreFromBin((await core.project()).path, run))).info;
    },

    'runs.rename': async ({ run, name }) => (await openRun(run)).update({ name }),

    'runs.metrics': async ({ run, sinceStep }) => (await openRun(run)).readMetrics(sinceStep),

    'runs.preview': async ({ run, step }) => (await openRun(run)).loadPreview(step),

    async 'runs.reconstruct'({ run, paths, items, step }) {
      if (paths?.length && items?.length) throw new AtelierError('bad-input', 'Both files and items were named.', 'Name one or the other.');
      return core.trained.use(run, step, async (opened) => {
        const { height, width, channels } = opened.trained.model.input as { height: number; width: number; channels: 1 | 3 | 4 };
        const { encodeSheet } = await import('../image/index.ts');
        let names: string[];
        let originals: Float32Array;
        let labels: Int32Array | undefined;
        if (paths?.length) {
          if (height !== width) throw new AtelierError('bad-input', `The run takes pictures of ${width}x${height} pixels, and files are cut square.`, 'Reconstruct items of its data instead.');
          names = paths;
          const { readPictures } = await import('../data/index.ts');
          originals = await readPictures(paths.map((path) => resolve(path)), height, channels);
        } else {
          const images = await opened.images();
          const { validation, test, train } = images.split;
          const held = test.length ? test : validation.length ? validation : train;
          const chosen = items ?? spread(held, defaultItems);
          const beyond = chosen.find((item) => item >= images.count);
          if (beyond !== undefined) throw new AtelierError('bad-input', `"${images.name}" has ${images.count} items; there is no item ${beyond}.`, 'Items count from 0.');
          if (chosen.length === 0) throw new AtelierError('bad-input', 'No items were named.', 'Name at least one.');
          names = chosen.map((item) => images.itemName(item));
          originals = Float32Array.from(await images.read(chosen));
          labels = Int32Array.from(chosen, (item) => images.labels[item]);
        }
        const reconstructions = await opened.trained.reconstruct(originals, labels);
        const n = names.length;
        const sheet = (pixels: Float32Array) => encodeSheet(pixels, n, height, width, channels);
        return { originals: await sheet(originals), reconstructions: await sheet(reconstructions), psnrDb: psnr(originals, reconstructions, n), names, codes: await codesOfPictures(opened.trained, originals) };
      });
    },

    async 'runs.sample'({ run, count, seed, temperature, label, topK, topP, guidance, prior, step }) {
      const draw = async ({ trained }: OpenedRun) => {
        const { images, note, columns } = await trained.sample(count, { seed, temperature, label, topK, topP, guidance });
        const { height, width, channels } = trained.model.input;
        const { encodeSheet } = await import('../image/index.ts');
        const options = columns !== undefined && columns > 1 && columns <= MOST_COLUMNS ? { columns } : {};
        return { sheet: await encodeSheet(images, count, height, width, channels as 1 | 3 | 4, options), seed, note };
      };
      if (prior === undefined) return core.trained.use(run, step, draw);
      return core.trained.use(run, step, ({ trained: codec }) =>
        core.trained.use(prior, undefined, async (opened) => {
          const { info } = opened.trained;
          if (!opened.trained.prior) throw new AtelierError('bad-input', `"${info.name}" is not a prior.`, 'Name a run of: atelier train prior.');
          (await import('../training/index.ts')).checkCodec(info, codec);
          return draw(opened);
        }),
      );
    },

    'runs.mix': (request) => core.trained.use(request.run, request.step, (opened) => mix(request, opened)),
    'runs.codes': (request) => core.trained.use(request.run, request.step, (opened) => codesOfOne(request, opened)),
    'runs.decode': (request) => core.trained.use(request.run, request.step, (opened) => decodeOne(request, opened)),
    'runs.resample': (request) => core.trained.use(request.run, request.step, (opened) => resample(request, opened)),

    'runs.traverse': (request) => core.trained.use(request.run, request.step, (opened) => traverse(request, opened)),

    'runs.manifold': (request) => core.trained.use(request.run, request.step, (opened) => manifold(request, opened)),

    async 'runs.evaluate'(request, signal) {
      return inWorker(core.workers, 'evaluate', { ...request, run: resolve(request.run) }, signal);
    },

    async 'runs.embed'({ run, out, split, step }, signal) {
      return inWorker(core.workers, 'embed', { run: resolve(run), out: resolve(out), split, step }, signal);
    },

    async 'runs.export'({ run, out, batch, step }, signal) {
      return inWorker(core.workers, 'export', { run: resolve(run), out: resolve(out), batch, step }, signal);
    },
  };
}

export function runSubscribers(core: Core): Pick<Subscribers, 'run.events'> {
  return {
    /** The run as it is at once, then what happens to it, here or in another process. */
    'run.events'({ run: path }, emit) {
      const folder = resolve(path);
      let stopped = false;
      let unwatch = (): void => {};
      // Events of a training that goes on here; they may come before the run's own file was read.
      const unfollow = core.events.follow(folder, emit);
      openRun(folder).then(
        (run) => {
          if (stopped) return;
          emit({ type: 'info', run: run.info });
          unwatch = watchFiles(run, emit, () => core.jobs.worksOn(folder));
        },
        (error: unknown) => core.log.warn(toAtelierError(error, 'following a run').message),
      );
      return () => {
        stopped = true;
        unfollow();
        unwatch();
      };
    },
  };
}

/** `count` items drawn without order, always the same ones. */
function spread(items: Int32Array, count: number): number[] {
  return Array.from(rng(0, 'reconstruct').shuffle(items.slice()).subarray(0, count)).sort((a, b) => a - b);
}
