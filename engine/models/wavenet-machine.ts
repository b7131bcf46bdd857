/**
 * Draws sound from the weights of `wavenet.ts`, one sample after another. Each layer keeps what it made in the last `dilation` samples, so
 * that a sample costs one pass through every layer, whatever came before (Le Paine et al. 2016). In plain arithmetic: a graph's call costs
 * more than a sample.
 */
import { compandedOf, fromStep, STEPS } from '../core/mu-law.ts';
import { HOP_SAMPLES, MEL_BINS } from '../core/analysis.ts';
import type { Rng } from '../core/rng.ts';
import { dilationOf, type WavenetShape } from './wavenet.ts';

export interface WavenetMachine {
  /**
   * The next `HOP_SAMPLES` samples.
   * @param mel log-mel of the frame before, of the frame itself and of the one after it, `[3, MEL_BINS]`; `PADDING` beyond the ends
   * @param seen is told the scores of each sample's step, `[STEPS]`, and the step that was drawn
   */
  frame(mel: Float32Array, seen?: (scores: Float32Array, step: number) => void): Float32Array;
}

/** What a frame beyond the ends is to the network, as log-mel: its padding, nought, is a spectrum of -5. */
export const PADDING = -5;

/** @param weightOf weights by name, without the network's own */
export function wavenetMachine({ channels: c, skip, layers }: WavenetShape, weightOf: (name: string) => Float32Array, draw: Rng): WavenetMachine {
  const condition = { kernel: weightOf('condition/kernel'), bias: weightOf('condition/bias') };
  const entry = { kernel: weightOf('in/kernel'), bias: weightOf('in/bias') };
  const all = Array.from({ length: layers }, (_, i) => ({
    mix: weightOf(`${i}/mix/kernel`),
    mixBias: weightOf(`${i}/mix/bias`),
    told: weightOf(`${i}/told/kernel`),
    out: weightOf(`${i}/out/kernel`),
    outBias: weightOf(`${i}/out/bias`),
    dilation: dilationOf(i),
    kept: new Float32Array(dilationOf(i) * c),
    said: new Float32Array(2 * c),
  }));
  const head = [0, 1].map((i) => ({ kernel: weightOf(`head/${i}/kernel`), bias: weightOf(`head/${i}/bias`) }));
  const heard = new Float32Array(c);
  const x = new Float32Array(c);
  const mixed = new Float32Array(2 * c);
  const gated = new Float32Array(c);
  const made = new Float32Array(c + skip);
  const sum = new Float32Array(skip);
  const inner = new Float32Array(skip);
  const scores = new Float32Array(STEPS);
  let time = 0;
  let last = 0;
  let lastButOne = 0;

  const choose = (): number => {
    let top = -Infinity;
    for (const score of scores) top = Math.max(top, score);
    let total = 0;
    for (const score of scores) total += Math.exp(score - top);
    let left = draw.uniform() * total;
    for (let step = 0; step < STEPS; step++) {
      left -= Math.exp(scores[step] - top);
      if (left < 0) return step;
    }
    return STEPS - 1;
  };

  const sample = (seen?: (scores: Float32Array, step: number) => void): number => {
    for (let j = 0; j < c; j++) x[j] = entry.bias[j] + lastButOne * entry.kernel[j] + last * entry.kernel[c + j];
    sum.fill(0);
    for (const { mix, mixBias, out, outBias, dilation, kept, said } of all) {
      const at = (time % dilation) * c;
      for (let j = 0; j < 2 * c; j++) mixed[j] = mixBias[j] + said[j];
      addProduct(mixed, kept, at, mix, 0, c);
      addProduct(mixed, x, 0, mix, c, c);
      kept.set(x, at);
      for (let j = 0; j < c; j++) gated[j] = Math.tanh(mixed[j]) / (1 + Math.exp(-mixed[c + j]));
      made.set(outBias);
      addProduct(made, gated, 0, out, 0, c);
      for (let j = 0; j < c; j++) x[j] += made[j];
      for (let j = 0; j < skip; j++) sum[j] += made[c + j];
    }
    const scale = 1 / Math.sqrt(layers);
    for (let j = 0; j < skip; j++) sum[j] = Math.max(0, sum[j] * scale);
    inner.set(head[0].bias);
    addProduct(inner, sum, 0, head[0].kernel, 0, skip);
    for (let j = 0; j < skip; j++) inner[j] = Math.max(0, inner[j]);
    scores.set(head[1].bias);
    addProduct(scores, inner, 0, head[1].kernel, 0, skip);
    const step = choose();
    seen?.(scores, step);
    time++;
    lastButOne = last;
    last = compandedOf(step);
    return fromStep(step);
  };

  return {
    frame(mel, seen) {
      heard.set(condition.bias);
      const scaled = mel.map((v) => (v + 5) / 2.5);
      addProduct(heard, scaled, 0, condition.kernel, 0, 3 * MEL_BINS);
      for (let j = 0; j < c; j++) heard[j] = Math.tanh(heard[j]);
      for (const { said, told } of all) {
        said.fill(0);
        addProduct(said, heard, 0, told, 0, c);
      }
      return Float32Array.from({ length: HOP_SAMPLES }, () => sample(seen));
    },
  };
}

/** out += x[at ..] times rows `from` to `from + count` of a row-major matrix with as many columns as `out` is long. */
function addProduct(out: Float32Array, x: Float32Array, at: number, matrix: Float32Array, from: number, count: number): void {
  const columns = out.length;
  for (let i = 0; i < count; i++) {
    const value = x[at + i];
    if (value === 0) continue;
    const row = (from + i) * columns;
    for (let j = 0; j < columns; j++) out[j] += value * matrix[row + j];
  }
}
