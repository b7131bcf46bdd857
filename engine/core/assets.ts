import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AtelierError } from './errors.ts';

/**
 * Path of a file that ships with the application, e.g. `assetPath('emoji', 'emoji.json.br')`: below `ATELIER_ASSETS`, else below
 * the nearest folder `assets` upwards from the running code (the sources and the bundles in dist/ both lie under the same root).
 * @throws AtelierError 'not-found'
 */
export function assetPath(...parts: string[]): string {
  const override = process.env.ATELIER_ASSETS;
  if (override) return resolve(override, ...parts);
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'assets', ...parts);
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) break;
  }
  throw new AtelierError('not-found', `The file assets/${parts.join('/')}, which ships with Latent Atelier, is missing.`, 'Install the application again, or set ATELIER_ASSETS to its assets folder.');
}
