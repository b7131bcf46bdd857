import type { Picture, Sheet } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { cellOrigin, decodePicture, isPixelArt } from '../services/pictures.ts';
import { askSavePath } from './ask.svelte.ts';
import { exportFilm } from './film-export.ts';
import { gallery } from './gallery.svelte.ts';
import { attempt, notify } from './notify.svelte.ts';
import { studio } from './studio.svelte.ts';

interface Key {
  picture: Picture;
  title: string;
  rows: number;
  columns: number;
  codes: Int32Array;
  fingerprint: string;
}

/** A film from key picture to key picture. */
class Animation {
  keys = $state.raw<Key[]>([]);
  through = $state<'latents' | 'codes' | 'levels'>('latents');
  easing = $state<'linear' | 'smooth' | 'hold'>('smooth');
  between = $state(12);
  fps = $state(12);
  loop = $state(true);
  scale = $state(4);
  busy = $state(false);
  frames = $state.raw<Sheet | null>(null);

  addCanvas(): void {
    const { state, codes, picture, canvas } = studio;
    if (!state || !codes || !picture || !canvas) return;
    this.#add({ picture, title: studio.title || 'Canvas', rows: state.rows, columns: state.columns, codes, fingerprint: canvas.fingerprint });
  }

  /** Pictures chosen in the gallery, in its order; those of other models are encoded. */
  async addChosen(): Promise<void> {
    const { canvas, run } = studio;
    if (!canvas || !run) return;
    for (const item of gallery.items.filter(({ id }) => gallery.chosen.has(id)).reverse()) {
      const picture = await gallery.picture(item.id);
      if (!picture) continue;
      const title = item.recipe?.label ?? item.recipe?.note ?? 'Picture';
      const own = item.recipe?.fingerprint === canvas.fingerprint ? item.recipe.canvas : undefined;
      if (own) this.#add({ picture, title, rows: own.rows, columns: own.columns, codes: Int32Array.from(own.codes), fingerprint: canvas.fingerprint });
      else {
        const found = await attempt(() => client.call('studio.encode', { run, bytes: picture.bytes }));
        if (found) this.#add({ picture: found.decoded, title, rows: found.rows, columns: found.columns, codes: found.codes, fingerprint: canvas.fingerprint });
      }
    }
  }

  #add(key: Key): void {
    this.keys = [...this.keys.filter(({ fingerprint }) => fingerprint === key.fingerprint), key];
    this.frames = null;
  }

  move(i: number, by: number): void {
    const next = [...this.keys];
    [next[i], next[i + by]] = [next[i + by], next[i]];
    this.keys = next;
  }

  take(i: number): void {
    this.keys = this.keys.filter((_, at) => at !== i);
  }

  async #exportVideo(format: 'mp4' | 'webm'): Promise<void> {
    await this.render();
    const sheet = this.frames;
    if (!sheet) return;
    this.busy = true;
    const bitmap = await decodePicture(sheet);
    await exportFilm({ title: studio.title || 'film', format, width: sheet.cellWidth * this.scale, height: sheet.cellHeight * this.scale, count: sheet.count, framesPerSecond: this.fps }, (context, i) => {
      const [x, y] = cellOrigin(sheet, i);
      context.imageSmoothingEnabled = !isPixelArt(sheet.cellWidth);
      context.imageSmoothingQuality = 'high';
      context.drawImage(bitmap, x, y, sheet.cellWidth, sheet.cellHeight, 0, 0, context.canvas.width, context.canvas.height);
    });
    bitmap.close();
    this.busy = false;
  }

  #request() {
    const { through, easing, between, fps, loop } = this;
    return { run: studio.run!, keys: this.keys.map(({ codes, rows, columns }) => ({ codes, rows, columns })), through, easing, between, fps, loop };
  }

  async render(): Promise<void> {
    if (this.keys.length < 2 || !studio.run) return;
    this.busy = true;
    const found = await attempt(() => client.call('studio.interpolate', this.#request()));
    this.busy = false;
    if (found) this.frames = found.frames;
  }

  /** MP4 and WebM are written by the platform's encoders from the drawn frames, the others by the engine. */
  async export(kind: 'mp4' | 'webm' | 'webp' | 'gif'): Promise<void> {
    if (kind === 'mp4' || kind === 'webm') return this.#exportVideo(kind);
    const out = await attempt(() => askSavePath('Export the film', `film.${kind}`, kind));
    if (!out) return;
    this.busy = true;
    const found = await attempt(() => client.call('studio.interpolate', { ...this.#request(), out, scale: this.scale }));
    this.busy = false;
    if (!found) return;
    this.frames = found.frames;
    notify(`The film is in ${out}.`);
  }
}

export const animation = new Animation();
