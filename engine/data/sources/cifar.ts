/**
 * The binary versions of CIFAR-10 and CIFAR-100 (https://www.cs.toronto.edu/~kriz/cifar.html): records of one label byte
 * (CIFAR-100: coarse and fine) and 3072 bytes, the planes red, green, blue of 32 x 32.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AtelierError } from '../../core/errors.ts';
import { identityOf, readMaybeGzip } from '../read-file.ts';
import type { ImageSource, SourceItem } from '../source.ts';
import { arraySource } from './array-source.ts';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const TEN = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
const BATCH = /^(data_batch_\d+|test_batch|train|test)\.bin$/i;

/** Whether the name is one that the distribution uses. */
export const isCifarName = (name: string): boolean => BATCH.test(name);

/** @param path one .bin file, or the folder with all of them (its test file becomes the test split) */
export async function openCifar(path: string, isFolder: boolean): Promise<ImageSource> {
  const folder = isFolder ? path : dirname(path);
  const names = await readdir(folder);
  const files = isFolder ? names.filter(isCifarName).sort() : [basename(path)];
  const batches = await Promise.all(files.map(async (file) => ({ file, ...parseCifar(await readMaybeGzip(join(folder, file)), join(folder, file)) })));
  const labelBytes = batches[0].labelBytes;
  const odd = batches.find((b) => b.labelBytes !== labelBytes);
  if (odd) throw new AtelierError('bad-data', `${folder} mixes CIFAR-10 and CIFAR-100 files (${odd.file}).`, 'Put them into folders of their own.');
  const classes = await classNames(folder, names, labelBytes);
  const several = batches.length > 1;
  const items: SourceItem[] = [];
  const places: { bytes: Uint8Array; at: number }[] = [];
  for (const { file, count, bytes } of batches) {
    const record = labelBytes + 3 * PLANE;
    for (let i = 0; i < count; i++) {
      items.push({ name: `${file.replace(/\.bin$/i, '')}/${i}`, label: bytes[i * record + labelBytes - 1], split: several && /^test/i.test(file) ? 'test' : undefined });
      places.push({ bytes, at: i * record + labelBytes });
    }
  }
  return arraySource({
    format: 'cifar',
    name: labelBytes === 1 ? 'CIFAR-10' : 'CIFAR-100',
    source: path,
    identity: await identityOf(files.map((f) => join(folder, f))),
    classes,
    items,
    height: SIDE,
    width: SIDE,
    channels: 3,
    pixels(i) {
      const { bytes, at } = places[i];
      const out = new Uint8Array(3 * PLANE);
      for (let p = 0; p < PLANE; p++) for (let c = 0; c < 3; c++) out[p * 3 + c] = bytes[at + c * PLANE + p];
      return out;
    },
  });
}

/**
 * How many records a file holds, and with how many label bytes.
 * @throws AtelierError 'bad-data' when neither layout fits
 */
export function parseCifar(bytes: Uint8Array, name: string): { count: number; labelBytes: 1 | 2; bytes: Uint8Array } {
  const fits = (labelBytes: 1 | 2, classes: number): boolean => {
    const record = labelBytes + 3 * PLANE;
    if (bytes.length === 0 || bytes.length % record !== 0) return false;
    for (let at = labelBytes - 1; at < bytes.length; at += record) if (bytes[at] >= classes) return false;
    return true;
  };
  for (const [labelBytes, classes] of [[1, 10], [2, 100]] as const) {
    if (fits(labelBytes, classes)) return { count: bytes.length / (labelBytes + 3 * PLANE), labelBytes, bytes };
  }
  throw new AtelierError('bad-data', `${name} is not a CIFAR binary: its ${bytes.length} bytes are not records of 3073 (CIFAR-10) or 3074 bytes (CIFAR-100) with valid labels.`, 'Use the "binary version" of the distribution, whole.');
}

async function classNames(folder: string, names: readonly string[], labelBytes: 1 | 2): Promise<string[]> {
  const file = labelBytes === 1 ? 'batches.meta.txt' : 'fine_label_names.txt';
  const wanted = labelBytes === 1 ? 10 : 100;
  if (names.includes(file)) {
    const lines = (await readFile(join(folder, file), 'utf8')).split('\n').map((l) => l.trim()).filter(Boolean);
    if (lines.length === wanted) return lines;
  }
  return labelBytes === 1 ? TEN : Array.from({ length: wanted }, (_, i) => String(i));
}
