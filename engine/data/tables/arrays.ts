/** Named arrays of a file: NumPy's .npy and .npz, and .safetensors. */
import { basename } from 'node:path';
import { unzipSync } from 'fflate';
import { AtelierError } from '../../core/errors.ts';
import { readSafetensors } from '../../core/safetensors.ts';
import { readMaybeGzip } from '../read-file.ts';
import { parseNpy } from '../sources/npy.ts';
import type { RawVectors } from './vectors.ts';

interface NamedArray {
  shape: readonly number[];
  values: ArrayLike<number> | ArrayLike<bigint>;
}
export interface ArrayTable extends RawVectors {
  /** Which array the vectors are. */
  name: string;
  /** Arrays of one number a row. */
  about: { name: string; values: Float64Array }[];
  warnings: string[];
}

const PREFERRED = ['embeddings', 'embedding', 'latents', 'latent', 'vectors', 'features', 'codes', 'x', 'X', 'data', 'arr_0'];

export const isArrays = (path: string): boolean => /\.(npy|npz|safetensors)(\.gz)?$/i.test(path);

/**
 * @param wanted name of the array of vectors; unset: one with a telling name, else the largest of two axes
 * @throws AtelierError 'bad-data' | 'bad-input' | 'not-found'
 */
export async function readArrays(path: string, wanted?: string): Promise<ArrayTable> {
  const warnings: string[] = [];
  const arrays = await arraysOf(path, warnings);
  const names = [...arrays.keys()];
  const there = names.map((name) => `${name} [${arrays.get(name)!.shape.join(', ')}]`).join(', ') || 'no arrays';
  const size = (name: string): number => arrays.get(name)!.values.length;
  const matrices = names.filter((name) => arrays.get(name)!.shape.length >= 2 && size(name) > 0);
  const largest = (of: string[]): string | undefined => [...of].sort((a, b) => size(b) - size(a))[0];
  const name = wanted ?? PREFERRED.find((p) => matrices.includes(p)) ?? largest(matrices) ?? largest(names.filter((n) => arrays.get(n)!.shape.length === 1 && size(n) > 0));
  if (name === undefined) throw new AtelierError('bad-data', `${path} has no array [N, D] of vectors; it has ${there}.`, 'Save the vectors as one array with a row an item.');
  const array = arrays.get(name);
  if (!array) throw new AtelierError('bad-input', `${path} has no array "${name}".`, `There are: ${there}.`);
  const [n = 1, ...rest] = array.shape;
  const d = rest.reduce((a, b) => a * b, 1);
  if (n < 1 || d < 1) throw new AtelierError('bad-data', `In ${path}, the array ${name} is empty: [${array.shape.join(', ')}].`, 'Save at least one row of one number.');
  if (rest.length > 1) warnings.push(`${path}: ${name} [${array.shape.join(', ')}] was taken as ${n} rows of ${d} numbers.`);
  const values = array.values instanceof Float32Array ? array.values : Float32Array.from(array.values as ArrayLike<number>, Number);
  const about = names
    .filter((other) => other !== name && (arrays.get(other)!.shape.length === 1 || arrays.get(other)!.shape[1] === 1) && size(other) === n)
    .map((other) => ({ name: other, values: Float64Array.from(arrays.get(other)!.values as ArrayLike<number>, Number) }));
  return { name, values, n, d, about, warnings };
}

async function arraysOf(path: string, warnings: string[]): Promise<Map<string, NamedArray>> {
  if (/\.safetensors$/i.test(path)) return new Map(Object.entries((await readSafetensors(path)).tensors));
  const bytes = await readMaybeGzip(path);
  if (/\.npy(\.gz)?$/i.test(path)) return new Map([[basename(path).replace(/\.npy(\.gz)?$/i, ''), parseNpy(bytes, path)]]);
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, { filter: (file) => file.name.endsWith('.npy') });
  } catch (error) {
    throw new AtelierError('bad-data', `${path} is not a whole .npz archive.`, 'Save it again with numpy.savez(...), or copy it again.', { cause: error });
  }
  const out = new Map<string, NamedArray>();
  for (const [file, content] of Object.entries(files)) {
    try {
      out.set(file.slice(0, -4), parseNpy(content, `${path}: ${file}`));
    } catch (error) {
      warnings.push(`${error instanceof Error ? error.message : String(error)} Left out.`); // text arrays beside the vectors are common
    }
  }
  return out;
}
