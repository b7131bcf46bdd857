import { readdir, stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { PICTURE_ENDINGS } from '../image/index.ts';
import { DATASET_FILE, openDataset } from './dataset.ts';
import { headOf, looksLike } from './read-file.ts';
import type { ImageSource } from './source.ts';
import { arraySource } from './sources/array-source.ts';
import { openClips } from './sources/clips.ts';
import { isCifarName, openCifar } from './sources/cifar.ts';
import { DSPRITES } from './sources/dsprites.ts';
import { EMOJI_STYLES, openEmoji, type EmojiStyle } from './sources/emoji.ts';
import { isIdxImages, openIdx } from './sources/idx.ts';
import { openImageFolder } from './sources/image-folder.ts';
import { MNIST, openMnist } from './sources/mnist.ts';
import { openNpz } from './sources/npz.ts';

export const EMOJI = 'builtin:emoji';

export const isBuiltin = (ref: string): boolean => ref.startsWith('builtin:');

/** The same emoji with their style for a class. */
export const EMOJI_BY_STYLE = `${EMOJI}-styles`;

/** `builtin:emoji`, `builtin:emoji-styles`, or one style: `builtin:emoji-noto`; `builtin:mnist`. @throws AtelierError 'not-found' */
export async function openBuiltin(ref: string): Promise<ImageSource> {
  if (ref === MNIST) return openMnist();
  if (ref === EMOJI_BY_STYLE) return openEmoji(null, true);
  const style = ref === EMOJI ? null : ref.startsWith(`${EMOJI}-`) ? ref.slice(EMOJI.length + 1) : undefined;
  if (style === undefined || (style !== null && !EMOJI_STYLES.includes(style as EmojiStyle))) {
    throw new AtelierError('not-found', `There is no built-in set "${ref}".`, `There are ${[EMOJI, EMOJI_BY_STYLE, ...EMOJI_STYLES.map((s) => `${EMOJI}-${s}`), DSPRITES, MNIST].join(', ')}.`);
  }
  return openEmoji(style as EmojiStyle | null);
}

/**
 * Finds out what a path holds, from names and first bytes, and opens it.
 * @param frames of each clip, where it holds clips
 * @throws AtelierError 'not-found' | 'no-permission' | 'bad-data' naming what was found and what can be read
 */
export async function openSource(ref: string, frames?: number): Promise<ImageSource> {
  if (isBuiltin(ref)) return openBuiltin(ref);
  const path = resolve(ref);
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw toAtelierError(error, `opening ${path}`);
  }
  if (frames !== undefined) {
    if (!isFolder) throw new AtelierError('bad-data', `${path} is a single file, no set of clips.`, 'Choose the folder that holds it.');
    return openClips(path, frames);
  }
  return isFolder ? openFolder(path) : openFile(path);
}

async function openFolder(path: string): Promise<ImageSource> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    throw toAtelierError(error, `listing ${path}`);
  }
  if (names.includes(DATASET_FILE)) return datasetSource(path);
  if (names.some(isIdxImages)) return openIdx(path, true);
  if (names.some(isCifarName)) return openCifar(path, true);
  const visible = names.filter((n) => !n.startsWith('.'));
  const npz = visible.filter((n) => n.toLowerCase().endsWith('.npz'));
  if (npz.length === 1 && !visible.some((n) => PICTURE_ENDINGS.includes(extname(n).slice(1).toLowerCase()))) return openNpz(resolve(path, npz[0]));
  return openImageFolder(path);
}

async function openFile(path: string): Promise<ImageSource> {
  const head = await headOf(path, 16);
  const ending = extname(path).slice(1).toLowerCase();
  if (head.length === 0) throw new AtelierError('bad-data', `${path} is empty (0 bytes).`, 'Copy or download it again.');
  const zip = head[0] === 0x50 && head[1] === 0x4b;
  if (zip && ending === 'npz') return openNpz(path);
  if (ending === 'bin' || isCifarName(path)) return openCifar(path, false);
  const named = ['idx', 'gz', 'npz', 'npy'].includes(ending) || /ubyte|idx\d?$/i.test(path);
  const idx = head[0] === 0 && head[1] === 0 && head[2] >= 0x08 && head[2] <= 0x0e;
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  if (idx || gzip || (named && !['npz', 'npy'].includes(ending))) return openIdx(path, false);
  if (ending === 'npz') throw new AtelierError('bad-data', `${path} is not a whole .npz archive: it begins with ${looksLike(head)}; an archive begins with "PK".`, 'Save it again with numpy.savez(...), or copy it again.');
  const remedy = PICTURE_ENDINGS.includes(ending)
    ? 'A single picture is not a set: choose the folder that holds it.'
    : ending === 'npy' ? 'Save the array with numpy.savez(path, images=array).'
    : zip ? 'Unpack the archive and choose the folder.'
    : 'Choose a folder of pictures, an idx file (also .gz), a CIFAR .bin file or an .npz archive.';
  throw new AtelierError('bad-data', `${path} is not a set of pictures that can be read; it begins with ${looksLike(head)}.`, remedy);
}

/** A dataset folder as a source, for another size, number of channels or split. */
async function datasetSource(path: string): Promise<ImageSource> {
  const set = await openDataset(path);
  if (set.clip) {
    await set.close();
    throw new AtelierError('bad-input', `"${set.name}" holds clips of ${set.width} pixels, which cannot be made another size.`, 'Import the clips again at the size you want.');
  }
  return arraySource({
    format: set.info.format,
    name: set.name,
    source: set.info.source,
    identity: `dataset ${set.fingerprint}`,
    classes: set.classes,
    items: Array.from({ length: set.count }, (_, i) => ({ name: set.itemName(i), label: set.labels[i], split: set.splitOf(i) })),
    height: set.height,
    width: set.width,
    channels: set.channels,
    pixels: (i) => set.readBytes([i]),
    close: () => set.close(),
  });
}
