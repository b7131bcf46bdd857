import { AtelierError } from '../core/errors.ts';

export interface DrawOptions {
  /** Log-odds are divided by it: below 1 is safer, above is wilder. */
  temperature: number;
  /** Only the so many most likely codes; unset: all. */
  topK?: number;
  /** Only the most likely codes that together have this probability (Holtzman et al. 2020); unset or 1: all. */
  topP?: number;
}

/** @throws AtelierError 'bad-input' for a temperature of 0 or less, topK below 1, topP outside (0, 1] */
export function checkDraw({ temperature, topK, topP }: DrawOptions): void {
  if (!(temperature > 0)) throw new AtelierError('bad-input', `A prior cannot draw at temperature ${temperature}.`, 'Give a temperature above 0; for the likeliest codes only, take --top-k 1.');
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) throw new AtelierError('bad-input', `${topK} is no number of codes to choose from.`, 'Give a whole number, 1 or more.');
  if (topP !== undefined && !(topP > 0 && topP <= 1)) throw new AtelierError('bad-input', `${topP} is no probability to keep.`, 'Give a number above 0, up to 1.');
}

/**
 * Draws one code by its inverse distribution function, in order of the codes.
 * @param logits log-odds of the codes `from` to `to` - 1, at those places
 * @param u uniform in [0, 1)
 */
export function drawCode(logits: ArrayLike<number>, from: number, to: number, u: number, options: DrawOptions): number {
  const { temperature, topK = to - from, topP = 1 } = options;
  let top = -Infinity;
  for (let k = from; k < to; k++) top = Math.max(top, logits[k]);
  const weight = new Float64Array(to - from);
  let total = 0;
  for (let k = from; k < to; k++) total += weight[k - from] = Math.exp((logits[k] - top) / temperature);
  if (topK < weight.length || topP < 1) {
    // Of equal weights the lower code comes first, so that a draw is the same everywhere.
    const order = Array.from(weight.keys()).sort((a, b) => weight[b] - weight[a] || a - b);
    let kept = 0;
    let count = 0;
    while (count < Math.min(topK, order.length) && (count === 0 || kept < topP * total)) kept += weight[order[count++]];
    for (const k of order.slice(count)) weight[k] = 0;
    total = kept;
  }
  let left = u * total;
  let last = 0;
  for (let k = 0; k < weight.length; k++) {
    if (weight[k] === 0) continue;
    last = k;
    left -= weight[k];
    if (left < 0) break;
  }
  return from + last;
}
