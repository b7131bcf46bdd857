import { join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { Handlers, JobInfo, PipelineInfo, StageKind } from '../../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { moveToBin, restoreFromBin } from '../../store/bin.ts';
import { createPipeline, isPipeline, listPipelines, openPipeline, pipelinesFolderOf, stageTitles, type PipelineFolder } from '../../store/pipeline-folder.ts';
import { openRun } from '../../store/run-folder.ts';
import { chooseDevice } from '../choose-device.ts';
import { clearLockOfThread } from '../clear-lock.ts';
import type { Core } from '../core.ts';
import { inWorker } from '../workers.ts';
import { choose } from './choose.ts';
import { plannedSeconds } from './planned.ts';

type Pipelines = Pick<Handlers, 'pipeline.plan' | 'pipeline.start' | 'pipeline.continue' | 'pipeline.list' | 'pipeline.get' | 'pipeline.samples' | 'pipeline.remove' | 'pipeline.restore'>;

/** The guided path from pictures to samples, as one job. */
export function pipelineHandlers(core: Core): Pipelines {
  return {
    'pipeline.plan': (request, signal) => inWorker(core.workers, 'pipelinePlan', { request }, signal),

    async 'pipeline.start'(request, signal) {
      if (request.minutes !== undefined && request.steps !== undefined) throw new AtelierError('bad-input', 'Both minutes and steps were given.', 'Give one or the other.');
      const project = await core.project();
      const id = `path-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`;
      const folder = request.out ? resolve(request.out) : join(pipelinesFolderOf(project.path), id);
      if (await isPipeline(folder)) throw new AtelierError('bad-input', `There is already a guided path in ${folder}.`, 'Go on with it, or choose another folder.');
      const length = request.steps !== undefined ? { steps: request.steps } : { minutes: request.minutes ?? (await inWorker(core.workers, 'pipelinePlan', { request }, signal)).minutes };
      const [{ openImages }, { factsOf }, device] = await Promise.all([import('../../data/index.ts'), import('./facts.ts'), chooseDevice(request.device)]);
      const images = await openImages(request.data, { size: request.size });
      try {
        if (images.split.train.length < 2) throw new AtelierError('bad-data', `${images.name} has ${images.split.train.length} pictures to learn from.`, 'Choose a larger set.');
        const chosen = choose(await factsOf(images), length);
        const { ref, name, count, width, height, channels, classes, clip } = images;
        const minutes = length.minutes ?? null;
        const planned = plannedSeconds({ minutes, codecSeconds: null });
        const now = new Date().toISOString();
        const runs = request.out ? folder : core.runsFolder(project);
        const made = await createPipeline(
          folder,
          {
            name: request.name ?? `From ${name} to samples`,
            data: { ref, name, count, width, height, channels, classes: [...classes], ...(clip ? { clip: { ...clip } } : {}) },
            device, minutes,
            seed: request.seed,
            samples: request.samples,
            ...chosen,
            made: { codec: false, prior: false },
            stages: (Object.keys(stageTitles) as StageKind[]).map((kind) => ({ kind, state: 'waiting', seconds: planned[kind] })),
            status: 'interrupted',
            sheet: null, samplesNote: null, evaluation: null, error: null,
            createdAt: now, updatedAt: now,
          },
          request.out ? { codec: join(runs, 'codec'), prior: join(runs, 'prior') } : { codec: join(runs, `${id}-codec`), prior: join(runs, `${id}-prior`) },
        );
        return { job: startJob(core, made).id, pipeline: folder };
      } finally {
        await images.close();
      }
    },

    'pipeline.continue': ({ pipeline }) => continuePipeline(core, pipeline),

    async 'pipeline.list'() {
      const { pipelines, problems } = await listPipelines(pipelinesFolderOf((await core.project()).path));
      for (const problem of problems) core.log.warn(problem.message);
      return pipelines.map((path) => path.info);
    },

    'pipeline.get': async ({ pipeline }) => (await openPipeline(pipeline)).info,

    'pipeline.samples': async ({ pipeline }) => (await openPipeline(pipeline)).loadSamples(),

    async 'pipeline.remove'({ pipeline }) {
      const { folder } = await openPipeline(pipeline);
      core.jobs.refuseBusy(folder);
      await moveToBin((await core.project()).path, folder);
      return null;
    },

    async 'pipeline.restore'({ pipeline }) {
      return (await openPipeline(await restoreFromBin((await core.project()).path, pipeline))).info;
    },
  };
}

/** @throws AtelierError 'busy' while somebody works on it, 'bad-input' when it is finished */
export async function continuePipeline(core: Core, pipeline: string): Promise<{ job: string; pipeline: string }> {
  const path = await openPipeline(pipeline);
  core.jobs.refuseBusy(path.folder);
  if (await path.isLocked()) throw new AtelierError('busy', `Another process works on "${path.record.name}".`, 'Wait until it ends, or pause it there.');
  if (path.record.status === 'finished') throw new AtelierError('bad-input', `"${path.record.name}" has come to its end.`, 'Train its codec or its prior longer, or start a new one.');
  return { job: startJob(core, path).id, pipeline: path.folder };
}

function startJob(core: Core, path: PipelineFolder): JobInfo {
  const { folder, record } = path;
  return core.jobs.start({
    kind: 'pipeline',
    title: record.name,
    run: folder,
    start: (progress) => core.workers.start('pipeline', { pipeline: folder }, { progress }),
    ended(output) {
      const { status } = output as { status: PipelineInfo['status'] };
      return { state: status === 'paused' || status === 'cancelled' ? status : 'done', result: folder };
    },
    async failed(error, task) {
      // A thread that died left its locks behind, and could not say so in its records.
      const opened = await openPipeline(folder);
      for (const locked of [folder, opened.codecRun, opened.priorRun]) await clearLockOfThread(locked, task.threadId);
      for (const run of [opened.record.made.codec ? opened.codecRun : [], opened.record.made.prior ? opened.priorRun : []].flat()) core.events.publish(run, { type: 'info', run: (await openRun(run)).info });
      if (opened.record.status === 'running') await opened.update({ status: 'failed', error: toAtelierError(error).toValue() });
    },
  });
}
