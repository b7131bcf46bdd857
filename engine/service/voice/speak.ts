import { existsSync } from 'node:fs';
import { griffinLim } from '../../audio/griffin-lim.ts';
import { assetPath } from '../../core/assets.ts';
import { HOP_SAMPLES } from '../../core/analysis.ts';
import type { Device } from '../../device/types.ts';
import { vocoder, type Vocoder } from '../../models/vocoder.ts';
import { VOCODER_MARGIN } from '../../models/vocoder-windows.ts';
import { readBundle, weightsUnder, type Bundle, type Weights } from '../../training/voice-bundle.ts';
import { vocoderPass } from '../../training/vocoder-pass.ts';
import type { SpeakMel } from '../../training/voice-views.ts';

/** Enough that no buzz is left, and still faster than it plays. */
const PLAIN_ITERATIONS = 24;

export interface Speech {
  speak: SpeakMel;
  dispose(): void;
}

/** The vocoder of a bundle, ready to speak; any number of frames. @param weights its `vocoder/...` parameters */
export function openSpeech(device: Device, bundle: Bundle): Speech {
  const config = vocoder.parse(bundle.about.vocoder ?? {});
  const model = vocoder.build(config, { height: 8 + VOCODER_MARGIN, width: HOP_SAMPLES, channels: 1, classes: 1 }) as Vocoder;
  return speechOf(device, model, weightsUnder(bundle.weights, 'vocoder/'));
}

/** @param weights of the vocoder, by the names of its own parameters */
export function speechOf(device: Device, model: Vocoder, weights: Weights): Speech {
  const state = device.createState(weights);
  const pass = vocoderPass(device, model, state);
  return {
    speak: (mel, frames) => pass.speak(mel, frames),
    dispose() {
      pass.dispose();
      state.dispose();
    },
  };
}

/** Speech without anything learned, while there is no vocoder. */
export const plainSpeech: Speech = { speak: async (mel, frames) => griffinLim(mel, frames, { iterations: PLAIN_ITERATIONS }), dispose: () => {} };

/** The bundle that ships, whose vocoder speaks for converters that have none of their own. */
export const shippedBundle = (): string => assetPath('voices', 'voices.safetensors');

/** The bundle itself where it has a vocoder, else with the one that ships; undefined where there is none. */
export async function withVocoder(bundle: Bundle): Promise<Bundle | undefined> {
  if (bundle.about.vocoder) return bundle;
  let path: string;
  try {
    path = shippedBundle();
  } catch {
    return undefined;
  }
  if (!existsSync(path)) return undefined;
  const shipped = await readBundle(path);
  if (!shipped.about.vocoder) return undefined;
  return { about: { ...bundle.about, vocoder: shipped.about.vocoder }, weights: { ...bundle.weights, ...Object.fromEntries(Object.entries(shipped.weights).filter(([name]) => name.startsWith('vocoder/'))) } };
}
