import { AtelierError } from '../core/errors.ts';
import type { Rng } from '../core/rng.ts';
import type { LatentSpec } from '../models/define.ts';

type Codes = Extract<LatentSpec, { kind: 'codes' }>;
/** Above so many numbers (cells times codes) one distribution serves all cells. */
const LARGEST = 2 ** 21;

/** How often each code stands in each cell, or anywhere: `[cells or 1, K]`. */
export interface CodeFrequencies {
  rows: number;
  values: Float32Array;
}

/** @param codes `[N, h * w]` of training items */
export function countCodes(codes: Int32Array, latent: Codes): CodeFrequencies {
  const cells = latent.height * latent.width;
  // Cells of different alphabets cannot share a distribution.
  const rows = latent.alphabets || cells * latent.codes <= LARGEST ? cells : 1;
  const values = new Float32Array(rows * latent.codes);
  for (let i = 0; i < codes.length; i++) values[(rows === 1 ? 0 : i % cells) * latent.codes + codes[i]]++;
  return { rows, values };
}

/** Every code of a cell's alphabet alike: the prior of models whose KL is to the uniform distribution. */
export const uniformCodes = (latent: Codes): CodeFrequencies => sameInAllCells(latent, new Float32Array(latent.codes).fill(1));

/** The same frequencies in every cell, of the codes in its alphabet. @param frequencies `[K]` */
export function sameInAllCells(latent: Codes, frequencies: Float32Array): CodeFrequencies {
  const { width, codes, alphabets = 1 } = latent;
  const cells = latent.height * width;
  if (alphabets === 1) return { rows: 1, values: frequencies };
  const part = codes / alphabets;
  const belongs = (code: number, cell: number) => Math.floor(code / part) === (cell % width) % alphabets;
  return { rows: cells, values: Float32Array.from({ length: cells * codes }, (_, i) => (belongs(i % codes, Math.floor(i / codes)) ? frequencies[i % codes] : 0)) };
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
  for (let i = 0; i < out.length; i++) {
    const row = frequencies.rows === 1 ? 0 : i % cells;
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
