import { join } from 'node:path';
import type { Handlers } from '../../electron/contract/index.ts';
import { toAtelierError } from '../core/errors.ts';
import { listRuns } from '../store/run-folder.ts';
import { lockHolder } from '../store/run-lock.ts';
import type { Core } from './core.ts';

/** Continues every run of the open project that was in training by a process which is dead now; what cannot go on is logged. */
export async function continueRunsOf(deadPid: number, core: Core, training: Pick<Handlers, 'train.continue'>): Promise<void> {
  try {
    const { runs } = await listRuns(core.runsFolder(await core.project()));
    for (const { run, name, status } of runs) {
      if (status !== 'interrupted' || (await lockHolder(join(run, 'lock'))) !== deadPid) continue;
      core.log.info(`Going on with "${name}" after the engine ended unexpectedly.`);
      await training['train.continue']({ run }, { aborted: false, addEventListener() {} });
    }
  } catch (error) {
    core.log.error(toAtelierError(error, 'going on with interrupted trainings').message);
  }
}
