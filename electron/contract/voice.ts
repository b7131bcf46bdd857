import { z } from 'zod';
import { call } from './define.ts';
import { voiceTrainRequest } from './voices.ts';

export interface VoiceSpeaker {
  name: string;
  utterances: number;
  durationSec: number;
  /** Of the voiced frames; 0 when none is voiced. */
  medianF0Hz: number;
  /** Spread of F0 around the median, robust: 1.4826 times the median distance. */
  f0SpreadSemitones: number;
}

/** A prepared set of recordings. */
export interface VoiceSetInfo {
  /** Absolute path of its folder; what calls take as `set`. */
  ref: string;
  name: string;
  /** Where the recordings come from, for people. */
  source: string;
  speakers: VoiceSpeaker[];
  utterances: number;
  durationSec: number;
  split: { train: number; validation: number; test: number };
  /** Files that could not be read: the first hundred by name, and how many in all. */
  skipped: { total: number; files: { path: string; reason: string }[] };
  /** Plain sentences: clipping, noise, duplicates, one speaker only, very little of a speaker... */
  warnings: string[];
  fingerprint: string;
}

export const prepareOptions = z.object({
  /** A folder with one folder of recordings per speaker, or a table (.csv, .tsv) of files with speaker and text. */
  path: z.string().min(1),
  /** Where the set is written, a folder that must not exist; unset: in the project. */
  out: z.string().min(1).optional(),
  name: z.string().min(1).max(120).optional(),
  /** Of the split into training, validation and test. */
  seed: z.number().int().default(0),
});

const set = z.string().min(1);

export const voice = {
  /** A job; its result is the set's ref. */
  'voice.prepare': call<{ job: string }>()(prepareOptions),
  /** A job in the project; its result is the run's folder. */
  'voice.vocoder': call<{ job: string; run: string }>()(voiceTrainRequest),
  /** The prepared sets of the project. */
  'voice.sets': call<VoiceSetInfo[]>()(z.object({})),
  'voice.set': call<VoiceSetInfo>()(z.object({ set })),
};
