import { AtelierError } from '../../core/errors.ts';
import { listRuns } from '../../store/run-folder.ts';
import type { RunInfo } from '../../../electron/contract/index.ts';
import type { Core } from '../core.ts';
import type { OpenedRun } from '../trained-cache.ts';

/** Priors of the project that have learned the codes of these weights, the newest first. */
export async function priorsOf(core: Core, fingerprint: string): Promise<RunInfo[]> {
  const { runs } = await listRuns(core.runsFolder(await core.project()));
  return runs.filter(({ codec, step }) => codec?.fingerprint === fingerprint && step > 0).sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
}

/**
 * Lends a prior that knows the codes of a model.
 * @param named unset: the newest of the project
 * @throws AtelierError 'not-found' when there is none, 'bad-input' for one of another codebook
 */
export async function usePrior<T>(core: Core, codec: OpenedRun, named: string | undefined, work: (prior: OpenedRun) => Promise<T>): Promise<T> {
  const { info, fingerprint } = codec.trained;
  const run = named ?? (await priorsOf(core, fingerprint))[0]?.run;
  if (run === undefined) throw new AtelierError('not-found', `No prior of this project knows the codes of "${info.name}".`, 'Train one: "Train a prior on its codes" in the run\'s menu, or atelier train prior --codes-of <run>.');
  return core.trained.use(run, undefined, async (opened) => {
    if (!opened.trained.prior) throw new AtelierError('bad-input', `"${opened.trained.info.name}" is not a prior.`, 'Name a run of: atelier train prior.');
    if (opened.trained.info.codec?.fingerprint !== fingerprint) {
      throw new AtelierError('bad-input', `The prior "${opened.trained.info.name}" was trained on the codes of other weights than those of "${info.name}".`, 'Take a prior trained on this run, or train one.');
    }
    return work(opened);
  });
}
