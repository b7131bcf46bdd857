import { readFile, stat } from 'node:fs/promises';
import { basename, extname, isAbsolute, resolve } from 'node:path';
import type { PointColumn, PointItem, Sheet } from '../../../electron/contract/index.ts';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import type { PointTable } from '../../data/points/index.ts';
import { decodePicture, encodePicture, encodeSheet, openSprite, shrink, spriteCell, toFloats, type OpenSprite } from '../../image/index.ts';
import type { Core } from '../core.ts';

const SOUNDS: Record<string, string> = { '.wav': 'audio/wav', '.mp3': 'audio/mpeg', '.flac': 'audio/flac', '.ogg': 'audio/ogg', '.opus': 'audio/ogg', '.m4a': 'audio/mp4', '.aac': 'audio/aac', '.aif': 'audio/aiff', '.aiff': 'audio/aiff' };
const MOST_SOUND_BYTES = 32 << 20;
const INSPECTED = 256;
const CELLS_KEPT = 4096;

/** The column that is for a purpose. */
export const columnNamed = (table: PointTable, role: PointColumn['role']): string | null => table.columns.find((c) => c.role === role)?.name ?? null;

/** Pictures and sounds of points: files that a column names, cells of a sprite, items of a run's data. */
export class Media {
  readonly pictures: 'column' | 'sprite' | 'run' | null;
  readonly sounds: 'column' | 'voices' | null;
  readonly #sound: ((index: number) => Promise<PointItem['sound']>) | undefined;
  readonly #table: PointTable;
  readonly #run: { core: Core; run: string; step?: number; items: Int32Array } | undefined;
  /** Small pictures by size and point, oldest first; null where there is none. */
  readonly #cells = new Map<string, Uint8Array | null>();
  #sprite: Promise<OpenSprite> | null = null;

  constructor(table: PointTable, run?: { core: Core; run: string; step?: number; items: Int32Array }, sound?: (index: number) => Promise<PointItem['sound']>) {
    this.#sound = sound;
    this.sounds = sound ? 'voices' : columnNamed(table, 'audio') ? 'column' : null;
    this.#table = table;
    this.#run = run;
    this.pictures = run ? 'run' : table.sprite ? 'sprite' : columnNamed(table, 'image') ? 'column' : null;
  }

  /** @throws AtelierError 'bad-input' where there are no pictures, or a sprite of another size than its points need */
  async thumbnails(indices: readonly number[], size: number): Promise<{ sheet: Sheet; missing: number[] }> {
    if (!this.pictures) throw new AtelierError('bad-input', 'The points have no pictures.', 'A column of picture paths, or a sprite, gives them.');
    const beyond = indices.find((i) => i >= this.#table.n);
    if (beyond !== undefined) throw new AtelierError('bad-input', `There are ${this.#table.n} points; there is no point ${beyond}.`, 'Points count from 0.');
    const wanted = [...new Set(indices.filter((i) => !this.#cells.has(`${size}|${i}`)))];
    for (const [i, cell] of await this.#make(wanted, size)) {
      this.#cells.set(`${size}|${i}`, cell);
      if (this.#cells.size > CELLS_KEPT + indices.length) this.#cells.delete(this.#cells.keys().next().value!);
    }
    const bytes = size * size * 4;
    const pixels = new Uint8Array(indices.length * bytes);
    const missing: number[] = [];
    indices.forEach((i, at) => {
      const cell = this.#cells.get(`${size}|${i}`);
      if (cell) pixels.set(cell, at * bytes);
      else missing.push(i);
    });
    return { sheet: await encodeSheet(pixels, indices.length, size, size, 4, { mime: 'image/webp', columns: Math.min(32, Math.ceil(Math.sqrt(indices.length))) }), missing };
  }

  /** The picture and sound of one point, as they are. */
  async of(index: number): Promise<Pick<PointItem, 'picture' | 'sound' | 'mediaError'>> {
    const out: Pick<PointItem, 'picture' | 'sound' | 'mediaError'> = { picture: null, sound: null, mediaError: null };
    try {
      if (this.pictures === 'run') out.picture = await this.#ofRun(index);
      else if (this.pictures === 'sprite') {
        const sprite = await this.#openSprite();
        out.picture = await encodePicture(spriteCell(sprite, this.#table.rows[index]), sprite.height, sprite.width, 4);
      } else if (this.pictures === 'column') {
        const path = await this.#path(index, 'image');
        if (path) {
          const { pixels } = await decodePicture({ path, bytes: await contentOf(path) }, { size: INSPECTED, fit: 'contain', channels: 4 });
          out.picture = await encodePicture(pixels, INSPECTED, INSPECTED, 4);
        }
      }
      const sound = await this.#path(index, 'audio');
      if (this.#sound) out.sound = await this.#sound(index);
      else if (sound) out.sound = await soundOf(sound);
    } catch (error) {
      out.mediaError = toAtelierError(error, 'reading the picture or sound').toValue();
    }
    return out;
  }

  async #make(indices: readonly number[], size: number): Promise<[number, Uint8Array | null][]> {
    if (indices.length === 0) return [];
    if (this.pictures === 'sprite') {
      const sprite = await this.#openSprite();
      return indices.map((i) => [i, rgba(toFloats(spriteCell(sprite, this.#table.rows[i])), sprite.height, sprite.width, 4, size)]);
    }
    if (this.pictures === 'run') {
      const { core, run, step, items } = this.#run!;
      return core.trained.use(run, step, async (opened) => {
        const images = await opened.images();
        const { height, width, channels } = images;
        const read = await images.read(indices.map((i) => items[i]));
        const per = height * width * channels;
        return indices.map((i, at) => [i, rgba(read.subarray(at * per, (at + 1) * per), height, width, channels as 1 | 3 | 4, size)] as [number, Uint8Array]);
      });
    }
    const column = columnNamed(this.#table, 'image')!;
    const [{ values }] = await this.#table.cells(indices, [column]);
    return Promise.all(
      indices.map(async (i, at): Promise<[number, Uint8Array | null]> => {
        const path = this.#resolved(values[at]);
        if (!path) return [i, null];
        try {
          return [i, (await decodePicture({ path, bytes: await contentOf(path) }, { size, fit: 'contain', channels: 4 })).pixels];
        } catch {
          return [i, null]; // told with the point, by `of`
        }
      }),
    );
  }

  #openSprite(): Promise<OpenSprite> {
    this.#sprite ??= openSprite(this.#table.sprite!, this.#table.rows.reduce((most, row) => Math.max(most, row), -1) + 1);
    this.#sprite.catch(() => (this.#sprite = null));
    return this.#sprite;
  }

  async #ofRun(index: number): Promise<PointItem['picture']> {
    const { core, run, step, items } = this.#run!;
    return core.trained.use(run, step, async (opened) => {
      const images = await opened.images();
      return encodePicture(Float32Array.from(await images.read([items[index]])), images.height, images.width, images.channels as 1 | 3 | 4);
    });
  }

  async #path(index: number, role: 'image' | 'audio'): Promise<string | null> {
    const column = columnNamed(this.#table, role);
    if (!column) return null;
    const [{ values }] = await this.#table.cells([index], [column]);
    return this.#resolved(values[0]);
  }

  #resolved(value: unknown): string | null {
    if (typeof value !== 'string' || value === '') return null;
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(value)) {
      if (!value.toLowerCase().startsWith('file://')) return value; // refused when it is read
      return decodeURIComponent(value.slice(7));
    }
    return isAbsolute(value) ? value : resolve(this.#table.folder, value);
  }
}

async function contentOf(path: string): Promise<Uint8Array> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) throw new AtelierError('bad-input', `${path} lies on the network, which is not asked.`, 'Download the file beside the table and name it there.');
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
}

async function soundOf(path: string): Promise<NonNullable<PointItem['sound']>> {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    const { size } = await stat(path).catch((error: unknown) => {
      throw toAtelierError(error, `reading ${path}`);
    });
    if (size > MOST_SOUND_BYTES) throw new AtelierError('bad-input', `${path} is larger than ${MOST_SOUND_BYTES >> 20} MB.`, 'Listen to it in another program.');
  }
  return { mime: SOUNDS[extname(path).toLowerCase()] ?? 'application/octet-stream', name: basename(path), bytes: await contentOf(path) };
}

/** A picture in [0, 1] as bytes with alpha, fitted into a square. */
function rgba(pixels: Float32Array, height: number, width: number, channels: 1 | 3 | 4, size: number): Uint8Array {
  const small = shrink(pixels, 1, height, width, channels, Math.min(size, Math.max(height, width)));
  const out = new Uint8Array(size * size * 4);
  const scale = Math.max(1, Math.floor(size / Math.max(small.height, small.width)));
  const left = Math.floor((size - small.width * scale) / 2), top = Math.floor((size - small.height * scale) / 2);
  for (let y = 0; y < small.height * scale; y++) {
    for (let x = 0; x < small.width * scale; x++) {
      const from = (Math.floor(y / scale) * small.width + Math.floor(x / scale)) * channels;
      const to = ((top + y) * size + left + x) * 4;
      for (let c = 0; c < 3; c++) out[to + c] = small.pixels[from + (channels === 1 ? 0 : c)];
      out[to + 3] = channels === 4 ? small.pixels[from + 3] : 255;
    }
  }
  return out;
}
