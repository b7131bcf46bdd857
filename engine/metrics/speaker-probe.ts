import { rng } from '../core/rng.ts';

export interface ProbeItem {
  /** `[n, columns]`, one row a moment. */
  rows: Float32Array;
  label: number;
}

const HIDDEN = 64;
const EPOCHS = 6;
const BATCH = 64;
const RATE = 3e-3;
/** Rows of each label that are learned from, and judged. */
const MOST_ROWS = 1500;

/**
 * How well a small classifier (one hidden layer, Adam) tells the speaker from a single moment: what a representation gives away. Columns are
 * standardised by those of training; every speaker counts the same.
 * @returns accuracy on `test`, 0 to 1; chance is 1 / labels
 */
export function speakerProbe(train: readonly ProbeItem[], test: readonly ProbeItem[], columns: number, labels: number, seed: number): number {
  const draw = rng(seed, 'probe');
  const gather = (items: readonly ProbeItem[]) => {
    const rows: { from: Float32Array; at: number; label: number }[] = [];
    for (let label = 0; label < labels; label++) {
      const own = items.filter((item) => item.label === label).flatMap(({ rows }) => Array.from({ length: rows.length / columns }, (_, i) => ({ from: rows, at: i * columns, label })));
      const order = draw.shuffle(Int32Array.from({ length: own.length }, (_, i) => i));
      for (const i of order.subarray(0, MOST_ROWS)) rows.push(own[i]);
    }
    return rows;
  };
  const learned = gather(train);
  const judged = gather(test);
  const mean = new Float64Array(columns);
  const deviation = new Float64Array(columns);
  for (const { from, at } of learned) for (let c = 0; c < columns; c++) mean[c] += from[at + c] / learned.length;
  for (const { from, at } of learned) for (let c = 0; c < columns; c++) deviation[c] += (from[at + c] - mean[c]) ** 2 / learned.length;
  for (let c = 0; c < columns; c++) deviation[c] = Math.sqrt(deviation[c]) + 1e-6;

  const sizes = [columns * HIDDEN, HIDDEN, HIDDEN * labels, labels];
  const offsets = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const total = sizes.reduce((a, b) => a + b, 0);
  const weights = new Float64Array(total);
  for (let i = 0; i < sizes[0]; i++) weights[i] = draw.normal() * Math.sqrt(2 / columns);
  for (let i = 0; i < sizes[2]; i++) weights[offsets[2] + i] = draw.normal() * Math.sqrt(1 / HIDDEN);
  const m = new Float64Array(total);
  const v = new Float64Array(total);
  const x = new Float64Array(columns);
  const h = new Float64Array(HIDDEN);
  const p = new Float64Array(labels);

  const forward = ({ from, at }: { from: Float32Array; at: number }) => {
    for (let c = 0; c < columns; c++) x[c] = (from[at + c] - mean[c]) / deviation[c];
    for (let j = 0; j < HIDDEN; j++) h[j] = weights[offsets[1] + j];
    for (let c = 0; c < columns; c++) for (let j = 0; j < HIDDEN; j++) h[j] += x[c] * weights[c * HIDDEN + j];
    for (let j = 0; j < HIDDEN; j++) h[j] = Math.max(0, h[j]);
    let top = -Infinity;
    for (let l = 0; l < labels; l++) {
      p[l] = weights[offsets[3] + l];
      for (let j = 0; j < HIDDEN; j++) p[l] += h[j] * weights[offsets[2] + j * labels + l];
      top = Math.max(top, p[l]);
    }
    let sum = 0;
    for (let l = 0; l < labels; l++) sum += p[l] = Math.exp(p[l] - top);
    for (let l = 0; l < labels; l++) p[l] /= sum;
  };

  let step = 0;
  const gradient = new Float64Array(total);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = draw.shuffle(Int32Array.from({ length: learned.length }, (_, i) => i));
    for (let from = 0; from < order.length; from += BATCH) {
      gradient.fill(0);
      const part = order.subarray(from, from + BATCH);
      for (const i of part) {
        const row = learned[i];
        forward(row);
        for (let l = 0; l < labels; l++) p[l] = (p[l] - (l === row.label ? 1 : 0)) / part.length;
        for (let l = 0; l < labels; l++) gradient[offsets[3] + l] += p[l];
        for (let j = 0; j < HIDDEN; j++) {
          if (h[j] === 0) continue;
          let back = 0;
          for (let l = 0; l < labels; l++) {
            gradient[offsets[2] + j * labels + l] += h[j] * p[l];
            back += p[l] * weights[offsets[2] + j * labels + l];
          }
          gradient[offsets[1] + j] += back;
          for (let c = 0; c < columns; c++) gradient[c * HIDDEN + j] += x[c] * back;
        }
      }
      step++;
      const rate = (RATE * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
      for (let i = 0; i < total; i++) {
        m[i] = 0.9 * m[i] + 0.1 * gradient[i];
        v[i] = 0.999 * v[i] + 0.001 * gradient[i] ** 2;
        weights[i] -= (rate * m[i]) / (Math.sqrt(v[i]) + 1e-8);
      }
    }
  }
  let hits = 0;
  for (const row of judged) {
    forward(row);
    if (p.indexOf(Math.max(...p)) === row.label) hits++;
  }
  return judged.length === 0 ? NaN : hits / judged.length;
}
