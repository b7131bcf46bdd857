/** Voices: trained converters, recordings to convert, and takes made of them. Prepared sets of recordings stand in `voice.ts`. */
import { z } from 'zod';
import { call } from './define.ts';
import { trainRequest } from './runs.ts';

/** A piece of sound; `bytes` is a whole WAV file (16 bit), ready for a Blob. */
export interface AudioClip {
  mime: 'audio/wav';
  bytes: Uint8Array;
  sampleRateHz: number;
  durationSec: number;
  /** Smallest and largest sample of each of the equal stretches, one pair after another, in [-1, 1], `[2 * n]`. */
  peaks: Float32Array;
}

/** A voice that a converter can speak in. */
export interface Voice {
  /** Its place; what calls take beside its name. */
  index: number;
  name: string;
  medianF0Hz: number;
  /** Seconds of recordings it was learned from. */
  durationSec: number;
  utterances: number;
}

/** A trained converter. */
export interface VoiceModelInfo {
  /** `builtin:voices`, or the folder of its run; what calls take as `model`. */
  ref: string;
  name: string;
  voices: Voice[];
  /** Codebook size K, of all levels together. */
  codes: number;
  levels: number;
  codesPerSec: number;
  bitsPerSec: number;
  /** Training steps behind it. */
  step: number;
  /** As the last evaluation found them; empty before one. See `VoiceEvaluation`. */
  figures: Record<string, number>;
}

/** A recording to convert, kept in the project. */
export interface VoiceSource {
  /** Its file; what calls take as `source`. */
  source: string;
  name: string;
  clip: AudioClip;
  /** Per frame, 0 where unvoiced, `[T]`. */
  f0Hz: Float32Array;
  frameRateHz: number;
  medianF0Hz: number;
  loudnessDb: number;
  /** Plain sentences: clipping, very short, hardly any voice in it... */
  warnings: string[];
}

/** A recording that takes were made of, or that was recorded or handed over here. */
export interface VoiceSourceInfo {
  /** Its file; what calls take as `source`. */
  source: string;
  name: string;
  takes: number;
  /** Of its newest take, or of the file; ISO. */
  at: string;
  /** Whether its file is there. */
  found: boolean;
}

/** How good a take is; every number says what it is of. */
export interface TakeScores {
  /** Cosine of the recogniser's vectors of the take and of the target voice, -1 to 1. The recogniser is independent of the converter. */
  targetSimilarity: number;
  /** The same with the source. */
  sourceSimilarity: number;
  /** Which of the trained voices the recogniser takes it for. */
  recognisedAs: string;
  /** Correlation of log F0 with the source where both are voiced, -1 to 1; null where hardly anything is voiced. */
  f0Correlation: number | null;
  /** Median F0 of the take against the wanted one, in semitones; null likewise. */
  f0ErrorSemitones: number | null;
  /** Part of the codes of the source that the take, heard again, gives back within a code's place: how much of what is said came through, 0 to 1. */
  codeAgreement: number;
  /** Of the take, in dB of full scale. */
  loudnessDb: number;
  /** Part of the samples that clip. */
  clipped: number;
}

export interface TakeSettings {
  /** Name of the voice; null: the one of `reference`. */
  voice: string | null;
  /** A recording of another voice to speak in. */
  reference: string | null;
  /** Semitones against the source; null: to the target's median. */
  pitchSemitones: number | null;
  /** Semitones by which the formants move beyond the target's. */
  formantSemitones: number;
  /** 0: said again in the source's own voice, 1: in the target's. */
  strength: number;
}

export interface TakeInfo {
  /** Folder of the take; what calls take as `take`. */
  take: string;
  model: string;
  source: string;
  sourceName: string;
  settings: TakeSettings;
  durationSec: number;
  /** How many times faster than it plays it was made, loading of the model not counted. */
  timesRealtime: number;
  scores: TakeScores;
  createdAt: string;
}

export interface Take extends TakeInfo {
  clip: AudioClip;
  f0Hz: Float32Array;
  frameRateHz: number;
  /** The codes of the source that it says, `[moments * levels]`. */
  codes: { values: Int32Array; levels: number; perSec: number };
}

/** The codebook and the voices laid out in three dimensions, in the unit sphere; both may be played. */
export interface VoiceMap {
  codes: { positions: Float32Array; usage: Float32Array };
  voices: { positions: Float32Array; names: string[] };
}

/** A named beginning for a training of voices. */
export interface VoicePreset {
  id: string;
  title: string;
  summary: string;
}

/** What a converter lets hear while it trains. */
export interface VoicePreviews {
  step: number;
  /** Steps that have previews, ascending. */
  steps: number[];
  /** A held-out sentence of one voice said by another; `name` tells which, as "anna as bert". */
  clips: { name: string; clip: AudioClip }[];
}

/** What an evaluation finds on held-out recordings. */
export interface VoiceEvaluation {
  /**
   * `targetAnswered`, `sourceAnswered` (0 to 1: the recogniser's answers for converted speech), `naturalAccuracy` (its accuracy on
   * recordings), `f0MedianErrorSemitones`, `f0Correlation`, `probeOnMels`, `probeOnCodes`, `probeChance` (accuracy of a small classifier of
   * the speaker), `mcdConvertedDb`, `mcdUnconvertedDb`, `mcdReduction` (only with parallel sentences), `timesRealtime`, `streamLatencyMs`.
   */
  figures: Record<string, number>;
  pairs: number;
  /** Sentences for people. */
  notes: string[];
  seconds: number;
}

/** One file of a batch, as its `takes.json` tells. */
export interface BatchItem {
  source: string;
  /** File that was written; null where it failed. */
  out: string | null;
  durationSec: number;
  timesRealtime: number;
  scores: TakeScores | null;
  /** Why it was not converted. */
  error: string | null;
}

/** How far a batch is. */
export interface BatchState {
  items: BatchItem[];
  /** Files that are still to come, the first of them perhaps under way. */
  waiting: string[];
}

const model = z.string().min(1).default('builtin:voices');
const source = z.string().min(1);
const take = z.string().min(1);
const format = z.enum(['wav', 'flac', 'mp3']).default('wav');

/** How a take is to be made; see `TakeSettings`. */
const settings = {
  voice: z.string().min(1).optional().describe('Name of a voice of the model.'),
  reference: z.string().min(1).optional().describe('Instead of a trained voice: a recording of another, up to a minute of it.'),
  pitchSemitones: z.number().min(-36).max(36).nullable().default(null).describe('Against the source; unset: to the median of the voice.'),
  formantSemitones: z.number().min(-12).max(12).default(0).describe('Moves the formants: down is a larger throat, up a smaller one.'),
  strength: z.number().min(0).max(1).default(1).describe('From the source\'s own voice (0) to the target\'s (1).'),
};

export const voiceTrainRequest = z.object({
  /** A prepared set of recordings. */
  set: z.string().min(1),
  preset: z.string().optional(),
  config: z.record(z.string(), z.unknown()).default({}),
  training: trainRequest.shape.training,
  device: z.string().optional(),
  seed: z.number().int().default(0),
  name: z.string().min(1).max(120).optional(),
  out: z.string().optional(),
});

export const voices = {
  /** The sample voices and the project's trained converters. */
  'voices.list': call<VoiceModelInfo[]>()(z.object({})),
  'voices.info': call<VoiceModelInfo>()(z.object({ model })),
  /** A few seconds of a voice, from its own recordings; null where none is kept. */
  'voices.sample': call<AudioClip | null>()(z.object({ model, voice: z.string().min(1) })),
  'voices.presets': call<VoicePreset[]>()(z.object({})),
  /** A job in the project; its result is the run's folder, which is also the model's ref. */
  'voices.train': call<{ job: string; run: string }>()(voiceTrainRequest),
  /** Sentences of the newest checkpoint that has any, or of the one named; null while there is none. */
  'voices.previews': call<VoicePreviews | null>()(z.object({ run: z.string().min(1), step: z.number().int().min(0).optional() })),
  /** Takes a recording into the project: a file, or the bytes of one (a recording from the microphone as WAV). */
  'voices.open': call<VoiceSource>()(z.object({ path: z.string().min(1).optional(), name: z.string().min(1).max(200).optional(), bytes: z.instanceof(Uint8Array).optional() })),
  /** Recordings of the project, those worked on last first. */
  'voices.sources': call<VoiceSourceInfo[]>()(z.object({})),
  /** A job; its result is the take. */
  'voices.convert': call<{ job: string }>()(z.object({ model, source, ...settings })),
  /** Takes of the project, newest first; of one source where it is named. */
  'voices.takes': call<TakeInfo[]>()(z.object({ source: source.optional() })),
  'voices.take': call<Take>()(z.object({ take })),
  /** Moves a take to the project's bin; undo with voices.restoreTake. */
  'voices.removeTake': call<null>()(z.object({ take })),
  'voices.restoreTake': call<null>()(z.object({ take })),
  /** Writes a take as a file. */
  'voices.saveTake': call<{ path: string; bytes: number }>()(z.object({ take, out: z.string().min(1), format, sampleRateHz: z.number().int().min(8000).max(192_000).default(22_050) })),
  /** Converts files, or all the sound in folders, into a folder; a job, whose result is that folder. One line a file in its `takes.json`. */
  'voices.batch': call<{ job: string }>()(z.object({ model, paths: z.array(z.string().min(1)).min(1), out: z.string().min(1), format, /** Unset: that of the voices, or 44100 for MP3. */ sampleRateHz: z.number().int().min(8000).max(192_000).optional(), ...settings })),
  /** What a batch has written into its folder so far; empty before the first file. */
  'voices.batchState': call<BatchState>()(z.object({ folder: z.string().min(1) })),
  /** One code, held for a while, in each voice; in the order of the model's voices. */
  'voices.hearCode': call<AudioClip[]>()(z.object({ model, code: z.number().int().min(0), durationSec: z.number().min(0.1).max(3).default(0.5) })),
  /** A stretch of codes read aloud in one voice, at its median pitch or another. */
  'voices.speakCodes': call<AudioClip>()(z.object({ model, codes: z.array(z.number().int().min(0)).min(1).max(4096), voice: z.string().min(1), f0Hz: z.number().min(40).max(1000).optional() })),
  'voices.map': call<VoiceMap>()(z.object({ model })),
  'voices.evaluate': call<VoiceEvaluation>()(z.object({ model, /** Unset: the set it was trained on. */ set: z.string().min(1).optional(), limit: z.number().int().min(1).max(1000).default(24) })),
  /** Encoder and decoder as ONNX files with a manifest; each is run alone and compared. */
  'voices.export': call<{ folder: string; files: string[]; maxDifference: number }>()(z.object({ model, out: z.string().min(1), frames: z.number().int().min(16).max(4096).multipleOf(2).default(256) })),
};
