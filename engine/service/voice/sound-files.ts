import { readdir, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { SOUND_ENDINGS } from '../../audio/decode.ts';
import { toAtelierError } from '../../core/errors.ts';

/** The files that are named, and all the sound in the folders that are, in order. @throws AtelierError 'not-found' | 'no-permission' */
export async function soundFiles(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const given of paths) {
    const path = resolve(given);
    const about = await stat(path).catch((error: unknown) => Promise.reject(toAtelierError(error, `looking for ${path}`)));
    if (!about.isDirectory()) found.push(path);
    else {
      const names = await readdir(path, { recursive: true });
      found.push(...names.filter((name) => SOUND_ENDINGS.includes(extname(name).toLowerCase())).sort().map((name) => join(path, name)));
    }
  }
  return found;
}
