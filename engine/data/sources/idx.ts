/**
 * The idx format of MNIST and its kin (http://yann.lecun.com/exdb/mnist/): two zero bytes, a type, the number of dimensions,
 * the dimensions as big-endian 32-bit numbers, the data. Labels lie in a file of their own, found by name.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AtelierError } from '../../core/errors.ts';
import { identityOf, looksLike, readMaybeGzip } from '../read-file.ts';
import type { ImageSource, SourceItem } from '../source.ts';
import { arraySource } from './array-source.ts';

export interface Idx {
  shape: number[];
  values: Uint8Array;
}

const TYPES: Record<number, string> = { 0x09: 'int8', 0x0b: 'int16', 0x0c: 'int32', 0x0d: 'float32', 0x0e: 'float64' };

/** @throws AtelierError 'bad-data' naming the file, what was expected and what stands there */
export function parseIdx(bytes: Uint8Array, name: string): Idx {
  const remedy = 'Use the original file, for instance train-images-idx3-ubyte, packed as .gz or not.';
  const rank = bytes[3];
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    throw new AtelierError('bad-data', `${name} is not an idx file: it begins with ${looksLike(bytes)}; an idx file of bytes begins with 00 00 08.`, remedy);
  }
  if (bytes[2] !== 0x08) {
    throw new AtelierError('bad-data', `${name} holds ${TYPES[bytes[2]] ?? `type 0x${bytes[2].toString(16)}`} values; idx files of unsigned bytes (type 08) are read.`, remedy);
  }
  if (rank < 1 || rank > 4 || bytes.length < 4 + 4 * rank) throw new AtelierError('bad-data', `${name} claims ${rank} dimensions in ${bytes.length} bytes; 1 to 4 were expected.`, remedy);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = shape.reduce((a, b) => a * b, 1);
  const start = 4 + 4 * rank;
  if (size !== bytes.length - start) {
    throw new AtelierError('bad-data', `${name} claims [${shape.join(', ')}], which takes ${size} bytes, and has ${bytes.length - start}; it was cut off or damaged.`, 'Copy or download it again.');
  }
  return { shape, values: bytes.subarray(start) };
}

const IMAGES = /^(.*?)[-_.]?images([-_.]?)idx3/i;

/** Whether a name is that of an idx file of pictures. */
export const isIdxImages = (name: string): boolean => IMAGES.test(name);

/**
 * Opens an idx file of pictures with its labels and, where they lie beside it, the test files (t10k, test).
 * @param path a file of pictures, or a folder that holds one
 */
export async function openIdx(path: string, isFolder: boolean): Promise<ImageSource> {
  const folder = isFolder ? path : dirname(path);
  const names = await readdir(folder);
  const images = names.filter(isIdxImages).sort();
  const isTest = (name: string): boolean => /^(t10k|test)/i.test(name);
  const chosen = isFolder ? images.find((n) => !isTest(n)) ?? images[0] : basename(path);
  if (chosen === undefined) throw new AtelierError('bad-data', `${folder} has no idx file of pictures.`, 'Its name should contain "images-idx3".');
  const test = isTest(chosen) ? undefined : images.find(isTest);
  const parts: Part[] = [await readPart(folder, chosen, names)];
  if (test !== undefined) parts.push(await readPart(folder, test, names));
  const [first, second] = parts;
  if (second && (second.height !== first.height || second.width !== first.width)) {
    throw new AtelierError('bad-data', `${test} has pictures of ${second.height} x ${second.width}, ${chosen} of ${first.height} x ${first.width}.`, 'Put files that do not belong together into folders of their own.');
  }
  const top = Math.max(-1, ...parts.map((p) => p.labels?.reduce((a, b) => Math.max(a, b), -1) ?? -1));
  const items = parts.flatMap((part, p) =>
    Array.from({ length: part.count }, (_, i): SourceItem => ({ name: `${parts.length > 1 ? (p === 0 ? 'train/' : 'test/') : ''}${i}`, label: part.labels ? part.labels[i] : -1, split: p === 1 ? 'test' : undefined })),
  );
  const size = first.height * first.width;
  const files = parts.flatMap((p) => p.files.map((f) => join(folder, f)));
  return arraySource({
    format: 'idx',
    name: basename(folder) || 'idx',
    source: isFolder ? folder : path,
    identity: await identityOf(files),
    classes: Array.from({ length: top + 1 }, (_, i) => String(i)),
    items,
    height: first.height,
    width: first.width,
    channels: 1,
    warnings: first.labels ? [] : [`No labels were found beside ${chosen}; the set has no classes.`],
    pixels: (i) => (i < first.count ? first.values.subarray(i * size, (i + 1) * size) : second.values.subarray((i - first.count) * size, (i - first.count + 1) * size)),
  });
}

interface Part {
  count: number;
  height: number;
  width: number;
  values: Uint8Array;
  labels: Uint8Array | null;
  files: string[];
}

async function readPart(folder: string, file: string, names: readonly string[]): Promise<Part> {
  const path = join(folder, file);
  const { shape, values } = parseIdx(await readMaybeGzip(path), path);
  const [count, height, width] = shape;
  if (shape.length !== 3 || height === 0 || width === 0) {
    throw new AtelierError('bad-data', `${path} holds values of shape [${shape.join(', ')}]; pictures [N, H, W] were expected${shape.length === 1 ? ' (these look like labels)' : ''}.`, 'Choose the file of the pictures; the labels beside it are found by name.');
  }
  if (count === 0) throw new AtelierError('bad-data', `${path} holds no pictures.`, 'Choose another file.');
  const plain = (n: string): string => n.toLowerCase().replace(/\.gz$/, '');
  const wanted = plain(file).replace('images', 'labels').replace('idx3', 'idx1');
  const labelFile = wanted === plain(file) ? undefined : names.find((n) => plain(n) === wanted);
  if (labelFile === undefined) return { count, height, width, values, labels: null, files: [file] };
  const labelPath = join(folder, labelFile);
  const labels = parseIdx(await readMaybeGzip(labelPath), labelPath);
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new AtelierError('bad-data', `${labelPath} has labels of shape [${labels.shape.join(', ')}] for ${count} pictures.`, 'Use the labels that belong to the pictures, or remove the file to import without classes.');
  }
  return { count, height, width, values, labels: labels.values, files: [file, labelFile] };
}
