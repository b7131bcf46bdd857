/** Runs that train a vocoder on a prepared set. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeWav } from '../audio/wav.ts';
import { HOP_SAMPLES, SAMPLE_RATE_HZ } from '../core/analysis.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError } from '../core/errors.ts';
import type { AudioSet } from '../core/audio-set.ts';
import type { ImageSet } from '../core/image-set.ts';
import { vocoder, type Vocoder } from '../models/vocoder.ts';
import { VOCODER_MARGIN } from '../models/vocoder-windows.ts';
import { countParameters } from '../nn/layer.ts';
import { createRun, type RunFolder } from '../store/run-folder.ts';
import { checkMetadata } from './checkpoint.ts';
import { newRecord, presetOf } from './plan.ts';
import { PREFIX } from './step-graph.ts';
import { startTraining } from './trainer.ts';
import type { RunInfo, RunRequest, TrainingOptions } from './types.ts';
import type { Views, ViewsContext } from './views.ts';
import { vocoderPass } from './vocoder-pass.ts';
import { BUNDLE_FILE, writeBundle, type Weights } from './voice-bundle.ts';
import { windowSet } from './voice-windows.ts';

/** Frames that are compared in each window: 0.37 s. */
const COMPARED = 32;
const WINDOW_FRAMES = COMPARED + VOCODER_MARGIN;
const PREVIEWS = 4;
const PREVIEW_FRAMES = 430;

/** Windows of samples, `[frames, HOP_SAMPLES]`. */
const soundWindows = (set: AudioSet): Promise<ImageSet> => windowSet(set, WINDOW_FRAMES, HOP_SAMPLES, (utterance) => set.readSamples(utterance), new Float32Array(HOP_SAMPLES));

/**
 * Makes the run; nothing is trained yet.
 * @throws AtelierError 'bad-input' naming the setting
 */
export async function createVocoderRun(request: Omit<RunRequest, 'family'>, set: AudioSet, device: string, folder: string): Promise<RunFolder> {
  const preset = presetOf(vocoder, request.preset ?? 'standard');
  const config = vocoder.parse({ ...preset?.config, ...request.config });
  const data: RunInfo['data'] = { ref: set.ref, name: set.name, fingerprint: set.fingerprint, width: HOP_SAMPLES, height: WINDOW_FRAMES, channels: 1, classes: set.speakers.map(({ name }) => name) };
  const model = vocoder.build(config, { ...data, classes: data.classes.length });
  return createRun(folder, newRecord({
    folder, family: vocoder, config, data, device,
    name: request.name ?? `Vocoder of ${set.name}`,
    seed: request.seed,
    training: { ...preset?.training, ...request.training },
    parameters: countParameters(model.params),
  }));
}

/**
 * Trains it as `startTraining` does; held-out sentences are written as WAV files under `previews/`, and what has learned to speak at the end as a
 * bundle of voices without voices, which converters speak through.
 */
export async function trainVocoder(options: Omit<TrainingOptions, 'images' | 'views'> & { set: AudioSet }): Promise<RunInfo> {
  const { set, ...rest } = options;
  const info = await startTraining({ ...rest, images: await soundWindows(set), views: (context) => vocoderViews(context, set) });
  if (info.step > 0) await bundleVocoder(options.run);
  return info;
}

/** The model of a vocoder's run and its newest weights, by name. @throws AtelierError 'bad-input' (another kind of run), 'bad-data' */
export async function loadVocoder(run: RunFolder): Promise<{ model: Vocoder; weights: Weights; step: number }> {
  const { info } = run;
  if (info.family !== vocoder.kind) throw new AtelierError('bad-input', `"${info.name}" is not a vocoder.`, 'Name the run of one: atelier voice vocoder trains them.');
  const model = vocoder.build(vocoder.parse(info.config), { ...info.data, classes: info.data.classes.length });
  const { tensors, step, metadata, path } = await run.loadCheckpoint();
  checkMetadata(metadata, info, path);
  const average = model.speaking.every((name) => PREFIX.average + name in tensors);
  const prefix = average ? PREFIX.average : PREFIX.params;
  const weights = Object.fromEntries(model.speaking.map((name) => [name, tensors[prefix + name] as Weights[string]]));
  return { model, weights, step };
}

async function bundleVocoder(run: RunFolder): Promise<void> {
  const { model, weights, step } = await loadVocoder(run);
  await writeBundle(join(run.folder, BUNDLE_FILE), {
    about: { name: run.info.name, converter: {}, recogniser: {}, vocoder: { ...model.config }, speakers: [], windowFrames: 0, step, codeUsage: [], figures: {} },
    weights: Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [`vocoder/${name}`, tensor])),
  });
}

/** Copy-synthesis of held-out sentences of different speakers. */
function vocoderViews({ run, model, device, state, weights }: ViewsContext, set: AudioSet): Views {
  const pass = vocoderPass(device, model as Vocoder, state, weights);
  const held = [...(set.split.validation.length > 0 ? set.split.validation : set.split.train)];
  const shown = set.speakers.flatMap((_, s) => held.filter((u) => set.utterances[u].speaker === s).slice(0, 1)).slice(0, PREVIEWS);
  return {
    frequencies: null,
    async preview(step) {
      const folder = join(run.folder, 'previews', String(step).padStart(8, '0'));
      await mkdir(folder, { recursive: true });
      for (const utterance of shown) {
        const frames = Math.min(PREVIEW_FRAMES, set.utterances[utterance].frames);
        const { logMel } = await set.readFeatures(utterance, 0, frames);
        const name = set.speakers[set.utterances[utterance].speaker].name.replace(/[^\p{L}\p{N} ._-]/gu, '_').slice(0, 40);
        await writeFileAtomic(join(folder, `${name}.wav`), encodeWav(await pass.speak(logMel, frames), SAMPLE_RATE_HZ));
      }
    },
    frame: async () => false,
    dispose: () => pass.dispose(),
  };
}
