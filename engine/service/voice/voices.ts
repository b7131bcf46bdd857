/** Calls of voices: models, sources, takes, codes. */
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Handlers, TakeInfo } from '../../../electron/contract/index.ts';
import { FRAME_RATE_HZ, SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { moveToBin, restoreFromBin } from '../../store/bin.ts';
import { listRuns } from '../../store/run-folder.ts';
import { chooseDevice } from '../choose-device.ts';
import type { Core } from '../core.ts';
import { startTrainingJob } from '../training.ts';
import { inWorker } from '../workers.ts';
import type { BatchSummary } from './requests.ts';
import type { VoiceCache } from './voice-cache.ts';

type Voices = Pick<Handlers, Extract<keyof Handlers, `voices.${string}`>>;

const SHORT_SEC = 0.5;

export function voicesHandlers(core: Core, cache: VoiceCache): Voices {
  const soundPath = (path: string) => resolve(path);
  return {
    async 'voices.list'() {
      const { BUILTIN_VOICES, readVoices, voicesInfo } = await import('./open-voices.ts');
      const project = await core.project();
      const { runs } = await listRuns(core.runsFolder(project));
      const refs = [BUILTIN_VOICES, ...runs.filter(({ family }) => family === 'voice-converter').map(({ run }) => run)];
      const found = await Promise.all(refs.map((ref) => readVoices(ref).then((bundle) => voicesInfo(ref, bundle), () => null)));
      return found.filter((info) => info !== null);
    },

    async 'voices.info'({ model }) {
      const { readVoices, voicesInfo } = await import('./open-voices.ts');
      return voicesInfo(model, await readVoices(model));
    },

    'voices.sample': async ({ model, voice }) => (await import('./voice-sample.ts')).voiceSample(model, voice),

    async 'voices.presets'() {
      const { voiceConverter } = await import('../../models/voice-converter.ts');
      return voiceConverter.presets.map(({ id, title, summary }) => ({ id, title, summary }));
    },

    async 'voices.train'(request) {
      const [{ createVoiceRun }, { runId }, { openAudioSet }, device] = await Promise.all([import('../../training/voice-run.ts'), import('../../training/plan.ts'), import('../../data/audio-set.ts'), chooseDevice(request.device)]);
      const set = await openAudioSet(request.set);
      try {
        const folder = request.out ? resolve(request.out) : join(core.runsFolder(await core.project()), runId('voices'));
        const run = await createVoiceRun(request, set, device, folder);
        return { job: startTrainingJob(core, run.info).id, run: folder };
      } finally {
        await set.close();
      }
    },

    async 'voices.previews'({ run, step }) {
      const { voicePreviews } = await import('./previews.ts');
      return voicePreviews(resolve(run), step);
    },

    async 'voices.open'({ path, name, bytes }) {
      if ((path === undefined) === (bytes === undefined)) throw new AtelierError('bad-input', 'A source is either a file or the bytes of one.', 'Give one of them.');
      const [{ clipOf }, { beginning }, { soundOf }, { analyse }, { loudnessOf }, { medianF0 }] = await Promise.all([import('./clip.ts'), import('./profile.ts'), import('./sound.ts'), import('../../audio/features.ts'), import('../../audio/loudness.ts'), import('../../metrics/voice.ts')]);
      const [{ SHOWN_SEC }, { sourcesFolder, titleOf }] = await Promise.all([import('./take.ts'), import('./sources.ts')]);
      let source: string;
      if (bytes) {
        const folder = sourcesFolder((await core.project()).path);
        await mkdir(folder, { recursive: true }).catch((error: unknown) => Promise.reject(toAtelierError(error, `making ${folder}`)));
        const title = (name ?? 'Recording').replace(/[^\p{L}\p{N} ._-]/gu, '_').replace(/\.(wav|wave)$/i, '').slice(0, 80);
        source = join(folder, `${title}-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.wav`);
        await writeFileAtomic(source, bytes);
      } else source = soundPath(path!);
      const warnings: string[] = [];
      const heard = async (): Promise<Float32Array> => {
        const found = await beginning(soundOf(source, warnings), SHOWN_SEC);
        if (found.length === 0) throw new AtelierError('bad-data', `${source} has no sound in it.`, 'Choose another file.');
        return found;
      };
      const samples = await heard().catch(async (error: unknown) => {
        if (bytes) await rm(source, { force: true }); // what is no sound is not kept
        throw error;
      });
      const features = analyse(samples);
      const loudness = loudnessOf(samples, SAMPLE_RATE_HZ);
      const clipped = samples.reduce((n, v) => n + (Math.abs(v) >= 0.999 ? 1 : 0), 0) / samples.length;
      if (samples.length < SHORT_SEC * SAMPLE_RATE_HZ) warnings.push('It is shorter than half a second: little of a voice can be told from that.');
      if (samples.length >= SHOWN_SEC * SAMPLE_RATE_HZ) warnings.push('Only its first ten minutes are drawn; all of it is converted.');
      if (clipped > 1e-3) warnings.push('It is clipped: loud places sound harsh, and so will the take.');
      if (!Number.isFinite(loudness) || medianF0(features.f0Hz) === 0) warnings.push('Hardly any voice was found in it.');
      return { source, name: name ?? titleOf(source), clip: clipOf(samples), f0Hz: features.f0Hz, frameRateHz: FRAME_RATE_HZ, medianF0Hz: medianF0(features.f0Hz), loudnessDb: Number.isFinite(loudness) ? loudness : -100, warnings };
    },

    async 'voices.sources'() {
      const { listSources } = await import('./sources.ts');
      return listSources((await core.project()).path);
    },

    async 'voices.convert'({ model, source, ...settings }) {
      const [{ settingsOf, takesFolder }, { readVoices, voiceIndex }, { titleOf }] = await Promise.all([import('./take.ts'), import('./open-voices.ts'), import('./sources.ts')]);
      const { about } = await readVoices(model);
      const asked = settingsOf(settings);
      if (asked.voice !== null) voiceIndex(about, asked.voice);
      else if (asked.reference === null) throw new AtelierError('bad-input', 'No voice was named to convert to.', `Name one of ${about.speakers.map(({ name }) => name).join(', ')}, or a recording as reference.`);
      const path = soundPath(source);
      const folder = takesFolder((await core.project()).path);
      const job = core.jobs.start({
        kind: 'convert',
        title: `${titleOf(path)} as ${asked.voice ?? titleOf(asked.reference!)}`,
        run: null,
        start: (progress) => core.workers.start('convert', { model, source: path, settings: asked, folder }, { progress }),
        ended: (output) => ({ state: 'done', result: (output as TakeInfo).take }),
      });
      return { job: job.id };
    },

    async 'voices.takes'({ source }) {
      const { listTakes, takesFolder } = await import('./take.ts');
      return listTakes(takesFolder((await core.project()).path), source === undefined ? undefined : soundPath(source));
    },

    'voices.take': async ({ take }) => (await import('./take.ts')).loadTake(take),

    async 'voices.removeTake'({ take }) {
      const { loadTake } = await import('./take.ts');
      const { take: folder } = await loadTake(take);
      await moveToBin((await core.project()).path, folder);
      return null;
    },

    async 'voices.restoreTake'({ take }) {
      await restoreFromBin((await core.project()).path, resolve(take));
      return null;
    },

    async 'voices.saveTake'({ take, out, format, sampleRateHz }) {
      const [{ encodeSound }, { beginning }, { soundOf }] = await Promise.all([import('../../audio/encode.ts'), import('./profile.ts'), import('./sound.ts')]);
      const path = soundPath(out);
      const bytes = await encodeSound(await beginning(soundOf(join(resolve(take), 'take.wav')), Infinity), { format, sampleRateHz });
      await writeFileAtomic(path, bytes, `writing ${path}`);
      return { path, bytes: bytes.length };
    },

    async 'voices.batch'({ model, paths, out, format, sampleRateHz, ...settings }) {
      const [{ settingsOf }, { readVoices, voiceIndex }] = await Promise.all([import('./take.ts'), import('./open-voices.ts')]);
      const { about } = await readVoices(model);
      const asked = settingsOf(settings);
      if (asked.voice !== null) voiceIndex(about, asked.voice);
      else if (asked.reference === null) throw new AtelierError('bad-input', 'No voice was named to convert to.', `Name one of ${about.speakers.map(({ name }) => name).join(', ')}, or a recording as reference.`);
      const job = core.jobs.start({
        kind: 'convert',
        title: `${paths.length === 1 ? basename(paths[0]) : `${paths.length} files`} as ${asked.voice ?? basename(asked.reference!)}`,
        run: null,
        start: (progress) => core.workers.start('convertBatch', { model, paths: paths.map(soundPath), out: soundPath(out), format, sampleRateHz, settings: asked }, { progress }),
        ended: (output) => ({ state: 'done', result: (output as BatchSummary).folder }),
      });
      return { job: job.id };
    },

    'voices.batchState': async ({ folder }) => (await import('./batch-state.ts')).batchState(soundPath(folder)),

    'voices.hearCode': ({ model, code, durationSec }) =>
      cache.use(model, async (voices) => {
        const [{ speakCodes }, { clipOf }] = await Promise.all([import('./code-sound.ts'), import('./clip.ts')]);
        const { converter, about } = voices.model;
        if (code >= converter.codes) throw new AtelierError('bad-input', `There is no code ${code}; the codebook has ${converter.codes}.`, `Codes count from 0 to ${converter.codes - 1}.`);
        const moments = Math.max(4, Math.round(durationSec * (FRAME_RATE_HZ / 2)));
        const codes = new Int32Array(moments * converter.levels).fill(code);
        const clips = [];
        for (const voice of about.speakers.keys()) clips.push(clipOf(await speakCodes(voices, codes, voice)));
        return clips;
      }),

    'voices.speakCodes': ({ model, codes, voice, f0Hz }) =>
      cache.use(model, async (voices) => {
        const [{ speakCodes }, { clipOf }, { voiceIndex }] = await Promise.all([import('./code-sound.ts'), import('./clip.ts'), import('./open-voices.ts')]);
        const { converter, about } = voices.model;
        const beyond = codes.find((code) => code >= converter.codes);
        if (beyond !== undefined) throw new AtelierError('bad-input', `There is no code ${beyond}; the codebook has ${converter.codes}.`, `Codes count from 0 to ${converter.codes - 1}.`);
        if (codes.length % converter.levels !== 0) throw new AtelierError('bad-input', `${codes.length} codes do not divide into moments of ${converter.levels}.`, 'Give whole moments.');
        return clipOf(await speakCodes(voices, Int32Array.from(codes), voiceIndex(about, voice), f0Hz));
      }),

    'voices.map': ({ model }) => cache.use(model, async (voices) => (await import('./voice-map.ts')).voiceMap(voices)),

    async 'voices.evaluate'({ model, set, limit }, signal) {
      let path = set;
      if (path === undefined) {
        if (model.startsWith('builtin:')) throw new AtelierError('bad-input', 'The recordings of the sample voices do not ship.', 'Prepare recordings of these voices and name the set.');
        const { openRun } = await import('../../store/run-folder.ts');
        path = (await openRun(model)).info.data.ref;
      }
      return inWorker(core.workers, 'evaluateVoices', { model, set: resolve(path), limit }, signal);
    },

    'voices.export': ({ model, out, frames }, signal) => inWorker(core.workers, 'exportVoices', { model, out: resolve(out), frames }, signal),
  };
}
