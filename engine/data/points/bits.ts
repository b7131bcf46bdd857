/** Sets of points as bits: point i is bit i % 8 (least first) of byte floor(i / 8). */
import { AtelierError } from '../../core/errors.ts';

export const emptyBits = (n: number): Uint8Array => new Uint8Array(Math.ceil(n / 8));
export const hasBit = (bits: Uint8Array, i: number): boolean => (bits[i >> 3] & (1 << (i & 7))) !== 0;
export const setBit = (bits: Uint8Array, i: number): void => void (bits[i >> 3] |= 1 << (i & 7));

export function bitsOf(points: ArrayLike<number>, n: number): Uint8Array {
  const bits = emptyBits(n);
  for (let i = 0; i < points.length; i++) setBit(bits, points[i]);
  return bits;
}

/** How many points are in the set. */
export function countBits(bits: Uint8Array, n: number): number {
  let count = 0;
  for (let i = 0; i < n; i++) if (hasBit(bits, i)) count++;
  return count;
}

/** Numbers of the points, ascending. */
export function pointsOf(bits: Uint8Array, n: number): Int32Array {
  const out = new Int32Array(countBits(bits, n));
  for (let i = 0, at = 0; i < n; i++) if (hasBit(bits, i)) out[at++] = i;
  return out;
}

/** A selection as bits, from bits or numbers. @throws AtelierError 'bad-input' when it is not one of n points */
export function asBits(points: Uint8Array | Int32Array, n: number): Uint8Array {
  if (points instanceof Uint8Array) {
    if (points.length !== Math.ceil(n / 8)) throw new AtelierError('bad-input', `The selection has ${points.length} bytes, but ${n} points have ${Math.ceil(n / 8)}.`, 'Select again: the table may have changed.');
    return points;
  }
  for (const i of points) if (!(i >= 0 && i < n)) throw new AtelierError('bad-input', `There are ${n} points; there is no point ${i}.`, 'Points count from 0.');
  return bitsOf(points, n);
}
