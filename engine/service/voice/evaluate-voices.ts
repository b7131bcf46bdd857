/** What a model of voices is worth on recordings that it has not learned from. */
import { analyse } from '../../audio/features.ts';
import { HOP_SAMPLES, MEL_BINS, SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import type { AudioSet } from '../../core/audio-set.ts';
import { AtelierError } from '../../core/errors.ts';
import { rng } from '../../core/rng.ts';
import { openAudioSet } from '../../data/audio-set.ts';
import { openDevice } from '../../device/index.ts';
import { writeBundle } from '../../training/voice-bundle.ts';
import { speakerProbe, type ProbeItem } from '../../metrics/speaker-probe.ts';
import { f0Correlation, medianF0, melCepstralDistortionDb } from '../../metrics/voice.ts';
import type { TaskContext, TaskFunction } from '../worker-messages.ts';
import { convertPieces, wantedMedianHz, type Target } from './convert-pieces.ts';
import { createLive } from './live.ts';
import { bundlePath, openVoices, type OpenVoices } from './open-voices.ts';
import { profileOf } from './profile.ts';

const PROBE_UTTERANCES = { train: 24, test: 12 };

export const evaluateVoices: TaskFunction<'evaluateVoices'> = async ({ model: ref, set: path, limit, unseen }, context) => {
  const began = performance.now();
  context.progress({ progress: 0, etaSec: null, message: 'Opening the voices' });
  const device = await openDevice('cpu');
  const opened = await openAudioSet(path);
  const set = unseen ? { ...opened, split: { ...opened.split, test: Int32Array.from(opened.utterances.keys()), validation: new Int32Array(0) } } : opened;
  try {
    const voices = await openVoices(ref, device);
    try {
      const { about } = voices.model;
      const known = set.speakers.map(({ name }) => about.speakers.findIndex((s) => s.name === name));
      if (known.every((index) => index < 0)) throw new AtelierError('bad-input', `${set.name} has no recording of any voice of "${about.name}".`, `Give recordings of ${about.speakers.map((s) => s.name).join(', ')}.`);
      const notes: string[] = [];
      const probe = await probeSpeakers(voices, set, known, context);
      const found = await convertPairs(voices, set, known, limit, context, notes);
      const live = await latency(voices, set);
      const figures = { ...found.figures, ...probe, ...live };
      // The figures stay with the voices, but for those that ship.
      if (!ref.startsWith('builtin:')) await writeBundle(await bundlePath(ref), { about: { ...voices.bundle.about, figures }, weights: voices.bundle.weights });
      return { figures, pairs: found.pairs, notes, seconds: (performance.now() - began) / 1000 };
    } finally {
      voices.dispose();
    }
  } finally {
    await set.close();
    device.dispose();
  }
};

const held = (set: AudioSet): number[] => {
  const out = [...set.split.test, ...set.split.validation];
  return out.length > 0 ? out : [...set.split.train];
};

/** How far a small classifier tells the speaker from the spectra of a moment, and from its code. */
async function probeSpeakers({ model }: OpenVoices, set: AudioSet, known: readonly number[], context: TaskContext): Promise<Record<string, number>> {
  const { levels, config } = model.converter;
  const columns = config.codeSize;
  const codes: Record<'train' | 'test', ProbeItem[]> = { train: [], test: [] };
  const mels: Record<'train' | 'test', ProbeItem[]> = { train: [], test: [] };
  const labels = set.speakers.length;
  for (const part of ['train', 'test'] as const) {
    const from = part === 'train' ? [...set.split.train] : held(set);
    for (let speaker = 0; speaker < labels; speaker++) {
      if (known[speaker] < 0) continue;
      const own = from.filter((u) => set.utterances[u].speaker === speaker);
      for (const utterance of rng(0, 'probe', part, speaker).shuffle(Int32Array.from(own)).subarray(0, PROBE_UTTERANCES[part])) {
        const { logMel, frames } = await set.readFeatures(utterance);
        const found = await model.encode(logMel, frames);
        const moments = Math.floor(frames / 2);
        const rows = new Float32Array(moments * MEL_BINS);
        const points = new Float32Array(moments * columns);
        for (let t = 0; t < moments; t++) {
          for (let m = 0; m < MEL_BINS; m++) rows[t * MEL_BINS + m] = (logMel[2 * t * MEL_BINS + m] + logMel[(2 * t + 1) * MEL_BINS + m]) / 2;
          for (let level = 0; level < levels; level++) for (let d = 0; d < columns; d++) points[t * columns + d] += model.codebook[found[t * levels + level] * columns + d];
        }
        mels[part].push({ rows, label: speaker });
        codes[part].push({ rows: points, label: speaker });
      }
    }
    context.progress({ progress: part === 'train' ? 0.1 : 0.2, etaSec: null, message: 'Asking what the codes tell of the speaker' });
  }
  return {
    probeOnMels: speakerProbe(mels.train, mels.test, MEL_BINS, labels, 0),
    probeOnCodes: speakerProbe(codes.train, codes.test, columns, labels, 0),
    probeChance: 1 / known.filter((index) => index >= 0).length,
  };
}

async function convertPairs(voices: OpenVoices, set: AudioSet, known: readonly number[], limit: number, context: TaskContext, notes: string[]) {
  const { model, speak } = voices;
  const { speakers } = model.about;
  const mean = (values: number[]) => (values.length === 0 ? NaN : values.reduce((a, b) => a + b, 0) / values.length);
  const answers = { target: 0, source: 0, natural: 0 };
  const errors: number[] = [];
  const correlations: number[] = [];
  const distances: { converted: number; unconverted: number }[] = [];
  let pairs = 0;
  let naturals = 0;
  let sound = 0;
  let spent = 0;
  const byText = new Map<string, number[]>();
  set.utterances.forEach(({ text }, i) => {
    if (text) byText.set(text, [...(byText.get(text) ?? []), i]);
  });
  // Every voice in turn as source; the targets go round.
  const bySpeaker = set.speakers.map((_, s) => held(set).filter((u) => set.utterances[u].speaker === s && set.utterances[u].frames >= 86));
  const order: number[] = [];
  for (let round = 0; order.length < limit && round < limit; round++) for (const own of bySpeaker) if (own[round] !== undefined && order.length < limit) order.push(own[round]);
  for (const [n, utterance] of order.entries()) {
    if (context.signal.aborted) throw new AtelierError('cancelled', 'The evaluation was called off.', 'Start it again.');
    context.progress({ progress: 0.2 + (0.75 * n) / order.length, etaSec: null, message: `Converting sentence ${n + 1} of ${order.length}` });
    const speaker = set.utterances[utterance].speaker;
    const own = known[speaker];
    const samples = await set.readSamples(utterance);
    const best = (vector: Float32Array) => {
      const likeness = model.likeness(vector);
      return likeness.indexOf(Math.max(...likeness));
    };
    if (own >= 0) {
      naturals++;
      if (best(await model.recognise(samples)) === own) answers.natural++;
    }
    const others = speakers.map((_, i) => i).filter((i) => i !== own);
    if (others.length === 0) continue;
    const index = others[(n + Math.floor(n / set.speakers.length)) % others.length];
    const target: Target = { voice: model.voice(index), medianF0Hz: speakers[index].medianF0Hz, index, pitchSemitones: null, formantSemitones: 0, strength: 1 };
    const from = performance.now();
    const profile = await profileOf(model, samples);
    const parts: Float32Array[] = [];
    for await (const { samples: part } of convertPieces(model, speak, once(samples), profile, target)) parts.push(part);
    spent += (performance.now() - from) / 1000;
    sound += samples.length / SAMPLE_RATE_HZ;
    const take = join(parts).map((v) => v * profile.gain);
    const answer = best(await model.recognise(take));
    pairs++;
    if (answer === index) answers.target++;
    if (answer === own) answers.source++;
    const [was, is] = [await set.readFeatures(utterance), analyse(take)];
    const median = medianF0(is.f0Hz);
    const wanted = wantedMedianHz(profile, target);
    if (median > 0 && wanted > 0) errors.push(Math.abs(12 * Math.log2(median / wanted)));
    const correlation = f0Correlation(was.f0Hz, is.f0Hz);
    if (correlation !== null) correlations.push(correlation);
    const twin = (byText.get(set.utterances[utterance].text) ?? []).find((u) => known[set.utterances[u].speaker] === index);
    if (twin !== undefined) {
      const truth = await set.readFeatures(twin);
      distances.push({ converted: melCepstralDistortionDb(is.logMel, truth.logMel), unconverted: melCepstralDistortionDb(was.logMel, truth.logMel) });
    }
  }
  const figures: Record<string, number> = {
    targetAnswered: pairs ? answers.target / pairs : NaN,
    sourceAnswered: pairs ? answers.source / pairs : NaN,
    naturalAccuracy: naturals ? answers.natural / naturals : NaN,
    f0MedianErrorSemitones: mean(errors),
    f0Correlation: mean(correlations),
    timesRealtime: sound / Math.max(spent, 1e-3),
  };
  if (distances.length > 0) {
    figures.mcdConvertedDb = mean(distances.map((d) => d.converted));
    figures.mcdUnconvertedDb = mean(distances.map((d) => d.unconverted));
    figures.mcdReduction = 1 - figures.mcdConvertedDb / figures.mcdUnconvertedDb;
  } else notes.push('No sentence is said by two of the voices, so the distance to the true target is not known. A table with texts would tell.');
  if (pairs === 0) notes.push('There is only one voice, so nothing could be converted.');
  return { figures: Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value))), pairs };
}

/** Delay of live conversion: the chunk, the look ahead and the computing of one chunk. */
async function latency({ model, speak }: OpenVoices, set: AudioSet): Promise<Record<string, number>> {
  const utterance = held(set).sort((a, b) => set.utterances[b].frames - set.utterances[a].frames)[0];
  const samples = await set.readSamples(utterance);
  const profile = await profileOf(model, samples);
  const live = createLive(model, speak, profile, { voice: model.voice(0), medianF0Hz: model.about.speakers[0].medianF0Hz, index: 0, pitchSemitones: null, formantSemitones: 0, strength: 1 });
  const times: number[] = [];
  const piece = 10 * HOP_SAMPLES;
  for (let at = 0; at + piece <= samples.length && times.length < 60; at += piece) {
    const from = performance.now();
    await live.push(samples.subarray(at, at + piece));
    times.push(performance.now() - from);
  }
  const sorted = times.slice(Math.min(times.length - 1, 30)).sort((a, b) => a - b);
  const computing = sorted[Math.floor(sorted.length * 0.5)] ?? 0;
  return { streamLatencyMs: live.delaySec * 1000 + computing, streamComputeMs: computing };
}

async function* once(samples: Float32Array): AsyncGenerator<Float32Array> {
  yield samples;
}

function join(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
