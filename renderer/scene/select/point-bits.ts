/**
 * Sets of points as bits: point i is bit i % 8 (least first) of byte floor(i / 8). The bits beyond the last point are 0. A million
 * points take 125 kB, so that a history of selections costs little.
 */
export type PointBits = Uint8Array;

export const emptyBits = (count: number): PointBits => new Uint8Array(Math.ceil(count / 8));

export const hasPoint = (bits: PointBits, point: number): boolean => ((bits[point >> 3] >> (point & 7)) & 1) === 1;

export function bitsOf(points: ArrayLike<number>, count: number): PointBits {
  const bits = emptyBits(count);
  for (let i = 0; i < points.length; i++) {
    const point = points[i];
    if (point >= 0 && point < count) bits[point >> 3] |= 1 << (point & 7);
  }
  return bits;
}

/** The points of a set, ascending. */
export function pointsOf(bits: PointBits): Uint32Array {
  const out = new Uint32Array(countBits(bits));
  let n = 0;
  for (let byte = 0; byte < bits.length; byte++) {
    for (let rest = bits[byte], bit = 0; rest !== 0; rest >>= 1, bit++) if (rest & 1) out[n++] = byte * 8 + bit;
  }
  return out;
}

const ones = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

export function countBits(bits: PointBits): number {
  let sum = 0;
  for (const byte of bits) sum += ones[byte];
  return sum;
}

/** What a new set does to the one there is. */
export type SetMode = 'replace' | 'add' | 'subtract' | 'intersect';

/** @throws Error when the sets are of different maps */
export function combined(mode: SetMode, before: PointBits, next: PointBits): PointBits {
  if (before.length !== next.length) throw new Error(`Sets of ${before.length} and ${next.length} bytes are of different maps.`);
  if (mode === 'replace') return next.slice();
  const join = { add: (a: number, b: number) => a | b, subtract: (a: number, b: number) => a & ~b, intersect: (a: number, b: number) => a & b }[mode];
  return before.map((byte, i) => join(byte, next[i]));
}

/** All points that are not in the set. @param count points in all */
export function inverted(bits: PointBits, count: number): PointBits {
  const out = bits.map((byte) => ~byte);
  if (count % 8 > 0) out[out.length - 1] &= (1 << count % 8) - 1;
  return out;
}
