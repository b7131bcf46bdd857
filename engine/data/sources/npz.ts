/**
 * NumPy archives. Pictures are an array [N, H, W], [N, H, W, C] or [N, C, H, W] of uint8, bool, float32 or float64; labels an
 * array [N] of integers beside it. Known names, in this order: x_train with x_test (Keras), then images, x, data, arr_0, else
 * the largest array that looks like pictures; y_train and y_test, labels, label, y, targets, arr_1.
 */
import { stat, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { unzipSync } from 'fflate';
import { AtelierError, toAtelierError } from '../../core/errors.ts';
import { identityOf, MAX_ARRAY_BYTES } from '../read-file.ts';
import type { ImageSource, Skipped, SourceItem } from '../source.ts';
import { arraySource } from './array-source.ts';
import { parseNpy, type Npy } from './npy.ts';

interface Pictures {
  key: string;
  values: Uint8Array | Float32Array | Float64Array;
  count: number;
  height: number;
  width: number;
  channels: 1 | 3 | 4;
  planar: boolean;
  bool: boolean;
}

const SHAPES = 'pictures [N, H, W], [N, H, W, C] or [N, C, H, W] with 1, 3 or 4 channels';

export async function openNpz(path: string): Promise<ImageSource> {
  const arrays = await readArchive(path);
  const find = (...names: string[]): string | undefined => names.find((n) => arrays.has(n));
  const key = find('x_train', 'train_images', 'images', 'image', 'x', 'X', 'data', 'arr_0') ?? largest(arrays);
  if (key === undefined) {
    const there = [...arrays].map(([k, a]) => `${k}: ${a.dtype} [${a.shape.join(', ')}]`).join('; ') || 'no arrays';
    throw new AtelierError('bad-data', `${path} has no ${SHAPES}; it has ${there}.`, 'Save the pictures as an array named "images".');
  }
  const testKey = key.includes('train') ? find(key.replace('train', 'test')) : undefined;
  const parts = [asPictures(path, key, arrays.get(key)!)];
  if (testKey !== undefined) parts.push(asPictures(path, testKey, arrays.get(testKey)!));
  const [first, second] = parts;
  if (second && (second.height !== first.height || second.width !== first.width || second.channels !== first.channels)) {
    throw new AtelierError('bad-data', `In ${path}, ${testKey} has pictures of another shape than ${key}.`, 'Save both with the same size and channels.');
  }
  const labelKeys = parts.map((_, i) => (key.includes('train') ? find(...(i === 0 ? ['y_train', 'train_labels'] : ['y_test', 'test_labels'])) : find('labels', 'label', 'y', 'Y', 'targets', 'arr_1')));
  const labels = parts.map((p, i) => (labelKeys[i] === undefined ? null : asLabels(path, labelKeys[i], arrays.get(labelKeys[i])!, p.count)));
  const classValues = [...new Set(labels.flatMap((l) => (l ? [...new Set(l)] : [])))].sort((a, b) => a - b);
  const classOf = new Map(classValues.map((v, i) => [v, i]));

  const items: SourceItem[] = [];
  const skipped: Skipped[] = [];
  const places: { part: Pictures; index: number }[] = [];
  const { toByte, note } = scaleOf(path, parts);
  parts.forEach((part, p) => {
    const size = part.height * part.width * part.channels;
    for (let i = 0; i < part.count; i++) {
      const name = `${part.key}/${i}`;
      if (!allFinite(part.values, i * size, size)) {
        skipped.push({ path: name, reason: `${path}: ${name} has values that are not numbers (NaN or infinite).` });
        continue;
      }
      const label = labels[p];
      items.push({ name, label: label ? classOf.get(label[i])! : -1, split: p === 1 ? 'test' : undefined });
      places.push({ part, index: i });
    }
  });
  return arraySource({
    format: 'npz',
    name: basename(path).replace(/\.npz$/i, ''),
    source: path,
    identity: await identityOf([path]),
    classes: classValues.map(String),
    items,
    skipped,
    height: first.height,
    width: first.width,
    channels: first.channels,
    warnings: note ? [note] : [],
    pixels(i) {
      const { part, index } = places[i];
      return bytesOf(part, index, toByte);
    },
  });
}

async function readArchive(path: string): Promise<Map<string, Npy>> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > MAX_ARRAY_BYTES) throw new AtelierError('bad-data', `${path} is larger than 4 GB.`, 'Split it, or export the pictures as PNG files in a folder.');
    bytes = await readFile(path);
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
  const arrays = new Map<string, Npy>();
  let files: Record<string, Uint8Array>;
  let total = 0;
  try {
    files = unzipSync(bytes, {
      filter(file) {
        total += file.originalSize;
        if (total > MAX_ARRAY_BYTES) throw new AtelierError('bad-data', `${path} unpacks to more than 4 GB.`, 'Split it, or export the pictures as PNG files in a folder.');
        return file.name.endsWith('.npy');
      },
    });
  } catch (error) {
    if (error instanceof AtelierError) throw error;
    throw new AtelierError('bad-data', `${path} is not a whole .npz archive.`, 'Save it again with numpy.savez(...), or copy it again.', { cause: error });
  }
  for (const [name, content] of Object.entries(files)) arrays.set(name.slice(0, -4), parseNpy(content, `${path}: ${name}`));
  return arrays;
}

function largest(arrays: Map<string, Npy>): string | undefined {
  const looks = [...arrays].filter(([, a]) => a.shape.length === 3 || (a.shape.length === 4 && channelAxis(a.shape) !== null));
  return looks.sort(([, a], [, b]) => b.values.length - a.values.length)[0]?.[0];
}

function channelAxis(shape: number[]): 1 | 3 | null {
  const isCount = (n: number): boolean => n === 1 || n === 3 || n === 4;
  if (shape.length !== 4) return null;
  return isCount(shape[3]) ? 3 : isCount(shape[1]) ? 1 : null;
}

function asPictures(path: string, key: string, { dtype, shape, values }: Npy): Pictures {
  if (dtype !== 'bool' && !(values instanceof Uint8Array || values instanceof Float32Array || values instanceof Float64Array)) {
    throw new AtelierError('bad-data', `In ${path}, the array ${key} is ${dtype}; pictures are read as uint8 (0 to 255), float32 or float64 (0 to 1).`, `Save it as ${key}.astype('uint8').`);
  }
  const axis = channelAxis(shape);
  if ((shape.length !== 3 && axis === null) || shape.slice(1).some((d) => d < 1)) {
    throw new AtelierError('bad-data', `In ${path}, the array ${key} has the shape [${shape.join(', ')}]; expected were ${SHAPES}.`, 'Reshape it before saving.');
  }
  if (shape[0] === 0) throw new AtelierError('bad-data', `In ${path}, the array ${key} holds no pictures.`, 'Save at least one.');
  const [height, width] = axis === 1 ? [shape[2], shape[3]] : [shape[1], shape[2]];
  const channels = (axis === null ? 1 : shape[axis]) as 1 | 3 | 4;
  return { key, values: values as Pictures['values'], count: shape[0], height, width, channels, planar: axis === 1, bool: dtype === 'bool' };
}

function asLabels(path: string, key: string, { dtype, shape, values }: Npy, count: number): number[] {
  const flat = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (dtype.startsWith('float') || !flat) throw new AtelierError('bad-data', `In ${path}, the labels ${key} are ${dtype} [${shape.join(', ')}]; integers [N] were expected.`, `Save them as ${key}.astype('int64'), one number a picture.`);
  if (values.length !== count) throw new AtelierError('bad-data', `In ${path}, there are ${values.length} labels in ${key} for ${count} pictures.`, 'Save as many labels as pictures.');
  return Array.from(values as ArrayLike<number | bigint>, Number);
}

/** How values become bytes: the whole archive alike, by the range that occurs. */
function scaleOf(path: string, parts: readonly Pictures[]): { toByte: (v: number) => number; note: string | null } {
  if (parts.every((p) => p.bool)) return { toByte: (v) => v * 255, note: null };
  if (parts.every((p) => p.values instanceof Uint8Array)) return { toByte: (v) => v, note: null };
  let low = Infinity, high = -Infinity;
  for (const { values } of parts) {
    for (let i = 0; i < values.length; i++) {
      const v = values[i];
      if (v < low && v !== -Infinity) low = v;
      if (v > high && v !== Infinity) high = v;
    }
  }
  const near = 1e-3;
  if (low >= -near && high <= 1 + near) return { toByte: (v) => v * 255, note: null };
  if (low >= -1 - near && high <= 1 + near) return { toByte: (v) => (v + 1) * 127.5, note: 'Values from -1 to 1 were taken as black to white.' };
  if (low >= -near && high <= 255 + near) return { toByte: (v) => v, note: null };
  if (low === Infinity) return { toByte: () => 0, note: null }; // nothing but NaN: every item is left out
  throw new AtelierError('bad-data', `In ${path}, the values of ${parts[0].key} go from ${low} to ${high}; 0 to 1, -1 to 1 or 0 to 255 were expected.`, 'Scale them to 0 to 1 before saving.');
}

function bytesOf({ values, height, width, channels, planar }: Pictures, index: number, toByte: (v: number) => number): Uint8Array {
  const plane = height * width;
  const size = plane * channels;
  const out = new Uint8ClampedArray(size); // rounds
  const from = index * size;
  if (!planar || channels === 1) for (let i = 0; i < size; i++) out[i] = toByte(values[from + i]);
  else for (let p = 0; p < plane; p++) for (let c = 0; c < channels; c++) out[p * channels + c] = toByte(values[from + c * plane + p]);
  return new Uint8Array(out.buffer);
}

function allFinite(values: ArrayLike<number>, from: number, count: number): boolean {
  if (values instanceof Uint8Array) return true;
  for (let i = from; i < from + count; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
