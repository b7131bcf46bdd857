import { availableParallelism } from 'node:os';
import { stat } from 'node:fs/promises';
import type { Device } from '../../device/types.ts';
import { bundlePath, openVoices, type OpenVoices } from './open-voices.ts';

const idleMs = 120_000;

/** The voices used last, held open for light calls; let go after two idle minutes or for others. */
export class VoiceCache {
  #open: { key: string; voices: Promise<OpenVoices>; device: Promise<Device> } | null = null;
  #users = 0;
  #timer: NodeJS.Timeout | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** Lends the voices to `work`; one at a time, since they share their buffers. @throws AtelierError of opening */
  use<T>(ref: string, work: (voices: OpenVoices) => Promise<T>): Promise<T> {
    const next = this.#queue.catch(() => {}).then(() => this.#lend(ref, work));
    this.#queue = next.catch(() => {});
    return next;
  }

  async #lend<T>(ref: string, work: (voices: OpenVoices) => Promise<T>): Promise<T> {
    const path = await bundlePath(ref);
    const key = `${path}|${(await stat(path)).mtimeMs}`;
    if (this.#open?.key !== key) {
      await this.close();
      const device = import('../../device/index.ts').then(({ openDevice }) => openDevice('cpu', { threads: Math.max(1, Math.min(4, availableParallelism() - 1)) }));
      this.#open = { key, device, voices: device.then((d) => openVoices(ref, d)) };
    }
    const { voices } = this.#open;
    clearTimeout(this.#timer);
    this.#users++;
    try {
      return await work(await voices.catch(async (error: unknown) => {
        await this.close();
        throw error;
      }));
    } finally {
      this.#users--;
      this.#timer = setTimeout(() => {
        if (this.#users === 0) void this.close();
      }, idleMs).unref();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const open = this.#open;
    this.#open = null;
    (await open?.voices.catch(() => null))?.dispose();
    (await open?.device.catch(() => null))?.dispose();
  }
}
