/** Range coding (Martin 1979): symbols of known probability in as many bits as their information, to within a byte or two in all. */

/** Probabilities are whole numbers that add up to this. */
export const TOTAL = 2 ** 22;

const TOP = 2 ** 48;
const LEAST = 2 ** 40;

export interface RangeEncoder {
  /** A symbol with the share [start, start + size) of `TOTAL`. */
  encode(start: number, size: number): void;
  /** As few bytes as tell the symbols; a decoder reads noughts after them. */
  finish(): Uint8Array;
}

export function rangeEncoder(): RangeEncoder {
  const bytes: number[] = [];
  let low = 0;
  let range = TOP;
  /** The last byte is held back, with the 255s behind it, until no carry can reach it any more. */
  let held = -1;
  let waiting = 0;
  const shift = (): void => {
    if (low < 255 * LEAST || low >= TOP) {
      const carry = low >= TOP ? 1 : 0;
      if (held >= 0) bytes.push((held + carry) & 255);
      for (; waiting > 0; waiting--) bytes.push((255 + carry) & 255);
      held = Math.floor(low / LEAST) & 255;
    } else waiting++;
    low = (low % LEAST) * 256;
  };
  return {
    encode(start, size) {
      const unit = Math.floor(range / TOTAL);
      low += unit * start;
      range = unit * size;
      while (range < LEAST) {
        shift();
        range *= 256;
      }
    },
    finish() {
      // Of all numbers that mean the same, the one that ends in the most noughts.
      for (let step = TOP; step >= 1; step /= 2) {
        const value = Math.ceil(low / step) * step;
        if (value < low + range) {
          low = value;
          break;
        }
      }
      for (let i = 0; i < 7; i++) shift();
      let end = bytes.length;
      while (end > 0 && bytes[end - 1] === 0) end--;
      return Uint8Array.from(bytes.slice(0, end));
    },
  };
}

export interface RangeDecoder {
  /** Where in [0, `TOTAL`) the next symbol's share lies. */
  peek(): number;
  /** Takes the symbol whose share was found. */
  take(start: number, size: number): void;
}

export function rangeDecoder(bytes: Uint8Array): RangeDecoder {
  let at = 0;
  let range = TOP;
  let offset = 0;
  let unit = 1;
  const next = (): number => (at < bytes.length ? bytes[at++] : 0);
  for (let i = 0; i < 6; i++) offset = offset * 256 + next();
  return {
    peek() {
      unit = Math.floor(range / TOTAL);
      return Math.min(TOTAL - 1, Math.floor(offset / unit));
    },
    take(start, size) {
      offset -= unit * start;
      range = unit * size;
      while (range < LEAST) {
        offset = offset * 256 + next();
        range *= 256;
      }
    },
  };
}

/**
 * Shares of `TOTAL` for the symbols of a softmax, each at least 1: cumulated, `[K + 1]` from 0 to `TOTAL`. Follows from the log-odds alone.
 * @param logits log-odds of symbols `from` to `to` - 1, at those places
 */
export function sharesOf(logits: ArrayLike<number>, from: number, to: number, out: Float64Array): Float64Array {
  const k = to - from;
  let top = -Infinity;
  let best = 0;
  for (let i = 0; i < k; i++) {
    if (logits[from + i] > top) {
      top = logits[from + i];
      best = i;
    }
  }
  let sum = 0;
  for (let i = 0; i < k; i++) sum += out[i + 1] = Math.exp(logits[from + i] - top);
  const scale = (TOTAL - k) / sum;
  let given = 0;
  for (let i = 0; i < k; i++) given += out[i + 1] = 1 + Math.floor(out[i + 1] * scale);
  // What rounding left over goes to the likeliest.
  out[best + 1] += TOTAL - given;
  out[0] = 0;
  for (let i = 0; i < k; i++) out[i + 1] += out[i];
  return out;
}
