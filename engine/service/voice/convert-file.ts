import { basename } from 'node:path';
import type { TakeScores, TakeSettings } from '../../../electron/contract/index.ts';
import { HOP_SAMPLES, SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import { AtelierError } from '../../core/errors.ts';
import { convertPieces, wantedMedianHz, type SourceProfile, type Target } from './convert-pieces.ts';
import { voiceIndex, type OpenVoices } from './open-voices.ts';
import { beginning, profileOf } from './profile.ts';
import { scoreTake } from './score.ts';
import { soundOf } from './sound.ts';

/** Nothing shorter is converted as it is: it is padded to this. */
const SHORTEST_SEC = 0.25;
/** Of longer sources the scores are those of the beginning. */
const SCORED_SEC = 60;

export interface Converted {
  samples: Float32Array;
  codes: Int32Array;
  f0Hz: Float32Array;
  scores: TakeScores;
  durationSec: number;
  timesRealtime: number;
  sourceName: string;
}

export interface ConvertContext {
  signal?: { readonly aborted: boolean };
  onProgress?: (fraction: number, message: string) => void;
}

interface ResolvedTarget {
  target: Target;
  /** For the scores. */
  heard: number | Float32Array;
}

/** Where the settings lead. @throws AtelierError 'not-found' (voice, reference), 'bad-input' when neither is named */
export async function targetOf(voices: OpenVoices, settings: TakeSettings): Promise<ResolvedTarget> {
  const { model } = voices;
  const { pitchSemitones, formantSemitones, strength } = settings;
  if (settings.voice !== null) {
    const index = voiceIndex(model.about, settings.voice);
    return { heard: index, target: { voice: model.voice(index), medianF0Hz: model.about.speakers[index].medianF0Hz, index, pitchSemitones, formantSemitones, strength } };
  }
  if (settings.reference === null) throw new AtelierError('bad-input', 'No voice was named to convert to.', `Name one of ${model.about.speakers.map(({ name }) => name).join(', ')}, or a recording as reference.`);
  const samples = await beginning(soundOf(settings.reference), 60);
  const { voice, medianF0Hz, gain } = await profileOf(model, samples);
  return { heard: await model.recognise(samples.map((v) => v * gain)), target: { voice, medianF0Hz, index: null, pitchSemitones, formantSemitones, strength } };
}

/**
 * Converts a file. Sources of any length: the sound goes through in blocks to `sink`, or is kept and given back without one.
 * @throws AtelierError 'not-found' | 'bad-data' of the file, 'cancelled'
 */
export async function convertFile(voices: OpenVoices, path: string, settings: TakeSettings, context: ConvertContext = {}, sink?: (samples: Float32Array) => Promise<void>): Promise<Converted> {
  const { model, speak } = voices;
  const { target, heard } = await targetOf(voices, settings);
  context.onProgress?.(0, 'Listening');
  const began = performance.now();
  const profile: SourceProfile = await profileOf(model, await beginning(soundOf(path)));
  const parts: Float32Array[] = [];
  const codes: Int32Array[] = [];
  const first: Float32Array[] = [];
  let firstCount = 0;
  let heardCount = 0;
  let done = 0;
  const most = SCORED_SEC * SAMPLE_RATE_HZ;
  const listened = async function* (): AsyncGenerator<Float32Array> {
    for await (const piece of soundOf(path)) {
      if (firstCount < most) {
        first.push(piece.slice(0, most - firstCount));
        firstCount += Math.min(piece.length, most - firstCount);
      }
      heardCount += piece.length;
      yield piece;
    }
    const shortest = SHORTEST_SEC * SAMPLE_RATE_HZ;
    if (heardCount === 0) throw new AtelierError('bad-data', `${path} has no sound in it.`, 'Choose another file.');
    if (heardCount < shortest) yield new Float32Array(Math.ceil(shortest - heardCount));
  };
  let kept = 0;
  for await (const piece of convertPieces(model, speak, listened(), profile, target, context.signal)) {
    const own = piece.samples.subarray(0, Math.max(0, heardCount - done));
    if (sink) await sink(own);
    if (!sink || kept < most) parts.push(own);
    kept += own.length;
    codes.push(piece.codes);
    done += piece.samples.length;
    const sec = done / SAMPLE_RATE_HZ;
    // How long a compressed file is shows only at its end.
    context.onProgress?.((0.9 * sec) / (sec + 30), `Converting: ${Math.round(sec)} s done`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const timesRealtime = done / SAMPLE_RATE_HZ / Math.max(1e-3, (performance.now() - began) / 1000);
  context.onProgress?.(0.92, 'Scoring');
  const samples = lay(parts);
  const source = lay(first);
  const all = layCodes(codes);
  const length = Math.min(source.length, samples.length, most);
  const { scores, f0Hz } = await scoreTake(model, source.subarray(0, length), samples.subarray(0, length), {
    gain: profile.gain, wantedHz: wantedMedianHz(profile, target), target: heard,
    codes: all.subarray(0, Math.ceil(Math.ceil(length / HOP_SAMPLES) / 2) * model.converter.levels),
  });
  return { samples, codes: all, f0Hz, scores, durationSec: heardCount / SAMPLE_RATE_HZ, timesRealtime, sourceName: basename(path) };
}

function lay(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function layCodes(parts: readonly Int32Array[]): Int32Array {
  const out = new Int32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
