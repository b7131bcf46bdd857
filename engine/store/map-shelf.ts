/**
 * What is kept of a map in a project, in a folder of its own for each source:
 *
 *     maps/<key>/<layout>.json           a projection: settings, quality (written last: with it the layout is whole)
 *     maps/<key>/<layout>.safetensors    its positions [N, 3] and each point's quality
 *     maps/<key>/saved.json              views and selections
 *     maps/<key>/<selection>.bits        the points of a selection
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { LayoutInfo, SavedEntry } from '../../electron/contract/index.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { readRecord, recordText } from '../core/record-file.ts';
import { readSafetensors, writeSafetensors, type SafeTensors } from '../core/safetensors.ts';

export interface StoredLayout {
  info: LayoutInfo;
  /** The state of the source that it was made of. */
  fingerprint: string;
  count: number;
}
export interface LayoutArrays {
  /** [N, 3] */
  positions: Float32Array;
  /** Each [N]. */
  quality: Record<string, Float32Array>;
}

const LAYOUT = 'latent-atelier-layout';
const SAVED = 'latent-atelier-saved';
const QUALITY = 'quality/';

export class MapShelf {
  readonly folder: string;

  /** @param of what the map is of, the same whenever it is opened */
  constructor(project: string, of: string) {
    this.folder = join(resolve(project), 'maps', createHash('sha256').update(of).digest('hex').slice(0, 16));
  }

  /** Layouts by the time they were made; damaged ones are left out. */
  async layouts(): Promise<StoredLayout[]> {
    const found: StoredLayout[] = [];
    for (const name of await this.#names()) {
      if (!/^layout-[\w-]+\.json$/.test(name)) continue;
      const stored = await readRecord<StoredLayout>(join(this.folder, name), LAYOUT, 'a layout').catch(() => null);
      if (stored) found.push(stored);
    }
    return found.sort((a, b) => String(a.info.createdAt).localeCompare(String(b.info.createdAt)));
  }

  async saveLayout(stored: StoredLayout, { positions, quality }: LayoutArrays): Promise<void> {
    const n = stored.count;
    const tensors: SafeTensors = { positions: { shape: [n, 3], values: positions } };
    for (const [name, values] of Object.entries(quality)) tensors[QUALITY + name] = { shape: [n], values };
    await this.#make();
    await writeSafetensors(this.#file(stored.info.id, 'safetensors'), tensors);
    await this.saveLayoutInfo(stored);
  }

  async saveLayoutInfo(stored: StoredLayout): Promise<void> {
    await writeFileAtomic(this.#file(stored.info.id, 'json'), recordText(LAYOUT, stored), 'keeping a layout');
  }

  /** @throws AtelierError 'not-found' | 'bad-data' */
  async layoutArrays(id: string): Promise<LayoutArrays> {
    const path = this.#file(id, 'safetensors');
    const { tensors } = await readSafetensors(path);
    const positions = tensors.positions?.values;
    if (!(positions instanceof Float32Array)) throw new AtelierError('bad-data', `${path} is not a layout.`, 'Remove the layout and make it again.');
    const quality: LayoutArrays['quality'] = {};
    for (const [name, { values }] of Object.entries(tensors)) if (name.startsWith(QUALITY) && values instanceof Float32Array) quality[name.slice(QUALITY.length)] = values;
    return { positions, quality };
  }

  async removeLayout(id: string): Promise<void> {
    await rm(this.#file(id, 'json'), { force: true });
    await rm(this.#file(id, 'safetensors'), { force: true });
  }

  async saved(): Promise<SavedEntry[]> {
    try {
      return (await readRecord<{ entries: SavedEntry[] }>(join(this.folder, 'saved.json'), SAVED, 'saved views')).entries;
    } catch (error) {
      if (error instanceof AtelierError && error.code === 'not-found') return [];
      throw error;
    }
  }

  /** Adds an entry; one of the same kind and name is replaced. */
  async save(entry: SavedEntry, bits?: Uint8Array): Promise<void> {
    await this.#make();
    if (bits) await writeFileAtomic(this.#file(entry.id, 'bits'), bits, 'keeping a selection');
    const before = await this.saved();
    const replaced = before.filter((e) => e.kind === entry.kind && e.name === entry.name && e.id !== entry.id);
    await this.#write([...before.filter((e) => e.id !== entry.id && !replaced.includes(e)), entry]);
    for (const { id } of replaced) await rm(this.#file(id, 'bits'), { force: true });
  }

  /** @throws AtelierError 'not-found' */
  async bits(id: string): Promise<Uint8Array> {
    try {
      return new Uint8Array(await readFile(this.#file(id, 'bits')));
    } catch (error) {
      throw toAtelierError(error, 'reading a selection');
    }
  }

  async remove(id: string): Promise<void> {
    const before = await this.saved();
    if (!before.some((e) => e.id === id)) throw new AtelierError('not-found', `Nothing is saved as ${id}.`, 'Look at the list again.');
    await this.#write(before.filter((e) => e.id !== id));
    await rm(this.#file(id, 'bits'), { force: true });
  }

  async #write(entries: SavedEntry[]): Promise<void> {
    await writeFileAtomic(join(this.folder, 'saved.json'), recordText(SAVED, { entries }), 'keeping a view');
  }

  async #make(): Promise<void> {
    await mkdir(this.folder, { recursive: true }).catch((error: unknown) => {
      throw toAtelierError(error, `making ${this.folder}`);
    });
  }

  async #names(): Promise<string[]> {
    return readdir(this.folder).catch(() => []);
  }

  #file(id: string, ending: string): string {
    if (!/^[\w-]+$/.test(id)) throw new AtelierError('bad-input', `"${id}" is not something that is kept.`, 'Take one from the list.');
    return join(this.folder, `${id}.${ending}`);
  }
}
