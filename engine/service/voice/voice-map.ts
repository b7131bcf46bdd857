import type { VoiceMap } from '../../../electron/contract/index.ts';
import { projectFrame } from '../../projection/index.ts';
import type { OpenVoices } from './open-voices.ts';

/** Codes and voices by the principal axes of their own spaces, in the unit sphere. */
export function voiceMap({ model }: OpenVoices): VoiceMap {
  const { codebook, voices, converter, about } = model;
  const { codeSize, speakerSize } = converter.config;
  const place = (points: Float32Array, count: number, size: number): Float32Array => (count < 2 ? new Float32Array(count * 3) : projectFrame(points, count, size, undefined, 0).positions);
  return {
    codes: { positions: place(codebook, codebook.length / codeSize, codeSize), usage: Float32Array.from(about.codeUsage) },
    voices: { positions: place(voices, about.speakers.length, speakerSize), names: about.speakers.map(({ name }) => name) },
  };
}
