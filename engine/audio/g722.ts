/**
 * ITU-T G.722 at 64 kbit/s, the wideband codec of telephony: two ADPCM bands of 8 kHz each behind a quadrature mirror filter. Written from
 * the recommendation (11/1988 with its tables); names follow its blocks.
 */

/** Quadrature mirror filter, table 11. */
const QMF = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];
/** Log scale factor multipliers of the lower and the higher band, table 14. */
const WL = [-60, -30, 58, 172, 334, 538, 1198, 3042];
const RL42 = [0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0];
const WH = [0, -214, 798];
const RH2 = [2, 1, 2, 1];
const ILB = [2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008];
/** Inverse quantisers of 2, 4 and 6 bits. */
const QM2 = [-7408, -1616, 7408, 1616];
const QM4 = [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
const QM6 = [
  -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
  -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728,
  24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
  4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];

const saturate = (x: number): number => (x > 32767 ? 32767 : x < -32768 ? -32768 : x);

interface Band {
  s: number;
  sp: number;
  sz: number;
  r: Int32Array;
  a: Int32Array;
  ap: Int32Array;
  p: Int32Array;
  d: Int32Array;
  b: Int32Array;
  bp: Int32Array;
  nb: number;
  det: number;
}

const band = (det: number): Band => ({ s: 0, sp: 0, sz: 0, r: new Int32Array(3), a: new Int32Array(3), ap: new Int32Array(3), p: new Int32Array(3), d: new Int32Array(7), b: new Int32Array(7), bp: new Int32Array(7), nb: 0, det });

/** Block 4: adapts the predictor to the quantised difference and predicts the next sample. */
function adapt(of: Band, difference: number): void {
  const { a, ap, b, bp, d, p, r } = of;
  d[0] = difference;
  r[0] = saturate(of.s + difference);
  p[0] = saturate(of.sz + difference);
  const sign = (x: number): number => (x < 0 ? 1 : 0);

  // UPPOL2
  const wide = saturate(a[1] * 4);
  let step = sign(p[0]) === sign(p[1]) ? -wide : wide;
  if (step > 32767) step = 32767;
  let next = (sign(p[0]) === sign(p[2]) ? 128 : -128) + (step >> 7) + ((a[2] * 32512) >> 15);
  next = Math.max(-12288, Math.min(12288, next));
  ap[2] = next;
  // UPPOL1
  const limit = saturate(15360 - ap[2]);
  const first = saturate((sign(p[0]) === sign(p[1]) ? 192 : -192) + ((a[1] * 32640) >> 15));
  ap[1] = Math.max(-limit, Math.min(limit, first));
  // UPZERO
  const gain = difference === 0 ? 0 : 128;
  for (let i = 1; i < 7; i++) bp[i] = saturate((sign(d[i]) === sign(difference) ? gain : -gain) + ((b[i] * 32640) >> 15));
  // DELAYA
  for (let i = 6; i > 0; i--) {
    d[i] = d[i - 1];
    b[i] = bp[i];
  }
  for (let i = 2; i > 0; i--) {
    r[i] = r[i - 1];
    p[i] = p[i - 1];
    a[i] = ap[i];
  }
  // FILTEP, FILTEZ, PREDIC
  of.sp = saturate(((a[1] * saturate(r[1] + r[1])) >> 15) + ((a[2] * saturate(r[2] + r[2])) >> 15));
  let zeros = 0;
  for (let i = 6; i > 0; i--) zeros += (b[i] * saturate(d[i] + d[i])) >> 15;
  of.sz = saturate(zeros);
  of.s = saturate(of.sp + of.sz);
}

/** LOGSCL or LOGSCH, then SCALEL or SCALEH. */
function rescale(of: Band, weight: number, most: number, base: number): void {
  of.nb = Math.max(0, Math.min(most, ((of.nb * 127) >> 7) + weight));
  const mantissa = ILB[(of.nb >> 6) & 31];
  const shift = base - (of.nb >> 11);
  of.det = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
}

/**
 * A decoder whose state goes on from piece to piece.
 * @returns takes bytes of two samples each, gives samples in [-1, 1] at 16 kHz
 */
export function createG722(): (bytes: Uint8Array) => Float32Array {
  const low = band(32);
  const high = band(8);
  const history = new Int32Array(24);
  return (bytes) => {
    const out = new Float32Array(bytes.length * 2);
    for (let j = 0; j < bytes.length; j++) {
      const code = bytes[j];
      const fine = code & 63;
      const coarse = fine >> 2;
      const upper = code >> 6;
      const lower = Math.max(-16384, Math.min(16383, low.s + ((low.det * QM6[fine]) >> 15)));
      const lowDifference = (low.det * QM4[coarse]) >> 15;
      rescale(low, WL[RL42[coarse]], 18432, 8);
      adapt(low, lowDifference);
      const highDifference = (high.det * QM2[upper]) >> 15;
      const higher = Math.max(-16384, Math.min(16383, highDifference + high.s));
      rescale(high, WH[RH2[upper]], 22528, 10);
      adapt(high, highDifference);

      history.copyWithin(0, 2);
      history[22] = lower + higher;
      history[23] = lower - higher;
      let even = 0, odd = 0;
      for (let i = 0; i < 12; i++) {
        odd += history[2 * i] * QMF[i];
        even += history[2 * i + 1] * QMF[11 - i];
      }
      out[2 * j] = saturate(even >> 11) / 32768;
      out[2 * j + 1] = saturate(odd >> 11) / 32768;
    }
    return out;
  };
}
