import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DatasetInfo } from '../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import type { ClipSpec, ImageSet } from '../core/image-set.ts';
import { readRecord } from '../core/record-file.ts';
import type { SplitName } from './source.ts';
import { splitIndices } from './split.ts';

/**
 * A dataset folder: `dataset.json` (what DatasetInfo says, without the folder), `items.json` (names, labels, splits) and
 * `pixels.bin` (bytes [N, H, W, C]).
 */
export const DATASET_FORMAT = 'latent-atelier-dataset';
export const DATASET_FILE = 'dataset.json';
export const ITEMS_FILE = 'items.json';
export const PIXELS_FILE = 'pixels.bin';
export const ITEMS_FORMAT = 'latent-atelier-items';

export type DatasetRecord = Omit<DatasetInfo, 'ref'>;
export interface ItemsRecord {
  names: string[];
  labels: number[];
  /** One letter an item: t(rain), v(alidation), e (test). */
  splits: string;
}

const LETTERS: Record<string, SplitName> = { t: 'train', v: 'validation', e: 'test' };
export const splitLetter = (s: SplitName): string => (s === 'train' ? 't' : s === 'validation' ? 'v' : 'e');

/** Sets up to this size are read into memory at their first use. */
const IN_MEMORY_BYTES = 160 * 2 ** 20;
const UNIT = Float32Array.from({ length: 256 }, (_, i) => i / 255);

export interface DatasetOptions {
  /** How a run names it; unset: the folder itself. */
  ref?: string;
  /** Larger sets are read from disk item by item. */
  inMemoryBytes?: number;
}

/** An image set with what its dataset folder tells. */
export interface Dataset extends ImageSet {
  readonly info: DatasetInfo;
  /** Where its pixels lie, where they do. */
  readonly folder?: string;
  splitOf(index: number): SplitName;
  /** Items as bytes [B, H, W, C]. */
  readBytes(indices: ArrayLike<number>): Promise<Uint8Array>;
}

/**
 * Opens a dataset folder.
 * @throws AtelierError 'not-found' | 'bad-data' | 'newer-version'
 */
export async function openDataset(folder: string, options: DatasetOptions = {}): Promise<Dataset> {
  const path = resolve(folder);
  const record = await readRecord<DatasetRecord>(join(path, DATASET_FILE), DATASET_FORMAT, 'a dataset');
  const items = await readRecord<ItemsRecord>(join(path, ITEMS_FILE), ITEMS_FORMAT, 'the items of a dataset');
  const pixelsPath = join(path, PIXELS_FILE);
  const itemBytes = record.height * record.width * record.channels;
  const broken = (why: string): AtelierError => new AtelierError('bad-data', `The dataset in ${path} is damaged: ${why}.`, 'Import the pictures again; the originals were not touched.');
  if (items.names.length !== record.count || items.labels.length !== record.count || items.splits.length !== record.count) throw broken(`${ITEMS_FILE} does not name ${record.count} items`);
  const file = await open(pixelsPath, 'r').catch((error: unknown) => Promise.reject(toAtelierError(error, `opening ${pixelsPath}`)));
  const { size } = await file.stat();
  if (size !== itemBytes * record.count) {
    await file.close();
    throw broken(`${PIXELS_FILE} has ${size} bytes instead of ${itemBytes * record.count}`);
  }
  return new PixelFile(path, options.ref ?? path, record, items, file, itemBytes <= (options.inMemoryBytes ?? IN_MEMORY_BYTES) / record.count);
}

class PixelFile implements Dataset {
  readonly folder: string;
  readonly ref: string;
  readonly info: DatasetInfo;
  readonly labels: Int32Array;
  readonly classes: readonly string[];
  readonly split: Record<SplitName, Int32Array>;
  readonly #items: ItemsRecord;
  readonly #file: FileHandle;
  readonly #itemBytes: number;
  readonly #fitsMemory: boolean;
  #ahead: { indices: number[]; bytes: Promise<Uint8Array> } | null = null;
  #memory: Promise<Uint8Array> | null = null;
  #closed = false;

  constructor(folder: string, ref: string, record: DatasetRecord, items: ItemsRecord, file: FileHandle, fitsMemory: boolean) {
    this.folder = folder;
    this.ref = ref;
    this.info = { ref, ...record };
    this.labels = Int32Array.from(items.labels);
    this.classes = record.classes.map((c) => c.name);
    this.split = splitIndices([...items.splits].map((l) => LETTERS[l] ?? 'train'));
    this.#items = items;
    this.#file = file;
    this.#itemBytes = record.height * record.width * record.channels;
    this.#fitsMemory = fitsMemory;
  }

  get clip(): ClipSpec | undefined {
    return this.info.clip;
  }
  get name(): string {
    return this.info.name;
  }
  get fingerprint(): string {
    return this.info.fingerprint;
  }
  get height(): number {
    return this.info.height;
  }
  get width(): number {
    return this.info.width;
  }
  get channels(): 1 | 3 | 4 {
    return this.info.channels;
  }
  get count(): number {
    return this.info.count;
  }

  itemName(index: number): string {
    return this.#items.names[this.#check(index)];
  }

  splitOf(index: number): SplitName {
    return LETTERS[this.#items.splits[this.#check(index)]] ?? 'train';
  }

  async read(indices: ArrayLike<number>, out?: Float32Array): Promise<Float32Array> {
    const length = indices.length * this.#itemBytes;
    const target = out ?? new Float32Array(length);
    if (target.length < length) throw new AtelierError('bad-input', `read: room for ${target.length} values where ${indices.length} items need ${length}.`, 'Pass an array of B*H*W*C floats.');
    if (this.#fitsMemory) {
      const all = await this.#all();
      for (let i = 0; i < indices.length; i++) {
        const from = this.#check(indices[i]) * this.#itemBytes, to = i * this.#itemBytes;
        for (let j = 0; j < this.#itemBytes; j++) target[to + j] = UNIT[all[from + j]];
      }
    } else {
      const bytes = await this.readBytes(indices);
      for (let i = 0; i < length; i++) target[i] = UNIT[bytes[i]];
    }
    return target;
  }

  async readBytes(indices: ArrayLike<number>): Promise<Uint8Array> {
    const out = new Uint8Array(indices.length * this.#itemBytes);
    if (this.#fitsMemory) {
      const all = await this.#all();
      for (let i = 0; i < indices.length; i++) {
        const from = this.#check(indices[i]) * this.#itemBytes;
        out.set(all.subarray(from, from + this.#itemBytes), i * this.#itemBytes);
      }
      return out;
    }
    const ahead = this.#ahead;
    if (ahead && ahead.indices.length === indices.length && ahead.indices.every((v, i) => v === indices[i])) {
      this.#ahead = null;
      return ahead.bytes;
    }
    // In the order of the disk; the system's own cache keeps what is read often.
    const order = Array.from(indices, (_, i) => i).sort((a, b) => indices[a] - indices[b]);
    await Promise.all(order.map((i) => this.#readAt(this.#check(indices[i]) * this.#itemBytes, out.subarray(i * this.#itemBytes, (i + 1) * this.#itemBytes))));
    return out;
  }

  prefetch(indices: ArrayLike<number>): void {
    if (this.#closed) return;
    if (this.#fitsMemory) {
      void this.#all().catch(() => {}); // told when it is read
      return;
    }
    const list = Array.from(indices);
    const bytes = this.readBytes(list);
    bytes.catch(() => {});
    this.#ahead = { indices: list, bytes };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#memory = null;
    await this.#ahead?.bytes.catch(() => {});
    this.#ahead = null;
    await this.#file.close();
  }

  #all(): Promise<Uint8Array> {
    if (this.#closed) throw new AtelierError('bad-input', `The dataset in ${this.folder} was closed.`, 'Open it again.');
    this.#memory ??= readFile(join(this.folder, PIXELS_FILE)).catch((error: unknown) => Promise.reject(toAtelierError(error, `reading ${this.folder}`)));
    return this.#memory;
  }

  async #readAt(position: number, into: Uint8Array): Promise<void> {
    let at = 0;
    while (at < into.length) {
      const { bytesRead } = await this.#file.read(into, at, into.length - at, position + at);
      if (bytesRead === 0) throw new AtelierError('bad-data', `${join(this.folder, PIXELS_FILE)} ended early.`, 'Import the pictures again.');
      at += bytesRead;
    }
  }

  #check(index: number): number {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new AtelierError('bad-input', `Item ${index} of a set of ${this.count}.`, `Ask for items 0 to ${this.count - 1}.`);
    }
    return index;
  }
}
