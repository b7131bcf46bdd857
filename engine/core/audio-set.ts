export type AudioSplit = 'train' | 'validation' | 'test';

export interface Speaker {
  readonly name: string;
  readonly utterances: number;
  readonly durationSec: number;
  /** Of the voiced frames; 0 when none is voiced. */
  readonly medianF0Hz: number;
  /** Spread of F0 around the median in semitones, robust: 1.4826 times the median distance. */
  readonly f0SpreadSemitones: number;
}

/** One stretch of speech between silences. */
export interface Utterance {
  /** Path below the source, with the time where it begins when its file was split: `anna/talk.wav@12.48`. */
  readonly name: string;
  readonly speaker: number;
  readonly split: AudioSplit;
  /** Frames T; it has T * HOP_SAMPLES samples, zeros after its end. */
  readonly frames: number;
  /** What is said, where a table tells; empty when unknown. */
  readonly text: string;
}

/** Features of T frames, see `engine/core/analysis.ts`. */
export interface Features {
  readonly frames: number;
  /** Natural logarithm of mel magnitudes, at least `LOG_MEL_FLOOR`, `[T, MEL_BINS]`. */
  readonly logMel: Float32Array;
  /** Hz, 0 where unvoiced, `[T]`. */
  readonly f0Hz: Float32Array;
  /** Normalised correlation of one period with the next, 0 to 1; F0 is given where it is voiced, `[T]`. */
  readonly voicing: Float32Array;
  /** Level of the frame in dB of full scale, at least -100, `[T]`. */
  readonly energyDb: Float32Array;
}

/** Recordings of one or more speakers, ready for training. Implemented in `engine/data`. */
export interface AudioSet {
  /** The absolute path of its folder; opens the set again. */
  readonly ref: string;
  readonly name: string;
  /** Changes when utterances, order, split or analysis change; runs remember it. */
  readonly fingerprint: string;
  readonly speakers: readonly Speaker[];
  readonly utterances: readonly Utterance[];
  /** Plain sentences: clipping, noise, duplicates, very little of a speaker... */
  readonly warnings: readonly string[];
  /** Utterance indices per split, seeded. */
  readonly split: Readonly<Record<AudioSplit, Int32Array>>;
  /**
   * @param utterance index
   * @param from first frame; `frames` beyond the end are silence (log-mel at its floor, unvoiced)
   * @throws AtelierError 'bad-input' for an utterance or frame that is not there
   */
  readFeatures(utterance: number, from?: number, frames?: number): Promise<Features>;
  /** Samples in [-1, 1] of the same frames, `[frames * HOP_SAMPLES]`. */
  readSamples(utterance: number, from?: number, frames?: number): Promise<Float32Array>;
  close(): Promise<void>;
}
