/**
 * The gallery of a project: `gallery/<id>.png`, each with its recipe inside, and `gallery/favourites.json`. What is removed waits in
 * `bin/gallery/`.
 */
import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { recipe as recipeSchema, type GalleryItem, type Recipe } from '../../electron/contract/studio.ts';
import { writeFileAtomic } from '../core/atomic-file.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { readRecord, recordText } from '../core/record-file.ts';
import { pngText, withPngText } from '../core/png-text.ts';

const KEYWORD = 'latent-atelier';
const FAVOURITES = 'latent-atelier-favourites';

const folderOf = (project: string): string => join(resolve(project), 'gallery');
const binOf = (project: string): string => join(resolve(project), 'bin', 'gallery');

/** Writes a picture with its recipe. @param png a whole PNG file @throws AtelierError 'disk-full' | 'no-permission' */
export async function addToGallery(project: string, png: Uint8Array, recipe: Recipe, at = new Date()): Promise<GalleryItem> {
  const folder = folderOf(project);
  const stem = `${at.toISOString().slice(0, 23).replace(/[:.]/g, '-').replace('T', ' ')} ${recipe.kind}${recipe.index === undefined ? '' : ` ${recipe.index + 1}`}`;
  const taken = new Set(await readdir(folder).catch(() => []));
  let id = `${stem}.png`;
  for (let n = 2; taken.has(id); n++) id = `${stem} (${n}).png`;
  const described = { Software: 'Latent Atelier', Description: describe(recipe), [KEYWORD]: JSON.stringify({ ...recipe, at: at.toISOString() }) };
  await writeFileAtomic(join(folder, id), withPngText(png, described), `keeping ${id} in the gallery`);
  return { id, path: join(folder, id), ...sizeOf(png), at: at.toISOString(), favourite: false, recipe };
}

/** What a picture was made with, in a line that other programs show. */
function describe({ kind, runName, seed, label, temperature, note }: Recipe): string {
  return [`${kind} by "${runName}"`, label && `class ${label}`, seed !== undefined && `seed ${seed}`, temperature !== undefined && `temperature ${temperature}`, note].filter(Boolean).join(', ');
}

/** The newest first. Files that are no PNG are left out. */
export async function listGallery(project: string, { offset = 0, limit = 100, favourites = false } = {}): Promise<{ total: number; items: GalleryItem[] }> {
  const folder = folderOf(project);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.png') && !name.startsWith('.'));
  const liked = await readFavourites(folder);
  const ids = names.filter((name) => !favourites || liked.has(name)).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const items = await Promise.all(ids.slice(offset, offset + limit).map((id) => readItem(folder, id, liked).catch(() => null)));
  return { total: ids.length, items: items.filter((item) => item !== null) };
}

/** @throws AtelierError 'not-found' | 'bad-data' */
export async function galleryItem(project: string, id: string): Promise<GalleryItem & { bytes: Uint8Array }> {
  const folder = folderOf(project);
  return readItem(folder, id, await readFavourites(folder));
}

async function readItem(folder: string, id: string, liked: ReadonlySet<string>): Promise<GalleryItem & { bytes: Uint8Array }> {
  const path = join(folder, id);
  let bytes: Uint8Array;
  let changed: Date;
  try {
    bytes = await readFile(path);
    changed = (await stat(path)).mtime;
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
  const written = parse(pngText(bytes)[KEYWORD]);
  const found = recipeSchema.safeParse(written);
  const at = typeof written?.at === 'string' ? written.at : changed.toISOString();
  return { id, path, ...sizeOf(bytes), at, favourite: liked.has(id), recipe: found.success ? found.data : null, bytes };
}

function parse(text: string | undefined): { at?: unknown } | null {
  try {
    return text === undefined ? null : (JSON.parse(text) as { at?: unknown });
  } catch {
    return null; // written by something else: a picture without a recipe
  }
}

/** From the header, which is the first chunk. */
function sizeOf(png: Uint8Array): { width: number; height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

export async function setFavourite(project: string, id: string, favourite: boolean): Promise<GalleryItem> {
  const { bytes: _bytes, ...item } = await galleryItem(project, id);
  const folder = folderOf(project);
  const liked = new Set(await readFavourites(folder));
  if (favourite) liked.add(id);
  else liked.delete(id);
  await writeFileAtomic(join(folder, 'favourites.json'), recordText(FAVOURITES, { ids: [...liked].sort() }), 'writing the favourites');
  return { ...item, favourite };
}

async function readFavourites(folder: string): Promise<ReadonlySet<string>> {
  const record = await readRecord<{ ids?: unknown }>(join(folder, 'favourites.json'), FAVOURITES, 'the favourites').catch(() => null);
  return new Set(Array.isArray(record?.ids) ? record.ids.filter((id): id is string => typeof id === 'string') : []);
}

/** Moves pictures to the bin. @throws AtelierError 'not-found' */
export const removeFromGallery = (project: string, ids: readonly string[]): Promise<void> => moveAll(folderOf(project), binOf(project), ids, 'the gallery');
/** Brings removed pictures back. @throws AtelierError 'not-found' | 'busy' when another stands in its place */
export const restoreToGallery = (project: string, ids: readonly string[]): Promise<void> => moveAll(binOf(project), folderOf(project), ids, 'the bin');

async function moveAll(from: string, to: string, ids: readonly string[], where: string): Promise<void> {
  await mkdir(to, { recursive: true }).catch((error: unknown) => Promise.reject(toAtelierError(error, `making ${to}`)));
  const there = new Set(await readdir(from).catch(() => []));
  const missing = ids.find((id) => !there.has(id));
  if (missing !== undefined) throw new AtelierError('not-found', `There is no picture ${missing} in ${where}.`, 'It may have been moved already.');
  for (const id of ids) await rename(join(from, id), join(to, id)).catch((error: unknown) => Promise.reject(toAtelierError(error, `moving ${id}`)));
}
