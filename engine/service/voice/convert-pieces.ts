/** Conversion of sound of any length, block by block: memory does not grow with it. */
import { analyse } from '../../audio/features.ts';
import { HOP_SAMPLES, MEL_BINS } from '../../core/analysis.ts';
import { cosines, OUTLINE_COSINES, product, stretchMatrix } from '../../core/envelope.ts';
import { AtelierError } from '../../core/errors.ts';
import { PROSODY_COLUMNS, prosodyRows } from '../../models/voice-frames.ts';
import type { VoiceModel } from '../../training/voice-model.ts';
import type { SpeakMel } from '../../training/voice-views.ts';

/** What is known of a source before it is converted. */
export interface SourceProfile {
  /** Factor that brings it to the loudness the model was trained at. */
  gain: number;
  /** 0 where nothing is voiced. */
  medianF0Hz: number;
  /** Its own voice as the model hears it, `[speakerSize]`. */
  voice: Float32Array;
}

/** Where a conversion is to go. */
export interface Target {
  /** `[speakerSize]` */
  voice: Float32Array;
  /** 0 where unknown: then the pitch stays. */
  medianF0Hz: number;
  /** Place among the trained voices, or null: then its colour is not known. */
  index: number | null;
  /** Semitones against the source; null: to the target's median. */
  pitchSemitones: number | null;
  formantSemitones: number;
  /** 0 to 1 */
  strength: number;
}

export interface Piece {
  samples: Float32Array;
  /** Codes of these frames, `[frames / 2 * levels]`. */
  codes: Int32Array;
}

const BLOCK_FRAMES = 1024;
/** Surroundings on each side that a block is converted with and that are cut off again. */
const AROUND_FRAMES = 64;
/** Frames over which blocks are faded into one another. */
const FADE_FRAMES = 8;

/** Median F0 that a take is to have; 0 where nothing is known. */
export function wantedMedianHz(profile: SourceProfile, target: Target): number {
  const { medianF0Hz: from } = profile;
  if (from === 0) return 0;
  if (target.pitchSemitones !== null) return from * 2 ** (target.pitchSemitones / 12);
  return target.medianF0Hz > 0 ? from * (target.medianF0Hz / from) ** target.strength : from;
}

/** How spectra and prosody of a source become those of the target. */
export function createVoicing(model: VoiceModel, profile: SourceProfile, target: Target) {
  const { strength } = target;
  const voice = target.voice.map((v, i) => profile.voice[i] + (v - profile.voice[i]) * strength);
  const median = wantedMedianHz(profile, target);
  const ratio = profile.medianF0Hz > 0 ? median / profile.medianF0Hz : 1;
  const home = target.medianF0Hz > 0 && strength > 0 ? (profile.medianF0Hz || target.medianF0Hz) ** (1 - strength) * target.medianF0Hz ** strength : profile.medianF0Hz;
  const formants = target.formantSemitones === 0 ? null : formantMatrix(2 ** (target.formantSemitones / 12));
  return {
    voice,
    /** In place. @param prosody `[T, PROSODY_COLUMNS]` of the source */
    prosody(prosody: Float32Array): Float32Array {
      for (let at = 0; at < prosody.length; at += PROSODY_COLUMNS) {
        prosody[at] *= ratio;
        if (home > 0) prosody[at + 2] = Math.log(prosody[at] / home);
      }
      return prosody;
    },
    /** In place. @param mel `[T, MEL_BINS]` as the decoder made it */
    spectra(mel: Float32Array): Float32Array {
      if (target.index !== null && strength > 0) model.colour(mel, target.index, strength);
      if (formants) {
        const moved = product(mel, formants, mel.length / MEL_BINS, MEL_BINS, MEL_BINS);
        for (let i = 0; i < mel.length; i++) mel[i] += moved[i];
      }
      return mel;
    },
  };
}

/** What is to be added to a log-mel spectrum so that its outline, but not its harmonics, is stretched by the factor; rows times it. */
function formantMatrix(factor: number): Float32Array {
  const basis = cosines();
  const transposed = new Float32Array(basis.length);
  for (let m = 0; m < MEL_BINS; m++) for (let q = 0; q < OUTLINE_COSINES; q++) transposed[q * MEL_BINS + m] = basis[m * OUTLINE_COSINES + q];
  const outline = product(basis, transposed, MEL_BINS, OUTLINE_COSINES, MEL_BINS);
  const stretched = product(outline, stretchMatrix(factor), MEL_BINS, MEL_BINS, MEL_BINS);
  return stretched.map((v, i) => v - outline[i]);
}

/**
 * Converts sound that comes in pieces; what goes out is as long as what came in.
 * @param pieces samples at `SAMPLE_RATE_HZ`
 * @throws AtelierError 'cancelled' when the signal is aborted
 */
export async function* convertPieces(model: VoiceModel, speak: SpeakMel, pieces: AsyncIterable<Float32Array>, profile: SourceProfile, target: Target, signal?: { readonly aborted: boolean }): AsyncGenerator<Piece> {
  const voicing = createVoicing(model, profile, target);
  const { levels } = model.converter;
  let held: Float32Array = new Float32Array(0);
  /** Frames of what is held that were converted already and serve as surroundings. */
  let before = 0;
  let fade: Float32Array | null = null;

  const convert = async (frames: number, last: boolean): Promise<Piece> => {
    const there = held.length;
    const after = last ? 0 : AROUND_FRAMES;
    const total = before + frames + after;
    const samples = new Float32Array(total * HOP_SAMPLES);
    samples.set(held.subarray(0, Math.min(there, samples.length)));
    for (let i = 0; i < samples.length; i++) samples[i] *= profile.gain;
    const features = analyse(samples);
    const codes = await model.encode(features.logMel, total);
    const prosody = voicing.prosody(prosodyRows(features, profile.medianF0Hz));
    const mel = voicing.spectra(await model.decode(codes, prosody, total, voicing.voice));
    const spoken = await speak(mel, total);
    const own = spoken.slice(before * HOP_SAMPLES, (before + frames) * HOP_SAMPLES);
    if (fade) for (let i = 0; i < fade.length && i < own.length; i++) own[i] = fade[i] + (own[i] - fade[i]) * ((i + 0.5) / fade.length);
    fade = last ? null : spoken.slice((before + frames) * HOP_SAMPLES, (before + frames + FADE_FRAMES) * HOP_SAMPLES);
    for (let i = 0; i < own.length; i++) own[i] /= profile.gain;
    const skip = Math.floor(before / 2);
    const piece = { samples: own, codes: codes.slice(skip * levels, (skip + Math.ceil(frames / 2)) * levels) };
    const keepFrom = Math.max(0, before + frames - AROUND_FRAMES);
    held = held.slice(keepFrom * HOP_SAMPLES);
    before = before + frames - keepFrom;
    return piece;
  };

  for await (const piece of pieces) {
    held = joined(held, piece);
    while (held.length >= (before + BLOCK_FRAMES + AROUND_FRAMES) * HOP_SAMPLES) {
      if (signal?.aborted) throw new AtelierError('cancelled', 'The conversion was called off.', 'Start it again.');
      yield await convert(BLOCK_FRAMES, false);
    }
  }
  const rest = held.length - before * HOP_SAMPLES;
  if (rest > 0) {
    if (signal?.aborted) throw new AtelierError('cancelled', 'The conversion was called off.', 'Start it again.');
    const piece = await convert(Math.ceil(rest / HOP_SAMPLES), true);
    yield { ...piece, samples: piece.samples.slice(0, rest) };
  }
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
