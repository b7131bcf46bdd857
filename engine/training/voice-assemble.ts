/** What a run has learned, put together for use: weights of converter and recogniser, and what is measured of each voice. */
import { join } from 'node:path';
import { MEL_BINS } from '../core/analysis.ts';
import type { AudioSet } from '../core/audio-set.ts';
import { sizeOf } from '../core/axes.ts';
import { AtelierError } from '../core/errors.ts';
import type { ImageSet } from '../core/image-set.ts';
import { rng } from '../core/rng.ts';
import type { Device } from '../device/types.ts';
import { FRAME_COLUMNS, PROSODY_COLUMNS } from '../models/voice-frames.ts';
import { openRun, type RunFolder } from '../store/run-folder.ts';
import { PREFIX } from './step-graph.ts';
import type { Bundle, Weights } from './voice-bundle.ts';
import { openVoiceModel, type VoiceModel } from './voice-model.ts';

/** Windows of each voice that its colour is measured on. */
const WINDOWS = 24;
/** Utterances of each voice that its centre is the mean of. */
const UTTERANCES = 24;
/** Variance is given back up to this factor. */
const MOST_GAIN = 1.5;

/** Averaged weights of a checkpoint where there are any. */
export async function weightsOf(run: RunFolder, prefix: string, step?: number): Promise<{ weights: Weights; step: number }> {
  const checkpoint = await run.loadCheckpoint(step);
  const names = Object.keys(checkpoint.tensors);
  const from = names.some((name) => name.startsWith(PREFIX.average)) ? PREFIX.average : PREFIX.params;
  const weights: Weights = {};
  for (const name of names) {
    const { shape, values } = checkpoint.tensors[name];
    if (name.startsWith(from) && values instanceof Float32Array) weights[prefix + name.slice(from.length)] = { shape, values };
  }
  return { weights, step: checkpoint.step };
}

/** @throws AtelierError 'not-found' where there is no checkpoint yet */
export async function assemble(run: RunFolder, set: AudioSet, images: ImageSet, device: Device, step?: number): Promise<Bundle> {
  const { info } = run;
  const ears = await openRun(join(run.folder, 'recogniser'));
  const own = await weightsOf(run, 'converter/', step);
  const heard = await weightsOf(ears, 'recogniser/');
  const speakers = set.speakers.length;
  const plain = (name: string) => !/quantizer.*\/(sum|count)$/.test(name);
  const weights: Weights = { ...Object.fromEntries(Object.entries(own.weights).filter(([name]) => plain(name))), ...heard.weights };
  const bundle: Bundle = {
    about: {
      name: info.name,
      converter: info.config,
      recogniser: ears.info.config,
      speakers: set.speakers.map(({ name, medianF0Hz, f0SpreadSemitones, durationSec, utterances }) => ({ name, medianF0Hz, f0SpreadSemitones, durationSec, utterances })),
      windowFrames: info.data.height,
      step: own.step,
      codeUsage: [],
      figures: {},
    },
    weights: {
      ...weights,
      centroids: blank(speakers, sizeOf(heard.weights['recogniser/out/bias'].shape)),
      'colour/mean': blank(speakers, MEL_BINS),
      'colour/gain': { shape: [speakers, MEL_BINS], values: new Float32Array(speakers * MEL_BINS).fill(1) },
    },
  };
  const model = openVoiceModel(device, bundle);
  try {
    await centres(model, set, bundle.weights.centroids.values, info.seed);
    bundle.about.codeUsage = await colours(model, images, bundle.weights, info.seed);
  } finally {
    model.dispose();
  }
  return bundle;
}

const blank = (...shape: number[]) => ({ shape, values: new Float32Array(sizeOf(shape)) });

async function centres(model: VoiceModel, set: AudioSet, centroids: Float32Array, seed: number): Promise<void> {
  const size = centroids.length / set.speakers.length;
  for (const speaker of set.speakers.keys()) {
    const own = [...set.split.train].filter((u) => set.utterances[u].speaker === speaker);
    const chosen = rng(seed, 'centre', speaker).shuffle(Int32Array.from(own)).subarray(0, UTTERANCES);
    if (chosen.length === 0) throw new AtelierError('bad-data', `Nothing of ${set.speakers[speaker].name} is left for training.`, 'Give longer recordings of this voice.');
    const sum = centroids.subarray(speaker * size, (speaker + 1) * size);
    for (const utterance of chosen) (await model.recognise(await set.readSamples(utterance))).forEach((v, i) => (sum[i] += v));
    const length = Math.sqrt(sum.reduce((n, v) => n + v * v, 1e-12));
    for (let i = 0; i < size; i++) sum[i] /= length;
  }
}

/** Mean spectrum of each voice and how much more it varies than what the decoder makes of it. @returns use of each code */
async function colours(model: VoiceModel, images: ImageSet, weights: Weights, seed: number): Promise<number[]> {
  const used = new Float64Array(model.converter.codes);
  const { height: frames } = images;
  for (const speaker of model.about.speakers.keys()) {
    const own = [...images.split.train].filter((item) => images.labels[item] === speaker);
    const chosen = rng(seed, 'colour', speaker).shuffle(Int32Array.from(own)).subarray(0, WINDOWS);
    const natural = moments();
    const made = moments();
    for (const item of chosen) {
      const rows = await images.read([item]);
      const mel = new Float32Array(frames * MEL_BINS);
      const prosody = new Float32Array(frames * PROSODY_COLUMNS);
      for (let t = 0; t < frames; t++) {
        mel.set(rows.subarray(t * FRAME_COLUMNS, t * FRAME_COLUMNS + MEL_BINS), t * MEL_BINS);
        prosody.set(rows.subarray(t * FRAME_COLUMNS + MEL_BINS, (t + 1) * FRAME_COLUMNS), t * PROSODY_COLUMNS);
      }
      const codes = await model.encode(mel, frames);
      for (const code of codes) used[code]++;
      natural.add(mel);
      made.add(await model.decode(codes, prosody, frames, model.voice(speaker)));
    }
    const a = natural.result();
    const b = made.result();
    for (let m = 0; m < MEL_BINS; m++) {
      weights['colour/mean'].values[speaker * MEL_BINS + m] = b.mean[m];
      weights['colour/gain'].values[speaker * MEL_BINS + m] = Math.max(1, Math.min(MOST_GAIN, a.deviation[m] / Math.max(b.deviation[m], 1e-3)));
    }
  }
  const total = used.reduce((n, v) => n + v, 0) || 1;
  return Array.from(used, (n) => n / total);
}

function moments() {
  const sum = new Float64Array(MEL_BINS);
  const squares = new Float64Array(MEL_BINS);
  let count = 0;
  return {
    add(mel: Float32Array) {
      for (let i = 0; i < mel.length; i++) {
        sum[i % MEL_BINS] += mel[i];
        squares[i % MEL_BINS] += mel[i] * mel[i];
      }
      count += mel.length / MEL_BINS;
    },
    result() {
      const mean = sum.map((v) => v / count);
      return { mean, deviation: squares.map((v, m) => Math.sqrt(Math.max(0, v / count - mean[m] ** 2))) };
    },
  };
}
