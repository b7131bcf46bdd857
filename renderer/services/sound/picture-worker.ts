/** Draws sounds apart from the window: keeps their samples, answers with pictures and outlines. */
import { outline, spectrogram, type Stretch } from './spectrogram.ts';
import { decodeWav } from './wav.ts';

export type PictureRequest =
  | { type: 'open'; sound: number; bytes: Uint8Array }
  | { type: 'close'; sound: number }
  | { type: 'outline'; sound: number; id: number; stretches: number }
  /** `colours`: red, green, blue of each level, `[256 * 3]`. */
  | { type: 'draw'; sound: number; id: number; stretch: Stretch; colours: Uint8Array };
export type PictureAnswer = { id: number; pixels?: Uint8ClampedArray<ArrayBuffer>; high?: Float32Array; low?: Float32Array };

const sounds = new Map<number, { samples: Float32Array; sampleRateHz: number }>();

self.onmessage = ({ data }: MessageEvent<PictureRequest>) => {
  if (data.type === 'open') sounds.set(data.sound, decodeWav(data.bytes));
  else if (data.type === 'close') sounds.delete(data.sound);
  else answer(data);
};

function answer(request: Extract<PictureRequest, { id: number }>): void {
  const sound = sounds.get(request.sound);
  if (!sound) return self.postMessage({ id: request.id } satisfies PictureAnswer);
  if (request.type === 'outline') {
    const [high, low] = outline(sound.samples, request.stretches);
    self.postMessage({ id: request.id, high, low } satisfies PictureAnswer, { transfer: [high.buffer, low.buffer] });
    return;
  }
  const levels = spectrogram(sound.samples, sound.sampleRateHz, request.stretch);
  const pixels = new Uint8ClampedArray(levels.length * 4);
  for (let i = 0; i < levels.length; i++) {
    const at = levels[i] * 3;
    pixels[4 * i] = request.colours[at];
    pixels[4 * i + 1] = request.colours[at + 1];
    pixels[4 * i + 2] = request.colours[at + 2];
    pixels[4 * i + 3] = 255;
  }
  self.postMessage({ id: request.id, pixels } satisfies PictureAnswer, { transfer: [pixels.buffer] });
}
