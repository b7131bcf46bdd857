import type { ImageSet } from '../core/image-set.ts';
import { rng } from '../core/rng.ts';

/** Pictures are compared as this many cells a side. */
const CELLS = 8;
/** Neighbours that say how crowded it is around a picture. */
const CROWD = 10;
/** Multiplications that matching may cost in all; large sets are matched in part. */
const BUDGET = 6e9;
const LEAST = 64;

/**
 * Pairs among folders that nobody paired: two training pictures of different classes of which each is the other's nearest, after what a
 * class's pictures have in common was taken off. Near is meant as in cross-domain similarity local scaling (Conneau et al. 2018, section
 * 2.3): a picture that is near to everything is no match of anything. Names are not looked at.
 * @returns for each item that has look-alikes, those in other classes, at most one a class
 */
export async function lookAlikes(images: ImageSet, seed: number): Promise<Map<number, number[]>> {
  const { classes, channels } = images;
  const length = CELLS * CELLS * channels;
  const couples = (classes.length * (classes.length - 1)) / 2;
  const most = Math.max(LEAST, Math.floor(Math.sqrt(BUDGET / Math.max(1, couples * length))));
  const members = classes.map((_, c) => {
    const all = images.split.train.filter((item) => images.labels[item] === c);
    return all.length <= most ? all : rng(seed, 'look-alikes', c).shuffle(all).subarray(0, most).sort();
  });
  const looks: Float32Array[] = [];
  for (const items of members) looks.push(await directions(images, items));
  const found = new Map<number, number[]>();
  const add = (item: number, other: number) => void (found.get(item)?.push(other) ?? found.set(item, [other]));
  for (let a = 0; a < classes.length; a++) {
    for (let b = a + 1; b < classes.length; b++) {
      for (const [i, j] of mutuallyNearest(looks[a], looks[b], length)) {
        add(members[a][i], members[b][j]);
        add(members[b][j], members[a][i]);
      }
    }
  }
  return found;
}

/** Unit vectors `[N, CELLS * CELLS * C]`: each picture made small, less the mean of all. */
async function directions(images: ImageSet, items: Int32Array): Promise<Float32Array> {
  const { height, width, channels } = images;
  const length = CELLS * CELLS * channels;
  const out = new Float32Array(items.length * length);
  for (let from = 0; from < items.length; from += 64) {
    const part = items.subarray(from, from + 64);
    const pixels = await images.read(part);
    for (let n = 0; n < part.length; n++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const cell = Math.floor((y * CELLS) / height) * CELLS + Math.floor((x * CELLS) / width);
          for (let c = 0; c < channels; c++) out[(from + n) * length + cell * channels + c] += pixels[((n * height + y) * width + x) * channels + c];
        }
      }
    }
  }
  for (let k = 0; k < length; k++) {
    let mean = 0;
    for (let n = 0; n < items.length; n++) mean += out[n * length + k] / items.length;
    for (let n = 0; n < items.length; n++) out[n * length + k] -= mean;
  }
  for (let n = 0; n < items.length; n++) {
    const row = out.subarray(n * length, (n + 1) * length);
    const size = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0)) || 1;
    for (let k = 0; k < length; k++) row[k] /= size;
  }
  return out;
}

/**
 * Rows of two sets of unit vectors of which each is the other's nearest, crowding allowed for.
 * @param a `[N, length]` @param b `[M, length]` @returns pairs of rows
 */
export function mutuallyNearest(a: Float32Array, b: Float32Array, length: number): [number, number][] {
  const n = a.length / length;
  const m = b.length / length;
  if (n === 0 || m === 0) return [];
  const alike = new Float32Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += a[i * length + k] * b[j * length + k];
      alike[i * m + j] = sum;
    }
  }
  const crowdOfRow = Float32Array.from({ length: n }, (_, i) => crowding(alike.subarray(i * m, (i + 1) * m)));
  const column = new Float32Array(n);
  const crowdOfColumn = Float32Array.from({ length: m }, (_, j) => {
    for (let i = 0; i < n; i++) column[i] = alike[i * m + j];
    return crowding(column);
  });
  const nearestOfRow = new Int32Array(n);
  const nearestOfColumn = new Int32Array(m);
  const bestOfColumn = new Float32Array(m).fill(-Infinity);
  for (let i = 0; i < n; i++) {
    let best = -Infinity;
    for (let j = 0; j < m; j++) {
      const near = 2 * alike[i * m + j] - crowdOfRow[i] - crowdOfColumn[j];
      if (near > best) [best, nearestOfRow[i]] = [near, j];
      if (near > bestOfColumn[j]) [bestOfColumn[j], nearestOfColumn[j]] = [near, i];
    }
  }
  const pairs: [number, number][] = [];
  nearestOfRow.forEach((j, i) => nearestOfColumn[j] === i && pairs.push([i, j]));
  return pairs;
}

/** Mean of the largest. */
function crowding(values: Float32Array): number {
  const largest = Float32Array.from(values).sort().subarray(-Math.min(CROWD, values.length));
  return largest.reduce((sum, v) => sum + v, 0) / largest.length;
}
