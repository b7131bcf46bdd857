import { MEL_BINS } from '../core/analysis.ts';

const SLICES = 17;
const BANDS = 17;
/** Of 256 bits; unrelated recordings differ in about half of them. */
const SAME_BITS = 45;

/**
 * A mark by which the same recording is known again in another format or level: the signs of differences of its energy between neighbouring
 * bands and slices of time (after Haitsma and Kalker 2002).
 * @param logMel `[T, MEL_BINS]`
 * @returns 256 bits
 */
export function signatureOf(logMel: Float32Array, frames: number): Uint32Array {
  const cells = new Float64Array(SLICES * BANDS);
  for (let s = 0; s < SLICES; s++) {
    const from = Math.floor((s * frames) / SLICES);
    const to = Math.max(from + 1, Math.floor(((s + 1) * frames) / SLICES));
    for (let b = 0; b < BANDS; b++) {
      let sum = 0;
      for (let t = from; t < Math.min(to, frames); t++) for (let m = b * 4; m < b * 4 + 4; m++) sum += logMel[t * MEL_BINS + m];
      cells[s * BANDS + b] = sum / (to - from);
    }
  }
  const bits = new Uint32Array(8);
  for (let i = 0; i < 256; i++) {
    const s = i >> 4, b = i & 15;
    const now = cells[(s + 1) * BANDS + b] - cells[(s + 1) * BANDS + b + 1];
    const before = cells[s * BANDS + b] - cells[s * BANDS + b + 1];
    if (now > before) bits[i >> 5] |= 1 << (i & 31);
  }
  return bits;
}

export function sameRecording(a: Uint32Array, b: Uint32Array): boolean {
  let apart = 0;
  for (let i = 0; i < a.length && apart <= SAME_BITS; i++) {
    let x = a[i] ^ b[i];
    for (; x !== 0; x &= x - 1) apart++;
  }
  return apart <= SAME_BITS;
}
