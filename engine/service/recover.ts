import { join } from 'node:path';
import type { Handlers } from '../../electron/contract/index.ts';
import { toAtelierError } from '../core/errors.ts';
import { listRuns } from '../store/run-folder.ts';
import { lockHolder } from '../store/run-lock.ts';
import { listPipelines, pipelinesFolderOf } from '../store/pipeline-folder.ts';
import { continuePipeline } from './pipeline/handlers.ts';
import type { Core } from './core.ts';

/** Continues every guided path and every other run of the open project that was in training by a process which is dead now; what cannot go on is logged. */
export async function continueRunsOf(deadPid: number, core: Core, training: Pick<Handlers, 'train.continue'>): Promise<void> {
  try {
    const { runs } = await listRuns(core.runsFolder(await core.project()));
    const { pipelines } = await listPipelines(pipelinesFolderOf((await core.project()).path));
    // A run of a guided path goes on within it.
    const theirs = new Set<string>();
    for (const path of pipelines) {
      if (path.record.status !== 'interrupted' || (await path.holder()) !== deadPid) continue;
      core.log.info(`Going on with "${path.record.name}" after the engine ended unexpectedly.`);
      theirs.add(path.codecRun).add(path.priorRun);
      await continuePipeline(core, path.folder);
    }
    for (const { run, name, status } of runs) {
      if (theirs.has(run) || status !== 'interrupted' || (await lockHolder(join(run, 'lock'))) !== deadPid) continue;
      core.log.info(`Going on with "${name}" after the engine ended unexpectedly.`);
      await training['train.continue']({ run }, { aborted: false, addEventListener() {} });
    }
  } catch (error) {
    core.log.error(toAtelierError(error, 'going on with interrupted trainings').message);
  }
}
