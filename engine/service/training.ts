import { join, resolve } from 'node:path';
import type { Handlers, JobInfo, RunInfo } from '../../electron/contract/index.ts';
import { AtelierError } from '../core/errors.ts';
import { createRun, openRun } from '../store/run-folder.ts';
import { chooseDevice } from './choose-device.ts';
import { clearLockOfThread } from './clear-lock.ts';
import type { Core } from './core.ts';
import { listFamilies, listPriors } from './families.ts';
import { inWorker } from './workers.ts';

type Training = Pick<Handlers, 'families.list' | 'priors.list' | 'train.prior' | 'train.estimate' | 'train.start' | 'train.continue'>;

/** Runs begin and go on as jobs; the run's folder is made before the job starts, so that a bad request fails at once. */
export function trainingHandlers(core: Core): Training {
  return {
    'families.list': listFamilies,
    'priors.list': listPriors,

    'train.estimate': (request, signal) => inWorker(core.workers, 'estimate', { request }, signal),

    async 'train.start'(request) {
      const [{ planRun, runId }, { openImages }, device] = await Promise.all([import('../training/plan.ts'), import('../data/index.ts'), chooseDevice(request.device)]);
      const images = await openImages(request.data, { size: request.size });
      try {
        const folder = request.out ? resolve(request.out) : join(core.runsFolder(await core.project()), runId(request.family));
        const run = await createRun(folder, planRun(request, images, device, folder));
        return { job: startTrainingJob(core, run.info).id, run: folder };
      } finally {
        await images.close();
      }
    },

    async 'train.prior'(request) {
      const [{ createPriorRun }, { runId }, device, codec] = await Promise.all([import('../training/index.ts'), import('../training/plan.ts'), chooseDevice(request.device), openRun(request.codesOf)]);
      const folder = request.out ? resolve(request.out) : join(core.runsFolder(await core.project()), runId(request.family));
      const run = await createPriorRun(codec, request, device, folder, request.codesStep);
      return { job: startTrainingJob(core, run.info).id, run: folder };
    },

    async 'train.continue'({ run: path, steps, minutes }) {
      const run = await openRun(path);
      core.jobs.refuseBusy(run.folder);
      if (await run.isLocked()) throw new AtelierError('busy', `"${run.info.name}" is being trained by another process.`, 'Wait until it ends, or pause it there.');
      const { lengthen } = await import('../training/plan.ts');
      const longer = steps !== undefined || minutes !== undefined;
      if (run.info.status === 'finished' && !longer) throw new AtelierError('bad-input', `"${run.info.name}" has done all of its ${run.info.step} steps.`, 'Say how many more steps or minutes it is to train.');
      if (longer) await lengthen(run, { steps, minutes });
      return { job: startTrainingJob(core, run.info).id, run: run.folder };
    },
  };
}

/** Starts or goes on with the training of a run as a job. */
export function startTrainingJob(core: Core, info: RunInfo): JobInfo {
  const { run } = info;
  return core.jobs.start({
    kind: 'train',
    title: info.name,
    run,
    start: (progress) => core.workers.start('train', { run }, { progress, event: (event) => core.events.publish(run, event) }),
    ended(output) {
      const { status } = output as RunInfo;
      const state = status === 'paused' || status === 'cancelled' ? status : 'done';
      return { state, result: run };
    },
    async failed(_error, task) {
      await clearLockOfThread(run, task.threadId);
      // A thread that died could not say so in its run.
      const folder = await openRun(run);
      core.events.publish(run, { type: 'info', run: folder.info });
    },
  });
}
