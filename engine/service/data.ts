import { resolve } from 'node:path';
import type { DatasetInfo, Handlers } from '../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { moveToBin, restoreFromBin } from '../store/bin.ts';
import { datasetFolders } from '../store/projects.ts';
import { builtinInfo } from './builtin-info.ts';
import type { Core } from './core.ts';

type Data = Pick<Handlers, 'data.list' | 'data.info' | 'data.import' | 'data.page' | 'data.remove' | 'data.restore'>;

/** The project's datasets and the built-in ones. */
export function dataHandlers(core: Core): Data {
  return {
    async 'data.list'() {
      const { infoOf, isGenerated, listedBuiltins } = await import('../data/index.ts');
      const known = async (ref: string, info: Promise<DatasetInfo>): Promise<DatasetInfo | null> =>
        info.catch((error: unknown) => {
          core.log.warn(toAtelierError(error, `opening ${ref}`).message);
          return null;
        });
      const own = (await datasetFolders((await core.project()).path)).map((ref) => known(ref, infoOf(ref)));
      const builtin = (await listedBuiltins()).map((ref) => known(ref, isGenerated(ref) ? infoOf(ref) : builtinInfo(ref)));
      const found = await Promise.all([...own, ...builtin]);
      return found.filter((info) => info !== null);
    },

    async 'data.info'({ ref }) {
      const { infoOf } = await import('../data/index.ts');
      return infoOf(ref);
    },

    async 'data.import'(options) {
      const project = await core.project();
      const path = resolve(options.path);
      const job = core.jobs.start({
        kind: 'import',
        title: `Import of ${options.name ?? path}`,
        run: null,
        start: (progress) => core.workers.start('import', { project: project.path, options: { ...options, path } }, { progress }),
        ended: (output) => ({ state: 'done', result: (output as { ref: string }).ref }),
      });
      return { job: job.id };
    },

    async 'data.page'({ ref, ...query }) {
      const { pageOf } = await import('../data/index.ts');
      return core.datasets.use(ref, (set) => pageOf(set, query));
    },

    async 'data.remove'({ ref }) {
      if (ref.startsWith('builtin:')) throw new AtelierError('bad-input', 'A built-in set cannot be removed.', 'It takes no room in the project.');
      await core.datasets.drop(ref);
      await moveToBin((await core.project()).path, ref);
      return null;
    },

    async 'data.restore'({ ref }) {
      const folder = await restoreFromBin((await core.project()).path, ref);
      const { infoOf } = await import('../data/index.ts');
      return infoOf(folder);
    },
  };
}
