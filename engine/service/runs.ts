import type { Handlers, Subscribers } from '../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { resolve } from 'node:path';
import { moveToBin, restoreFromBin } from '../store/bin.ts';
import { addToGallery } from '../store/gallery.ts';
import { listRuns, openRun } from '../store/run-folder.ts';
import { codesOfOne, decodeOne } from './codes/codes.ts';
import { mix } from './codes/mix.ts';
import { codesOfPictures } from './codes/picture-source.ts';
import { resample } from './codes/resample.ts';
import type { Core } from './core.ts';
import { denoise } from './denoise.ts';
import { givenPictures } from './given-pictures.ts';
import { watchFiles } from './run-events.ts';
import { transfer } from './transfer.ts';
import type { OpenedRun } from './trained-cache.ts';
import { manifold, traverse } from './traverse.ts';
import { looking } from './looking.ts';
import { inWorker } from './workers.ts';
import { psnr } from './psnr.ts';

type Runs = Pick<
  Handlers,
  | 'runs.list' | 'runs.get' | 'runs.remove' | 'runs.restore' | 'runs.rename' | 'runs.metrics' | 'runs.health' | 'runs.preview' | 'runs.reconstruct' | 'runs.sample' | 'runs.resample' | 'runs.mix' | 'runs.codes' | 'runs.decode' | 'runs.traverse' | 'runs.manifold' | 'runs.denoise' | 'runs.anomalies' | 'runs.evaluate' | 'runs.embed' | 'runs.export'
  | 'runs.transfer' | 'runs.transferScore'
>;

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

    async 'runs.health'({ run }) {
      const folder = await openRun(run);
      const { healthOf } = await import('../training/index.ts');
      return healthOf(folder.info, await folder.readMetrics());
    },

    'runs.preview': async ({ run, step }) => (await openRun(run)).loadPreview(step),

    async 'runs.reconstruct'({ run, paths, items, step }) {
      return core.trained.use(run, step, async (opened) => {
        const { height, width, channels } = opened.trained.model.input as { height: number; width: number; channels: 1 | 3 | 4 };
        const { encodeSheet } = await import('../image/index.ts');
        const { names, pixels: originals, labels } = await givenPictures(opened, { paths, items });
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
    'runs.transfer': (request) => core.trained.use(request.run, request.step, (opened) => transfer(request, opened, async (png, recipe) => addToGallery((await core.project()).path, png, recipe))),

    'runs.transferScore': async ({ run, limit, step }, signal) => looking(core, 'transfer-score', run, 'transfer-score', { run: resolve(run), limit, step }, signal),

    'runs.denoise': (request) => core.trained.use(request.run, request.step, (opened) => denoise(request, opened)),

    async 'runs.anomalies'(request, signal) {
      const data = request.data === undefined ? undefined : request.data.startsWith('builtin:') ? request.data : resolve(request.data);
      return looking(core, 'anomalies', request.run, 'anomalies', { ...request, run: resolve(request.run), data }, signal);
    },

    async 'runs.evaluate'(request, signal) {
      return looking(core, 'evaluate', request.run, 'evaluate', { ...request, run: resolve(request.run) }, signal);
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
