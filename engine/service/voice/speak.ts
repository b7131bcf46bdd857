import { existsSync } from 'node:fs';
import { griffinLim } from '../../audio/griffin-lim.ts';
import { assetPath } from '../../core/assets.ts';
import { HOP_SAMPLES, LOG_MEL_FLOOR, MEL_BINS } from '../../core/analysis.ts';
import type { Device, Program } from '../../device/types.ts';
import { vocoder, VOCODER_MARGIN, type Vocoder } from '../../models/vocoder.ts';
import { readBundle, weightsUnder, type Bundle } from '../../training/voice-bundle.ts';
import type { SpeakMel } from '../../training/voice-views.ts';

const SIZES = [64, 128, 256, 512, 1024] as const;
/** Enough that no buzz is left, and still faster than it plays. */
const PLAIN_ITERATIONS = 24;
/** Samples that the vocoder gives before the place of its first frame. */
const LEAD = 384;

export interface Speech {
  speak: SpeakMel;
  dispose(): void;
}

/** The vocoder of a bundle, ready to speak; any number of frames. @param weights its `vocoder/...` parameters */
export function openSpeech(device: Device, bundle: Bundle): Speech {
  const config = vocoder.parse(bundle.about.vocoder ?? {});
  const model = vocoder.build(config, { height: 8 + VOCODER_MARGIN, width: HOP_SAMPLES, channels: 1, classes: 1 }) as Vocoder;
  const { reach } = model;
  const state = device.createState(weightsUnder(bundle.weights, 'vocoder/'));
  const programs = new Map<number, Promise<Program>>();
  const program = (size: number): Promise<Program> => {
    let found = programs.get(size);
    if (!found) {
      found = device.compile(`speak/${size}`, (given, all) => ({ outputs: { samples: model.speak(all, given.mel) } }), { inputs: { mel: { shape: [1, size, MEL_BINS], dtype: 'float32' } }, state });
      programs.set(size, found);
    }
    return found;
  };
  return {
    async speak(mel, frames) {
      const out = new Float32Array(frames * HOP_SAMPLES);
      const largest = SIZES[SIZES.length - 1] - 2 * reach;
      for (let from = 0; from < frames; ) {
        const own = Math.min(largest, frames - from);
        const size = SIZES.find((s) => s >= own + 2 * reach)!;
        const rows = new Float32Array(size * MEL_BINS).fill(LOG_MEL_FLOOR);
        const first = Math.max(0, from - reach);
        const last = Math.min(frames, from - reach + size);
        rows.set(mel.subarray(first * MEL_BINS, last * MEL_BINS), (first - (from - reach)) * MEL_BINS);
        const { samples } = await (await program(size)).run({ mel: rows });
        const at = LEAD + reach * HOP_SAMPLES;
        out.set((samples as Float32Array).subarray(at, at + own * HOP_SAMPLES), from * HOP_SAMPLES);
        from += own;
      }
      return out;
    },
    dispose() {
      for (const found of programs.values()) void found.then((p) => p.dispose(), () => {});
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
