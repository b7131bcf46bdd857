/**
 * A prepared set of recordings is a folder: `audio-set.json` (what the set says of itself), `utterances.json`, and three files
 * in which the utterances stand one after another, F frames in all, little-endian:
 * `samples.bin` int16 `[F * HOP_SAMPLES]`, `mel.bin` half floats `[F, MEL_BINS]`, `pitch.bin` floats `[F, 3]`: F0 in Hz
 * (0 unvoiced), voicing, energy in dB.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { VoiceSetInfo } from '../../electron/contract/index.ts';
import { FRAME_SAMPLES, HOP_SAMPLES, LOG_MEL_FLOOR, MEL_BINS, SAMPLE_RATE_HZ } from '../core/analysis.ts';
import type { AudioSet, AudioSplit, Features, Utterance } from '../core/audio-set.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { fromHalf } from '../core/half.ts';
import { readRecord } from '../core/record-file.ts';
import { splitIndices } from './split.ts';

export const AUDIO_SET_FORMAT = 'latent-atelier-audio-set';
export const AUDIO_SET_FILE = 'audio-set.json';
export const UTTERANCES_FORMAT = 'latent-atelier-utterances';
export const UTTERANCES_FILE = 'utterances.json';
export const SAMPLES_FILE = 'samples.bin';
export const MEL_FILE = 'mel.bin';
export const PITCH_FILE = 'pitch.bin';
export const PITCH_COLUMNS = 3;

/** The analysis the features were made with; other ones cannot be used. */
export const ANALYSIS = { sampleRateHz: SAMPLE_RATE_HZ, frameSamples: FRAME_SAMPLES, hopSamples: HOP_SAMPLES, melBins: MEL_BINS } as const;

export type AudioSetRecord = Omit<VoiceSetInfo, 'ref'> & { analysis: Record<keyof typeof ANALYSIS, number> };
export interface UtterancesRecord {
  utterances: Utterance[];
}

/** Sets up to this size are read into memory at first use. */
const IN_MEMORY_BYTES = 400 * 2 ** 20;
const BYTES_PER_FRAME = { [SAMPLES_FILE]: HOP_SAMPLES * 2, [MEL_FILE]: MEL_BINS * 2, [PITCH_FILE]: PITCH_COLUMNS * 4 } as const;

export interface PreparedAudio extends AudioSet {
  readonly info: VoiceSetInfo;
}

/**
 * Opens a prepared set.
 * @param options.inMemoryBytes larger sets are read from disk as asked for
 * @throws AtelierError 'not-found' | 'bad-data' | 'newer-version'
 */
export async function openAudioSet(folder: string, options: { inMemoryBytes?: number } = {}): Promise<PreparedAudio> {
  const ref = resolve(folder);
  const { analysis, ...rest } = await readRecord<AudioSetRecord>(join(ref, AUDIO_SET_FILE), AUDIO_SET_FORMAT, 'a set of recordings');
  const { utterances } = await readRecord<UtterancesRecord>(join(ref, UTTERANCES_FILE), UTTERANCES_FORMAT, 'the utterances of a set');
  const broken = (why: string): AtelierError => new AtelierError('bad-data', `The recordings prepared in ${ref} cannot be used: ${why}.`, 'Prepare the recordings again; the originals were not touched.');
  for (const [name, value] of Object.entries(ANALYSIS)) {
    const found = analysis?.[name as keyof typeof ANALYSIS];
    if (found !== value) throw broken(`their ${name} is ${found} instead of ${value}`);
  }
  const offsets = new Float64Array(utterances.length + 1);
  utterances.forEach(({ frames }, i) => (offsets[i + 1] = offsets[i] + frames));
  const total = offsets[utterances.length];
  const names = Object.keys(BYTES_PER_FRAME) as (keyof typeof BYTES_PER_FRAME)[];
  const files: FileHandle[] = [];
  try {
    for (const name of names) {
      const path = join(ref, name);
      const file = await open(path, 'r').catch((error: unknown) => Promise.reject(toAtelierError(error, `opening ${path}`)));
      files.push(file);
      const { size } = await file.stat();
      if (size !== total * BYTES_PER_FRAME[name]) throw broken(`${name} has ${size} bytes instead of ${total * BYTES_PER_FRAME[name]}`);
    }
  } catch (error) {
    await Promise.all(files.map((file) => file.close()));
    throw error;
  }
  const bytes = total * names.reduce((sum, name) => sum + BYTES_PER_FRAME[name], 0);
  const whole = bytes <= (options.inMemoryBytes ?? IN_MEMORY_BYTES);
  const parts = Object.fromEntries(names.map((name, i) => [name, frameFile(files[i], BYTES_PER_FRAME[name], total, whole)]));

  /** Frames [from, from + frames) of an utterance that exist. */
  const span = (utterance: number, from: number, frames: number | undefined) => {
    const of = utterances[utterance];
    if (!of) throw new AtelierError('bad-input', `There is no utterance ${utterance}; the set has ${utterances.length}.`, 'Ask for one of them.');
    if (!Number.isInteger(from) || from < 0 || from > of.frames) throw new AtelierError('bad-input', `Utterance ${utterance} has ${of.frames} frames; ${from} is beyond.`, 'Ask for frames it has.');
    const wanted = frames ?? of.frames - from;
    return { at: offsets[utterance] + from, wanted, there: Math.min(wanted, of.frames - from) };
  };

  return {
    ref,
    info: { ref, ...rest },
    name: rest.name,
    fingerprint: rest.fingerprint,
    speakers: rest.speakers,
    utterances,
    warnings: rest.warnings,
    split: splitIndices(utterances.map(({ split }) => split)) satisfies Record<AudioSplit, Int32Array>,
    async readFeatures(utterance, from = 0, frames): Promise<Features> {
      const { at, wanted, there } = span(utterance, from, frames);
      const [mel, pitch] = await Promise.all([parts[MEL_FILE](at, there), parts[PITCH_FILE](at, there)]);
      const logMel = new Float32Array(wanted * MEL_BINS).fill(LOG_MEL_FLOOR, there * MEL_BINS);
      fromHalf(new Uint16Array(mel.buffer, mel.byteOffset, there * MEL_BINS), 0, logMel.subarray(0, there * MEL_BINS));
      const rows = new Float32Array(pitch.buffer, pitch.byteOffset, there * PITCH_COLUMNS);
      const column = (c: number, beyond: number): Float32Array => Float32Array.from({ length: wanted }, (_, t) => (t < there ? rows[t * PITCH_COLUMNS + c] : beyond));
      return { frames: wanted, logMel, f0Hz: column(0, 0), voicing: column(1, 0), energyDb: column(2, -100) };
    },
    async readSamples(utterance, from = 0, frames) {
      const { at, wanted, there } = span(utterance, from, frames);
      const bytes = await parts[SAMPLES_FILE](at, there);
      const steps = new Int16Array(bytes.buffer, bytes.byteOffset, there * HOP_SAMPLES);
      const out = new Float32Array(wanted * HOP_SAMPLES);
      for (let i = 0; i < steps.length; i++) out[i] = steps[i] / 32768;
      return out;
    },
    async close() {
      await Promise.all(files.map((file) => file.close().catch(() => {})));
    },
  };
}

/** Reads frames of a file, from memory where the whole fits; the bytes are aligned to 4 at least. */
function frameFile(file: FileHandle, bytesPerFrame: number, total: number, whole: boolean): (from: number, frames: number) => Promise<Uint8Array> {
  const read = async (from: number, frames: number): Promise<Uint8Array> => {
    const out = new Uint8Array(frames * bytesPerFrame);
    let at = 0;
    while (at < out.length) {
      const { bytesRead } = await file.read(out, at, out.length - at, from * bytesPerFrame + at);
      if (bytesRead === 0) throw new AtelierError('bad-data', 'A file of the prepared recordings has become shorter while it was read.', 'Prepare the recordings again.');
      at += bytesRead;
    }
    return out;
  };
  if (!whole) return read;
  let all: Promise<Uint8Array> | undefined;
  return async (from, frames) => {
    all ??= read(0, total);
    return (await all).subarray(from * bytesPerFrame, (from + frames) * bytesPerFrame);
  };
}
