import { availableParallelism } from 'node:os';
import { AtelierError } from '../core/errors.ts';
import type { ImageSet } from '../core/image-set.ts';
import type { Logger } from '../core/log.ts';
import type { Device } from '../device/types.ts';
import { openRun, type RunFolder } from '../store/run-folder.ts';
import type { Probe, Trained } from '../training/types.ts';

/** A run opened at one checkpoint, ready for light calls. */
export interface OpenedRun {
  readonly folder: RunFolder;
  readonly trained: Trained;
  /** The run's own data. */
  images(): Promise<ImageSet>;
  /** Decoder of the map's positions at this checkpoint's step. */
  probe(step?: number): Promise<Probe>;
}

/** In pixels. */
export interface PictureSize {
  height: number;
  width: number;
}

interface Entry {
  key: string;
  opened: Promise<OpenedRun>;
  users: number;
  lastUse: number;
  dispose(): Promise<void>;
}

const limit = 3;
const idleMs = 120_000;

/**
 * Trained models held open for light calls (decoding a point, a few samples), so that the second call is quick. At most
 * three at a time, let go after two idle minutes. They run on the CPU with few threads, beside a training that goes on.
 */
export class TrainedCache {
  readonly #log: Logger;
  readonly #openImages: (run: RunFolder) => Promise<ImageSet>;
  readonly #entries = new Map<string, Entry>();
  #device: Promise<Device> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(openImages: (run: RunFolder) => Promise<ImageSet>, log: Logger) {
    this.#openImages = openImages;
    this.#log = log;
  }

  /**
   * Opens the run's checkpoint of `step` (default: the newest) unless it is open, and lends it to `work`.
   * @param size of pictures other than those the run was trained on
   * @throws AtelierError 'not-found' when the run has no checkpoint, or not this one
   */
  async use<T>(run: string, step: number | undefined, work: (opened: OpenedRun) => Promise<T>, size?: PictureSize): Promise<T> {
    const folder = await openRun(run, { log: this.#log });
    const steps = await folder.listCheckpoints();
    const chosen = step ?? steps.at(-1);
    if (chosen === undefined) throw new AtelierError('not-found', `"${folder.info.name}" has no checkpoint yet.`, 'Let it train until its first checkpoint.');
    if (!steps.includes(chosen)) {
      throw new AtelierError('not-found', `"${folder.info.name}" no longer has its checkpoint of step ${chosen}.`, `There are checkpoints of ${steps.map((s) => `step ${s}`).join(', ') || 'no step'}.`);
    }
    const key = `${folder.folder}|${chosen}${size ? `|${size.width}x${size.height}` : ''}`;
    const entry = this.#entries.get(key) ?? this.#open(key, folder, step === undefined ? undefined : chosen, size);
    entry.users++;
    try {
      return await work(await entry.opened);
    } finally {
      entry.users--;
      entry.lastUse = Date.now();
      this.#tidy();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled(entries.map((entry) => entry.dispose()));
    await this.#letDeviceGo();
  }

  #open(key: string, folder: RunFolder, step: number | undefined, size: PictureSize | undefined): Entry {
    let images: Promise<ImageSet> | undefined;
    const probes = new Map<number | undefined, Promise<Probe>>();
    const opened = (async (): Promise<OpenedRun> => {
      const { openProbe, openTrained } = await import('../training/index.ts');
      const trained = await openTrained(folder, await this.#openDevice(), step, size);
      const ownImages = (): Promise<ImageSet> => {
        images ??= this.#openImages(folder);
        images.catch(() => (images = undefined));
        return images;
      };
      return {
        folder,
        trained,
        images: ownImages,
        async probe(at) {
          const made = probes.get(at) ?? ownImages().then((set) => openProbe(folder, trained, set, at));
          probes.set(at, made);
          made.catch(() => probes.delete(at));
          return made;
        },
      };
    })();
    const entry: Entry = {
      key, opened, users: 0, lastUse: Date.now(),
      async dispose() {
        const [run, set] = await Promise.allSettled([opened, images]);
        if (run.status === 'fulfilled') run.value.trained.dispose();
        if (set.status === 'fulfilled') await set.value?.close();
      },
    };
    this.#entries.set(key, entry);
    opened.catch(() => this.#entries.delete(key));
    return entry;
  }

  #openDevice(): Promise<Device> {
    this.#device ??= import('../device/index.ts').then(({ openDevice }) => openDevice('cpu', { threads: Math.max(1, Math.min(4, availableParallelism() - 1)) }));
    this.#device.catch(() => (this.#device = null));
    return this.#device;
  }

  async #letDeviceGo(): Promise<void> {
    const device = await this.#device?.catch(() => null);
    this.#device = null;
    device?.dispose();
  }

  #tidy(): void {
    const now = Date.now();
    const idle = [...this.#entries.values()].filter((entry) => entry.users === 0).sort((a, b) => a.lastUse - b.lastUse);
    let excess = this.#entries.size - limit;
    for (const entry of idle) {
      if (excess-- <= 0 && now - entry.lastUse < idleMs) break;
      this.#entries.delete(entry.key);
      void entry.dispose().catch((error: unknown) => this.#log.warn(`A model could not be closed: ${String(error)}`));
    }
    clearTimeout(this.#timer);
    if (this.#entries.size > 0) this.#timer = setTimeout(() => this.#tidy(), idleMs).unref();
    else void this.#letDeviceGo();
  }
}
