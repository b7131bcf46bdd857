import type { GalleryItem, Picture } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { askFolder } from './ask.svelte.ts';
import { attempt, notify, notifyUndo } from './notify.svelte.ts';
import { project } from './project.svelte.ts';

const PAGE = 60;
/** Pictures kept decoded-ready; more are read again when they come into view. */
const MOST_PICTURES = 600;

/** Pictures that the open project keeps, the newest first. */
class Gallery {
  items = $state.raw<GalleryItem[]>([]);
  total = $state(0);
  favourites = $state(false);
  /** Chosen ones, by id. */
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  #pictures = new Map<string, Promise<Picture | null>>();

  constructor() {
    project.onOpen(() => void this.load());
  }

  async load(): Promise<void> {
    this.chosen = new Set();
    const found = await attempt(() => client.call('gallery.list', { limit: PAGE, favourites: this.favourites }));
    if (found) ({ items: this.items, total: this.total } = found);
  }

  async more(): Promise<void> {
    if (this.items.length >= this.total) return;
    const found = await attempt(() => client.call('gallery.list', { offset: this.items.length, limit: PAGE, favourites: this.favourites }));
    if (!found) return;
    const known = new Set(this.items.map(({ id }) => id));
    this.items = [...this.items, ...found.items.filter(({ id }) => !known.has(id))];
    this.total = found.total;
  }

  /** A picture that was just made. */
  add(item: GalleryItem, picture?: Picture): void {
    if (picture) this.#remember(item.id, Promise.resolve(picture));
    if (this.favourites) return;
    this.items = [item, ...this.items];
    this.total++;
  }

  picture(id: string): Promise<Picture | null> {
    const known = this.#pictures.get(id);
    return known ?? this.#remember(id, client.call('gallery.picture', { id }).catch(() => null));
  }

  #remember(id: string, picture: Promise<Picture | null>): Promise<Picture | null> {
    this.#pictures.set(id, picture);
    if (this.#pictures.size > MOST_PICTURES) this.#pictures.delete(this.#pictures.keys().next().value!);
    return picture;
  }

  choose(id: string, add: boolean): void {
    const next = new Set(add ? this.chosen : []);
    if (this.chosen.has(id) && (add || this.chosen.size === 1)) next.delete(id);
    else next.add(id);
    this.chosen = next;
  }

  async like(item: GalleryItem): Promise<void> {
    const changed = await attempt(() => client.call('gallery.favourite', { id: item.id, favourite: !item.favourite }));
    if (changed) this.items = this.items.map((other) => (other.id === item.id ? { ...other, favourite: changed.favourite } : other));
  }

  async show(favourites: boolean): Promise<void> {
    this.favourites = favourites;
    await this.load();
  }

  async remove(ids: readonly string[]): Promise<void> {
    await attempt(async () => {
      await client.call('gallery.remove', { ids: [...ids] });
      this.items = this.items.filter(({ id }) => !ids.includes(id));
      this.total -= ids.length;
      this.chosen = new Set();
      notifyUndo(ids.length === 1 ? 'The picture was moved to the bin.' : `${ids.length} pictures were moved to the bin.`, async () => {
        await client.call('gallery.restore', { ids: [...ids] });
        await this.load();
      });
    });
  }

  async export(ids: readonly string[], options: { pattern: string; format: 'png' | 'webp' | 'jpeg'; scale: number }): Promise<void> {
    await attempt(async () => {
      const folder = await askFolder('Export pictures to', 'Export');
      if (!folder) return;
      const { files } = await client.call('gallery.export', { ids: [...ids], folder, ...options });
      notify(files.length === 1 ? `Written to ${files[0]}.` : `${files.length} pictures were written to ${folder}.`);
    });
  }
}

export const gallery = new Gallery();
