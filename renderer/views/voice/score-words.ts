import type { TakeScores } from '../../../electron/contract/index.ts';

export interface ScoreWord {
  label: string;
  value: string;
  /** Explained in one sentence. */
  help: string;
  tone: 'good' | 'poor' | 'plain';
}

const tone = (good: boolean, poor: boolean): ScoreWord['tone'] => (good ? 'good' : poor ? 'poor' : 'plain');

/** The scores of a take, in the words of the app. @param target voice it was meant to have; null: one of a reference */
export function scoreWords(scores: TakeScores, target: string | null): ScoreWord[] {
  const { targetSimilarity, sourceSimilarity, recognisedAs, f0Correlation, f0ErrorSemitones, codeAgreement, loudnessDb, clipped } = scores;
  return [
    { label: 'Target', value: targetSimilarity.toFixed(2), help: 'Likeness to the voice that was chosen, from -1 to 1, heard by a recogniser that the converter never learned from.', tone: tone(targetSimilarity >= 0.6, targetSimilarity < 0.3) },
    { label: 'Source', value: sourceSimilarity.toFixed(2), help: 'Likeness to the voice of the recording, from -1 to 1; low is good.', tone: tone(sourceSimilarity < 0.3, sourceSimilarity >= 0.6) },
    { label: 'Heard as', value: recognisedAs, help: 'The voice that the recogniser takes it for.', tone: target === null ? 'plain' : tone(recognisedAs === target, recognisedAs !== target) },
    { label: 'Melody', value: f0Correlation === null ? '–' : f0Correlation.toFixed(2), help: 'How well the rise and fall of the pitch follow the recording: the correlation of log F0, 1 is perfect.', tone: f0Correlation === null ? 'plain' : tone(f0Correlation >= 0.8, f0Correlation < 0.5) },
    { label: 'Pitch off', value: f0ErrorSemitones === null ? '–' : `${f0ErrorSemitones > 0 ? '+' : ''}${f0ErrorSemitones.toFixed(1)} st`, help: 'The middle pitch against the one that was wanted, in semitones.', tone: f0ErrorSemitones === null ? 'plain' : tone(Math.abs(f0ErrorSemitones) <= 1, Math.abs(f0ErrorSemitones) > 3) },
    { label: 'Said', value: `${Math.round(codeAgreement * 100)} %`, help: 'How much of what is said came through: the part of the codes that the take, heard again, gives back.', tone: 'plain' },
    { label: 'Loudness', value: `${loudnessDb.toFixed(0)} dB`, help: 'Loudness of the take in dB of full scale.', tone: 'plain' },
    { label: 'Clipped', value: clipped < 5e-5 ? 'no' : `${(clipped * 100).toFixed(2)} %`, help: 'Part of the samples at full scale, where sound turns harsh.', tone: tone(false, clipped > 1e-3) },
  ];
}

/** The most telling ones on a line. */
export const scoreLine = (scores: TakeScores): string =>
  `target ${scores.targetSimilarity.toFixed(2)} · source ${scores.sourceSimilarity.toFixed(2)} · heard as ${scores.recognisedAs}${scores.f0Correlation === null ? '' : ` · melody ${scores.f0Correlation.toFixed(2)}`}`;
