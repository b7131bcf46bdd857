import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import type { Handlers, VoiceSetInfo } from '../../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { dataFolderOf, voiceSetFolders } from '../../store/projects.ts';
import { chooseDevice } from '../choose-device.ts';
import type { Core } from '../core.ts';
import { startTrainingJob } from '../training.ts';

type Preparing = Pick<Handlers, 'voice.prepare' | 'voice.vocoder' | 'voice.sets' | 'voice.set'>;

/** Prepared recordings: a job makes them, the project keeps them beside its pictures. */
export function prepareHandlers(core: Core): Preparing {
  const infoOf = async (ref: string): Promise<VoiceSetInfo> => {
    const { openAudioSet } = await import('../../data/audio-set.ts');
    const set = await openAudioSet(ref);
    await set.close();
    return set.info;
  };
  return {
    async 'voice.prepare'(options) {
      const path = resolve(options.path);
      const name = options.name ?? basename(path, extname(path));
      const out = options.out ? resolve(options.out) : join(dataFolderOf((await core.project()).path), `${slug(name)}-${randomBytes(3).toString('hex')}`);
      if (await access(out).then(() => true, () => false)) throw new AtelierError('bad-input', `There is already something at ${out}.`, 'Choose a folder that does not exist yet.');
      const job = core.jobs.start({
        kind: 'prepare',
        title: `Recordings of ${name}`,
        run: null,
        start: (progress) => core.workers.start('prepare', { options: { ...options, path }, out }, { progress }),
        ended: (output) => ({ state: 'done', result: (output as { ref: string }).ref }),
      });
      return { job: job.id };
    },

    async 'voice.vocoder'(request) {
      const [{ createVocoderRun }, { runId }, { openAudioSet }, device] = await Promise.all([import('../../training/vocoder-run.ts'), import('../../training/plan.ts'), import('../../data/audio-set.ts'), chooseDevice(request.device)]);
      const set = await openAudioSet(request.set);
      try {
        const folder = request.out ? resolve(request.out) : join(core.runsFolder(await core.project()), runId('vocoder'));
        const run = await createVocoderRun(request, set, device, folder);
        return { job: startTrainingJob(core, run.info).id, run: folder };
      } finally {
        await set.close();
      }
    },

    async 'voice.sets'() {
      const found = await Promise.all(
        (await voiceSetFolders((await core.project()).path)).map((ref) =>
          infoOf(ref).catch((error: unknown) => {
            core.log.warn(toAtelierError(error, `opening ${ref}`).message);
            return null;
          }),
        ),
      );
      return found.filter((info) => info !== null);
    },

    'voice.set': ({ set }) => infoOf(set),
  };
}

const slug = (name: string): string => name.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40) || 'voices';
