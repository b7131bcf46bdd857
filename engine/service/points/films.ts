import { randomUUID } from 'node:crypto';
import { AtelierError } from '../../core/errors.ts';
import { encodeFilm } from '../../image/index.ts';

interface Film {
  format: 'gif' | 'webp';
  framesPerSecond: number;
  width: number;
  height: number;
  loop: boolean;
  frames: Uint8Array[];
}

/** Numbers of all pixels of a film together: about 480 MB while it is put together. */
const MOST_PIXELS = 120_000_000;
const MOST_FILMS = 4;

/** Films whose pictures come one by one. */
export class Films {
  readonly #films = new Map<string, Film>();

  begin(options: Omit<Film, 'frames'>): string {
    const id = randomUUID();
    this.#films.set(id, { ...options, frames: [] });
    if (this.#films.size > MOST_FILMS) this.#films.delete(this.#films.keys().next().value!);
    return id;
  }

  /** @returns frames so far @throws AtelierError 'bad-input' when the film grows too large */
  async add(id: string, picture: Uint8Array): Promise<number> {
    const film = this.#get(id);
    if ((film.frames.length + 1) * film.width * film.height > MOST_PIXELS) {
      throw new AtelierError('bad-input', `A film of ${film.width} x ${film.height} pixels has at most ${Math.floor(MOST_PIXELS / film.width / film.height)} frames.`, 'Make it smaller, shorter or slower.');
    }
    film.frames.push(Uint8Array.from(picture));
    return film.frames.length;
  }

  /** @throws AtelierError 'bad-input' without a frame, 'bad-data' when one is no picture */
  async end(id: string): Promise<{ bytes: Uint8Array; format: Film['format']; frames: number }> {
    const film = this.#get(id);
    this.#films.delete(id);
    if (film.frames.length === 0) throw new AtelierError('bad-input', 'The film has no pictures.', 'Hand over at least one.');
    return { bytes: await encodeFilm(film.frames, film), format: film.format, frames: film.frames.length };
  }

  #get(id: string): Film {
    const film = this.#films.get(id);
    if (!film) throw new AtelierError('not-found', 'There is no such film.', 'Begin it again.');
    return film;
  }
}
