import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { VoiceModelInfo } from '../../../electron/contract/index.ts';
import { AtelierError } from '../../core/errors.ts';
import type { Device } from '../../device/types.ts';
import { BUNDLE_FILE, readBundle, type Bundle } from '../../training/voice-bundle.ts';
import { openVoiceModel, type VoiceModel } from '../../training/voice-model.ts';
import type { SpeakMel } from '../../training/voice-views.ts';
import { voiceConverter } from '../../models/voice-converter.ts';
import { FRAME_COLUMNS } from '../../models/voice-frames.ts';
import { openSpeech, plainSpeech, shippedBundle, withVocoder } from './speak.ts';

export const BUILTIN_VOICES = 'builtin:voices';

/** The file of a model's voices. @throws AtelierError 'not-found' */
export async function bundlePath(ref: string): Promise<string> {
  if (ref === BUILTIN_VOICES) return shippedBundle();
  if (ref.startsWith('builtin:')) throw new AtelierError('not-found', `There are no voices "${ref}".`, `The ones that ship are ${BUILTIN_VOICES}.`);
  const path = ref.endsWith('.safetensors') ? resolve(ref) : join(resolve(ref), BUNDLE_FILE);
  const there = await access(path).then(() => true, () => false);
  if (!there) throw new AtelierError('not-found', `${ref} has no voices.`, `Name the folder of a finished voice training, or ${BUILTIN_VOICES}.`);
  return path;
}

export const readVoices = async (ref: string): Promise<Bundle> => readBundle(await bundlePath(ref));

export interface OpenVoices {
  readonly ref: string;
  readonly bundle: Bundle;
  readonly model: VoiceModel;
  readonly speak: SpeakMel;
  dispose(): void;
}

/** Speaks by Griffin and Lim's method where there is no vocoder. @throws AtelierError 'not-found' | 'bad-data' */
export async function openVoices(ref: string, device: Device): Promise<OpenVoices> {
  const bundle = await readVoices(ref);
  const speaking = await withVocoder(bundle);
  const model = openVoiceModel(device, bundle);
  const speech = speaking ? openSpeech(device, speaking) : plainSpeech;
  return {
    ref,
    bundle,
    model,
    speak: speech.speak,
    dispose() {
      speech.dispose();
      model.dispose();
    },
  };
}

/** What the contract says of a model. */
export function voicesInfo(ref: string, { about }: Bundle): VoiceModelInfo {
  const { codes, levels, codesPerSec, bitsPerSec } = voiceConverter.build(voiceConverter.parse(about.converter), { height: about.windowFrames, width: FRAME_COLUMNS, channels: 1, classes: about.speakers.length });
  return {
    ref,
    name: about.name,
    voices: about.speakers.map(({ name, medianF0Hz, durationSec, utterances }, index) => ({ index, name, medianF0Hz, durationSec, utterances })),
    codes,
    levels,
    codesPerSec,
    bitsPerSec,
    step: about.step,
    figures: about.figures,
  };
}

/** @throws AtelierError 'not-found' naming the voices there are */
export function voiceIndex(about: Bundle['about'], name: string): number {
  const index = about.speakers.findIndex((speaker) => speaker.name.toLowerCase() === name.toLowerCase());
  if (index < 0) throw new AtelierError('not-found', `"${about.name}" has no voice "${name}".`, `Its voices: ${about.speakers.map((speaker) => speaker.name).join(', ')}.`);
  return index;
}
