import { sharedFloats } from './neighbours.ts';

/**
 * UMAP's forces by squared distance, looked up instead of computed: a power per pair would be most of the work. A slot is the
 * exponent and the first seven bits of the fraction of a single-precision number, so values are within 0.4%.
 */
export interface ForceTable {
  attract: Float32Array;
  repel: Float32Array;
  /** Bits dropped from the number to get its slot. */
  shift: number;
  /** The number of the first slot, and the place of the last. */
  first: number;
  last: number;
}

const FRACTION_BITS = 7;
const SMALLEST = 2 ** -24;
const LARGEST = 2 ** 24;

/** @param a @param b of the curve `1 / (1 + a x^(2b))` @param strength of the push */
export function forceTable(a: number, b: number, strength = 1): ForceTable {
  const shift = 23 - FRACTION_BITS;
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  const slot = (v: number): number => {
    float[0] = v;
    return bits[0] >> shift;
  };
  const first = slot(SMALLEST), last = slot(LARGEST) - first;
  const attract = sharedFloats(last + 1), repel = sharedFloats(last + 1);
  for (let s = 0; s <= last; s++) {
    bits[0] = ((s + first) << shift) + (1 << (shift - 1));
    const square = float[0];
    const curve = 1 + a * square ** b;
    attract[s] = (-2 * a * b * square ** (b - 1)) / curve;
    repel[s] = (2 * strength * b) / ((0.001 + square) * curve);
  }
  return { attract, repel, shift, first, last };
}
