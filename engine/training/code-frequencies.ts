import { AtelierError } from '../core/errors.ts';
import type { Rng } from '../core/rng.ts';
import type { LatentSpec } from '../models/define.ts';
import { alphabetOf, gridsOf } from '../models/grids.ts';

type Codes = Extract<LatentSpec, { kind: 'codes' }>;
/** Above so many numbers (cells times codes) one distribution serves all cells. */
const LARGEST = 2 ** 21;

/** How often each code stands in each cell, or anywhere in a grid (of several) or in all: `[cells or grids or 1, K]`. */
export interface CodeFrequencies {
  rows: number;
  values: Float32Array;
}

/** @param codes `[N, h * w]` of training items */
export function countCodes(codes: Int32Array, latent: Codes): CodeFrequencies {
  const cells = latent.height * latent.width;
  // Cells of different alphabets cannot share a distribution.
  const rows = latent.alphabets || cells * latent.codes <= LARGEST ? cells : (latent.grids?.length ?? 1);
  const rowOf = rowsOfCells(latent, rows);
  const values = new Float32Array(rows * latent.codes);
  for (let i = 0; i < codes.length; i++) values[rowOf[i % cells] * latent.codes + codes[i]]++;
  return { rows, values };
}

/** Which distribution each cell is drawn from, `[cells]`. */
function rowsOfCells(latent: Codes, rows: number): Int32Array {
  const cells = latent.height * latent.width;
  const grids = gridsOf(latent);
  return Int32Array.from({ length: cells }, (_, cell) => (rows === cells ? cell : rows === 1 ? 0 : grids.findIndex(({ at, cells: n }) => cell < at + n)));
}

/** Every code of a cell's alphabet alike: the prior of models whose KL is to the uniform distribution. */
export const uniformCodes = (latent: Codes): CodeFrequencies => sameInAllCells(latent, new Float32Array(latent.codes).fill(1));

/** The same frequencies in every cell, of the codes in its alphabet. @param frequencies `[K]` */
export function sameInAllCells(latent: Codes, frequencies: Float32Array): CodeFrequencies {
  const { codes } = latent;
  const grids = gridsOf(latent);
  if (grids.every((grid) => grid.alphabets === 1) && grids.length === 1) return { rows: 1, values: frequencies };
  const rows = latent.grids ? grids.length : latent.height * latent.width;
  const values = new Float32Array(rows * codes);
  for (let row = 0; row < rows; row++) {
    const { first, codes: count } = alphabetOf(grids, latent.grids ? grids[row].at : row);
    values.set(frequencies.subarray(first, first + count), row * codes + first);
  }
  return { rows, values };
}

/**
 * Draws grids of codes, each cell on its own: what a model without a prior over codes can offer.
 * @param temperature frequencies are raised to 1 / temperature; 0 takes the most frequent
 * @returns `[count, h * w]`
 */
export function drawCodes(frequencies: CodeFrequencies, latent: Codes, count: number, rng: Rng, temperature: number): Int32Array {
  const k = latent.codes;
  const cells = latent.height * latent.width;
  if (frequencies.values.length !== frequencies.rows * k) {
    throw new AtelierError('bad-data', `Code frequencies have ${frequencies.values.length} values for ${frequencies.rows} rows of ${k} codes.`, 'Train a few steps more, which counts them anew.');
  }
  const cumulative = frequencies.values.map((v) => (v > 0 ? v : 0)) as Float32Array;
  for (let row = 0; row < frequencies.rows; row++) {
    const part = cumulative.subarray(row * k, row * k + k);
    const top = part.reduce((a, b) => Math.max(a, b), 0);
    let sum = 0;
    for (let c = 0; c < k; c++) {
      const share = top > 0 ? part[c] / top : 1;
      sum += temperature <= 0 ? (share === 1 ? 1 : 0) : share > 0 ? share ** (1 / temperature) : 0;
      part[c] = sum;
    }
  }
  const out = new Int32Array(count * cells);
  const rowOf = rowsOfCells(latent, frequencies.rows);
  for (let i = 0; i < out.length; i++) {
    const row = rowOf[i % cells];
    const part = cumulative.subarray(row * k, row * k + k);
    const target = rng.uniform() * part[k - 1];
    let low = 0;
    let high = k - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (part[middle] > target) high = middle;
      else low = middle + 1;
    }
    out[i] = low;
  }
  return out;
}
