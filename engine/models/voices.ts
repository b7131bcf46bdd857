/**
 * Families of models that are trained on sound. Their "pictures" are windows of a prepared set, `[B, frames, columns, 1]`, and their
 * classes are the speakers, so that the trainer handles them as it does images.
 */
import type { z } from 'zod';
import type { ImageSpec, Preset, Trainable } from '../nn/trainable.ts';
import { voiceConverter } from './voice-converter.ts';
import { voiceRecogniser } from './voice-recogniser.ts';
import { vocoder } from './vocoder.ts';

export interface VoiceFamily<Config = Record<string, unknown>> {
  readonly kind: string;
  /** Raised when a checkpoint of before can no longer be read. */
  readonly version: number;
  readonly title: string;
  readonly summary: string;
  readonly schema: z.ZodType<Config>;
  readonly defaults: Config;
  readonly presets: readonly Preset<Config>[];
  /** A configuration small enough for tests. */
  readonly tiny: Partial<Config>;
  /** @param input height is frames of a window, width the numbers of a frame, classes the speakers */
  build(config: Config, input: ImageSpec): Trainable;
  /** Parses and completes a partial configuration. @throws AtelierError 'bad-input' naming the setting */
  parse(config: Record<string, unknown>): Config;
}

/** Every family of models of voices; a new one is its own file and a line here. */
const voiceFamilies = [vocoder, voiceConverter, voiceRecogniser] as unknown as readonly VoiceFamily[];

export const voiceFamilyOf = (kind: string): VoiceFamily | undefined => voiceFamilies.find((family) => family.kind === kind);
