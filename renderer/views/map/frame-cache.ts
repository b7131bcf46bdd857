import type { MapFrame } from '../../../electron/contract/index.ts';

const bytesOf = (frame: MapFrame): number =>
  frame.positions.byteLength + Object.values(frame.metrics).reduce((sum, values) => sum + values.byteLength, 0);

/** Frames that were seen, so that scrubbing back is instant; those unused for longest go first. */
export class FrameCache {
  readonly #load: (step: number) => Promise<MapFrame>;
  readonly #limit: number;
  readonly #frames = new Map<number, MapFrame>();
  readonly #loading = new Map<number, Promise<MapFrame>>();
  #bytes = 0;

  /** @param limit in bytes */
  constructor(load: (step: number) => Promise<MapFrame>, limit = 192 * 1024 * 1024) {
    this.#load = load;
    this.#limit = limit;
  }

  /** A frame that is here already. */
  peek(step: number): MapFrame | undefined {
    return this.#frames.get(step);
  }

  /** The same frame is asked for once at a time. */
  get(step: number): Promise<MapFrame> {
    const here = this.#frames.get(step);
    if (here) {
      this.#frames.delete(step);
      this.#frames.set(step, here);
      return Promise.resolve(here);
    }
    let loading = this.#loading.get(step);
    if (!loading) {
      loading = this.#load(step)
        .then((frame) => {
          this.#keep(step, frame);
          return frame;
        })
        .finally(() => this.#loading.delete(step));
      this.#loading.set(step, loading);
    }
    return loading;
  }

  /** Forgets a frame that was written anew. */
  drop(step: number): void {
    const frame = this.#frames.get(step);
    if (frame) this.#bytes -= bytesOf(frame);
    this.#frames.delete(step);
  }

  get bytes(): number {
    return this.#bytes;
  }

  #keep(step: number, frame: MapFrame): void {
    this.drop(step);
    this.#frames.set(step, frame);
    this.#bytes += bytesOf(frame);
    for (const oldest of this.#frames.keys()) {
      if (this.#bytes <= this.#limit || oldest === step) break;
      this.drop(oldest);
    }
  }
}
