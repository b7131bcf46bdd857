import type { TakeScores } from '../../../electron/contract/index.ts';
import { analyse } from '../../audio/features.ts';
import { loudnessOf } from '../../audio/loudness.ts';
import { SAMPLE_RATE_HZ } from '../../core/analysis.ts';
import { codeAgreement, f0Correlation, medianF0 } from '../../metrics/voice.ts';
import type { VoiceModel } from '../../training/voice-model.ts';

/** Beyond this a sample counts as clipped. */
const CLIPPED = 0.999;
const SILENCE_DB = -100;

export interface Scored {
  scores: TakeScores;
  /** Of the take. */
  f0Hz: Float32Array;
}

const cosine = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, i) => sum + v * b[i], 0);

/**
 * How good a take is.
 * @param source @param take samples at `SAMPLE_RATE_HZ`, as long as one another
 * @param gain brings both to the loudness the model knows
 * @param wantedHz median F0 that the take is to have; 0 where unknown
 * @param target place among the trained voices, or the recogniser's vector of a reference
 */
export async function scoreTake(model: VoiceModel, source: Float32Array, take: Float32Array, about: { gain: number; wantedHz: number; target: number | Float32Array; codes: Int32Array }): Promise<Scored> {
  const louder = (samples: Float32Array) => samples.map((v) => v * about.gain);
  const [was, is] = [louder(source), louder(take)];
  const from = analyse(was);
  const to = analyse(is);
  const [vectorOfSource, vectorOfTake] = [await model.recognise(was), await model.recognise(is)];
  const likeness = model.likeness(vectorOfTake);
  const median = medianF0(to.f0Hz);
  const again = await model.encode(to.logMel, to.frames);
  let clipped = 0;
  for (const v of take) if (Math.abs(v) >= CLIPPED) clipped++;
  const loudness = loudnessOf(take, SAMPLE_RATE_HZ);
  return {
    f0Hz: to.f0Hz,
    scores: {
      targetSimilarity: typeof about.target === 'number' ? likeness[about.target] : cosine(vectorOfTake, about.target),
      sourceSimilarity: cosine(vectorOfTake, vectorOfSource),
      recognisedAs: model.about.speakers[likeness.indexOf(Math.max(...likeness))].name,
      f0Correlation: f0Correlation(from.f0Hz, to.f0Hz),
      f0ErrorSemitones: median > 0 && about.wantedHz > 0 ? 12 * Math.log2(median / about.wantedHz) : null,
      codeAgreement: codeAgreement(about.codes, again, model.converter.levels),
      loudnessDb: Number.isFinite(loudness) ? loudness : SILENCE_DB,
      clipped: take.length === 0 ? 0 : clipped / take.length,
    },
  };
}
