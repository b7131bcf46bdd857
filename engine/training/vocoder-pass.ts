/** Any number of frames through a vocoder, in windows that share surroundings, so that memory and compiled graphs stay few. */
import { FRAME_SAMPLES, HOP_SAMPLES, LOG_MEL_FLOOR, MEL_BINS } from '../core/analysis.ts';
import { rng } from '../core/rng.ts';
import type { Device, Program, State } from '../device/types.ts';
import type { SpectrumVoice, Vocoder, WaveformVoice } from '../models/vocoder.ts';
import { PADDING } from '../models/wavenet-machine.ts';
import { under } from './step-graph.ts';

const SIZES = [64, 128, 256, 512, 1024] as const;
/** Samples that the vocoder gives before the place of its first frame. */
const LEAD = (FRAME_SAMPLES - HOP_SAMPLES) / 2;

export interface VocoderPass {
  /** Sound of log-mel spectra `[frames, MEL_BINS]`: `[frames * HOP_SAMPLES]`. */
  speak(mel: Float32Array, frames: number): Promise<Float32Array>;
  dispose(): void;
}

/** @param state the vocoder's parameters under `prefix`; not disposed of here */
export const vocoderPass = (device: Device, model: Vocoder, state: State, prefix = ''): VocoderPass =>
  model.voice.kind === 'spectrum' ? spectrumPass(device, model.voice, model.reach, state, prefix) : waveformPass(model.voice, model.speaking, state, prefix);

function spectrumPass(device: Device, voice: SpectrumVoice, reach: number, state: State, prefix: string): VocoderPass {
  const programs = new Map<number, Promise<Program>>();
  const program = (size: number): Promise<Program> => {
    let found = programs.get(size);
    if (!found) {
      found = device.compile(`speak/${size}`, (given, all) => ({ outputs: { samples: voice.speak(under(all, prefix), given.mel) } }), { inputs: { mel: { shape: [1, size, MEL_BINS], dtype: 'float32' } }, state });
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
        const before = from - reach;
        const first = Math.max(0, before);
        const last = Math.min(frames, before + size);
        rows.set(mel.subarray(first * MEL_BINS, last * MEL_BINS), (first - before) * MEL_BINS);
        const { samples } = await (await program(size)).run({ mel: rows });
        const at = LEAD + reach * HOP_SAMPLES;
        out.set((samples as Float32Array).subarray(at, at + own * HOP_SAMPLES), from * HOP_SAMPLES);
        from += own;
        await new Promise((resolve) => setImmediate(resolve)); // a run blocks its thread; let messages in
      }
      return out;
    },
    dispose() {
      for (const found of programs.values()) void found.then((p) => p.dispose(), () => {});
      programs.clear();
    },
  };
}

/** Draws the samples; the same spectra give the same sound. */
function waveformPass(voice: WaveformVoice, names: readonly string[], state: State, prefix: string): VocoderPass {
  return {
    async speak(mel, frames) {
      const weights = await state.read(names.map((name) => prefix + name));
      const machine = voice.machine((name) => weights[prefix + name] as Float32Array, rng(0, 'speak'));
      const out = new Float32Array(frames * HOP_SAMPLES);
      for (let t = 0; t < frames; t++) {
        const rows = new Float32Array(3 * MEL_BINS).fill(PADDING);
        const first = Math.max(0, t - 1);
        rows.set(mel.subarray(first * MEL_BINS, Math.min(frames, t + 2) * MEL_BINS), (first - t + 1) * MEL_BINS);
        out.set(machine.frame(rows), t * HOP_SAMPLES);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return out;
    },
    dispose() {},
  };
}
