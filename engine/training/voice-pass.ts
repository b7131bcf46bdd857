/** Any number of frames through a converter, in windows that share surroundings, so that memory and compiled graphs stay few. */
import { MEL_BINS } from '../core/analysis.ts';
import type { Device, HostArray, Program, State, TensorSpec } from '../device/types.ts';
import type { Converter } from '../models/voice-converter.ts';
import { PROSODY_COLUMNS } from '../models/voice-frames.ts';

const SIZES = [64, 128, 256, 512] as const;
const LARGEST = 512;
/** Frames that windows share on each side; more than a convolution reaches. */
const MARGIN = 48;

export interface Spoken {
  /** Log-mel, `[T, MEL_BINS]`. */
  mel: Float32Array;
  /** `[ceil(T / 2) * levels]` */
  codes: Int32Array;
}

export interface VoicePass {
  /** Codes of what is said. @param mel `[frames, MEL_BINS]` */
  encode(mel: Float32Array, frames: number): Promise<Int32Array>;
  /** Says codes in a voice. @param codes `[ceil(frames / 2) * levels]` @param prosody `[frames, PROSODY_COLUMNS]` @param speaker `[speakerSize]` */
  decode(codes: Int32Array, prosody: Float32Array, frames: number, speaker: Float32Array, onWindow?: (fraction: number) => void): Promise<Float32Array>;
  /** A voice from a recording of it, `[speakerSize]`. */
  listen(mel: Float32Array, prosody: Float32Array, frames: number): Promise<Float32Array>;
  dispose(): void;
}

interface Window {
  /** First frame that it sees, and how many are its own. */
  from: number;
  size: number;
  own: number;
  ownFrom: number;
}

/** Even places and sizes: a code stands for two frames. */
export function windowsOf(frames: number): Window[] {
  if (frames <= LARGEST) return [{ from: 0, size: SIZES.find((size) => size >= frames)!, ownFrom: 0, own: frames }];
  const windows: Window[] = [];
  const step = LARGEST - 2 * MARGIN;
  for (let ownFrom = 0; ownFrom < frames; ) {
    const from = Math.max(0, Math.min(ownFrom - MARGIN, (frames - LARGEST + 1) & ~1));
    const last = from + LARGEST >= frames;
    const own = last ? frames - ownFrom : ownFrom === 0 ? LARGEST - MARGIN : step;
    windows.push({ from, size: LARGEST, ownFrom, own });
    ownFrom += own;
  }
  return windows;
}

/** Rows of a window; beyond the end they go back and forth, so that a short clip fills it with itself and not with silence. */
function cut<A extends HostArray>(rows: A, columns: number, count: number, { from, size }: { from: number; size: number }, out: A): A {
  for (let t = 0; t < size; t++) {
    let at = from + t;
    if (at >= count) {
      at %= Math.max(1, 2 * count);
      if (at >= count) at = 2 * count - 1 - at;
    }
    for (let c = 0; c < columns; c++) out[t * columns + c] = rows[at * columns + c];
  }
  return out;
}

/** @param state the converter's parameters under `prefix`; not disposed of here */
export function voicePass(device: Device, model: Converter, state: State, prefix = ''): VoicePass {
  const programs = new Map<string, Promise<Program>>();
  const params = (all: Record<string, unknown>) => (prefix === '' ? all : Object.fromEntries(Object.entries(all).flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t]] : [])))) as never;
  const float = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });
  const { levels } = model;
  const { speakerSize } = model.config;
  const program = (kind: 'encode' | 'decode' | 'listen', size: number): Promise<Program> => {
    const key = `${kind}/${size}`;
    let found = programs.get(key);
    if (!found) {
      const mel = float(1, size, MEL_BINS);
      const prosody = float(1, size, PROSODY_COLUMNS);
      if (kind === 'encode') found = device.compile(key, (given, all) => ({ outputs: { codes: model.encode(params(all), given.mel) } }), { inputs: { mel }, state });
      else if (kind === 'listen') found = device.compile(key, (given, all) => ({ outputs: { voice: model.listen(params(all), given.mel, given.prosody) } }), { inputs: { mel, prosody }, state });
      else {
        const inputs: Record<string, TensorSpec> = { codes: { shape: [1, (size / 2) * levels], dtype: 'int32' }, prosody, speaker: float(1, speakerSize) };
        found = device.compile(key, (given, all) => ({ outputs: { mel: model.decode(params(all), given.codes, given.prosody, given.speaker) } }), { inputs, state });
      }
      programs.set(key, found);
    }
    return found;
  };
  return {
    async encode(mel, frames) {
      const codes = new Int32Array(Math.ceil(frames / 2) * levels);
      for (const window of windowsOf(frames)) {
        const run = await program('encode', window.size);
        const found = (await run.run({ mel: cut(mel, MEL_BINS, frames, window, new Float32Array(window.size * MEL_BINS)) })).codes as Int32Array;
        const skip = (window.ownFrom - window.from) / 2;
        codes.set(found.subarray(skip * levels, (skip + Math.ceil(window.own / 2)) * levels), (window.ownFrom / 2) * levels);
      }
      return codes;
    },
    async decode(codes, prosody, frames, speaker, onWindow) {
      const mel = new Float32Array(frames * MEL_BINS);
      for (const window of windowsOf(frames)) {
        const { from, size, own, ownFrom } = window;
        const run = await program('decode', size);
        const found = await run.run({
          codes: cut(codes, levels, Math.ceil(frames / 2), { from: from / 2, size: size / 2 }, new Int32Array((size / 2) * levels)),
          prosody: cut(prosody, PROSODY_COLUMNS, frames, window, new Float32Array(size * PROSODY_COLUMNS)),
          speaker,
        });
        const skip = ownFrom - from;
        mel.set((found.mel as Float32Array).subarray(skip * MEL_BINS, (skip + own) * MEL_BINS), ownFrom * MEL_BINS);
        onWindow?.((ownFrom + own) / frames);
      }
      return mel;
    },
    async listen(mel, prosody, frames) {
      // Up to a minute, window by window.
      const sum = new Float32Array(speakerSize);
      const windows = windowsOf(frames).slice(0, 12);
      for (const window of windows) {
        const run = await program('listen', window.size);
        const { voice } = await run.run({
          mel: cut(mel, MEL_BINS, frames, window, new Float32Array(window.size * MEL_BINS)),
          prosody: cut(prosody, PROSODY_COLUMNS, frames, window, new Float32Array(window.size * PROSODY_COLUMNS)),
        });
        for (let i = 0; i < speakerSize; i++) sum[i] += voice[i] / windows.length;
      }
      return sum;
    },
    dispose() {
      for (const found of programs.values()) void found.then((p) => p.dispose(), () => {});
      programs.clear();
    },
  };
}
