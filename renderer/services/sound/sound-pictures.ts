import type { PictureAnswer, PictureRequest } from './picture-worker.ts';
import type { Stretch } from './spectrogram.ts';

/** A sound whose pictures are drawn by a worker. */
export interface SoundPictures {
  /** @returns the picture, `columns` by `rows` pixels; null once it is closed */
  draw(stretch: Stretch, colours: Uint8Array): Promise<ImageData | null>;
  /** Largest and smallest sample of each of equal stretches, `[stretches]` each; null once it is closed. */
  outline(stretches: number): Promise<[Float32Array, Float32Array] | null>;
  close(): void;
}

let worker: Worker | null = null;
const waiting = new Map<number, (answer: PictureAnswer) => void>();
let nextId = 1;

function started(): Worker {
  if (worker) return worker;
  worker = new Worker(new URL('./picture-worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<PictureAnswer>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  return worker;
}

const send = (request: PictureRequest): void => started().postMessage(request);
const ask = (request: (id: number) => PictureRequest): Promise<PictureAnswer> =>
  new Promise((resolve) => {
    const id = nextId++;
    waiting.set(id, resolve);
    send(request(id));
  });

/** @param bytes a WAV file of 16-bit PCM */
export function openPictures(bytes: Uint8Array): SoundPictures {
  const sound = nextId++;
  send({ type: 'open', sound, bytes });
  return {
    async draw(stretch, colours) {
      const { pixels } = await ask((id) => ({ type: 'draw', sound, id, stretch, colours }));
      return pixels ? new ImageData(pixels, stretch.columns, stretch.rows) : null;
    },
    async outline(stretches) {
      const { high, low } = await ask((id) => ({ type: 'outline', sound, id, stretches }));
      return high && low ? [high, low] : null;
    },
    close: () => send({ type: 'close', sound }),
  };
}
