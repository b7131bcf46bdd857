import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Calls, OutputOf, ParsedInputOf } from '../../../electron/contract/index.ts';
import { writeFileAtomic } from '../../core/atomic-file.ts';
import { toAtelierError } from '../../core/errors.ts';
import { pngText, withPngText } from '../../core/png-text.ts';
import { galleryItem } from '../../store/gallery.ts';

/**
 * Writes copies of gallery pictures. Names follow the pattern; one that is taken gets a number, nothing is overwritten.
 * @throws AtelierError 'not-found' for a picture, 'disk-full' | 'no-permission' for the folder; what was written before stays
 */
export async function exportPictures(project: string, { ids, folder, pattern, format, scale, smooth }: ParsedInputOf<Calls['gallery.export']>): Promise<OutputOf<Calls['gallery.export']>> {
  const { default: sharp } = await import('sharp');
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw toAtelierError(error, `making the folder ${folder}`);
  }
  const taken = new Set((await readdir(folder)).map((name) => name.toLowerCase()));
  const files: string[] = [];
  for (const [n, id] of ids.entries()) {
    const { bytes, width, height, recipe } = await galleryItem(project, id);
    const values = { name: id.replace(/\.png$/, ''), run: recipe?.runName, class: recipe?.label, seed: recipe?.seed?.toString(), n: String(n + 1).padStart(String(ids.length).length, '0') };
    const stem = fileStem(pattern, values);
    const ending = format === 'jpeg' ? 'jpg' : format;
    let name = `${stem}.${ending}`;
    for (let again = 2; taken.has(name.toLowerCase()); again++) name = `${stem} (${again}).${ending}`;
    taken.add(name.toLowerCase());
    let picture = sharp(bytes);
    if (scale > 1) picture = picture.resize(width * scale, height * scale, { kernel: smooth ? 'lanczos3' : 'nearest' });
    let file: Uint8Array;
    if (format === 'png') file = withPngText(await picture.png().toBuffer(), pngText(bytes));
    else if (format === 'webp') file = await picture.webp({ quality: 95 }).toBuffer();
    else file = await picture.flatten({ background: '#fff' }).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
    await writeFileAtomic(join(folder, name), file, `writing ${join(folder, name)}`);
    files.push(join(folder, name));
  }
  return { folder, files };
}

/** A name that every file system takes; words that are not known are left out with the hyphen before them. */
export function fileStem(pattern: string, values: Record<string, string | undefined>): string {
  const filled = pattern.replace(/([-_ ]?)\{(\w+)\}/g, (_, before: string, word: string) => (values[word] ? before + values[word] : ''));
  // eslint-disable-next-line no-control-regex
  const safe = filled.replace(/[<>:"/\\|?*\u0000-\u001f]/g, ' ').replace(/\s+/g, ' ').replace(/^[-_. ]+|[. ]+$/g, '').slice(0, 150);
  return safe || 'picture';
}
