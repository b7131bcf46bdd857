/**
 * FLAC files (RFC 9639) of one channel: frames of fixed predictors (section 9.2.5) whose residuals are coded after Rice (9.2.7). Files are a few
 * percent larger than those of predictors that are fitted.
 */
import { createHash } from 'node:crypto';

const BLOCK = 4096;
const MOST_ORDER = 4;
/** Rates by their code in a frame's header; the others follow it. */
const RATES = [0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
const IN_HERTZ = 13;
const IN_TENS = 14;

class Bits {
  bytes = new Uint8Array(1 << 16);
  length = 0;
  #held = 0;
  #count = 0;
  #byte(value: number): void {
    if (this.length === this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes[this.length++] = value;
  }
  /** The lowest `bits` (32 at most) of a value. */
  write(value: number, bits: number): void {
    for (let left = bits; left > 0; ) {
      const take = Math.min(8 - this.#count, left);
      this.#held = (this.#held << take) | ((value >>> (left - take)) & ((1 << take) - 1));
      this.#count += take;
      left -= take;
      if (this.#count === 8) {
        this.#byte(this.#held & 255);
        this.#held = 0;
        this.#count = 0;
      }
    }
  }
  rice(value: number, parameter: number): void {
    const folded = value >= 0 ? value * 2 : -value * 2 - 1;
    for (let zeros = Math.floor(folded / 2 ** parameter); zeros > 0; ) {
      const some = Math.min(zeros, 24);
      this.write(0, some);
      zeros -= some;
    }
    this.write(1, 1);
    if (parameter > 0) this.write(folded % 2 ** parameter, parameter);
  }
  align(): void {
    if (this.#count > 0) this.write(0, 8 - this.#count);
  }
}

function crc(bytes: Uint8Array, from: number, to: number, polynomial: number, bits: 8 | 16): number {
  const top = 1 << (bits - 1);
  const mask = 2 ** bits - 1;
  let value = 0;
  for (let i = from; i < to; i++) {
    value ^= bytes[i] << (bits - 8);
    for (let b = 0; b < 8; b++) value = (value & top ? (value << 1) ^ polynomial : value << 1) & mask;
  }
  return value;
}

/** Bits of a residual at its best Rice parameter. */
function priceOf(residual: Float64Array, from: number): { parameter: number; bits: number } {
  let sum = 0;
  const n = residual.length - from;
  for (let i = from; i < residual.length; i++) sum += residual[i] >= 0 ? residual[i] * 2 : -residual[i] * 2 - 1;
  let best = { parameter: 0, bits: Infinity };
  const guess = Math.max(0, Math.floor(Math.log2(Math.max(1, sum / Math.max(1, n)))));
  for (let parameter = Math.max(0, guess - 1); parameter <= Math.min(30, guess + 1); parameter++) {
    let bits = n * (parameter + 1);
    for (let i = from; i < residual.length; i++) bits += Math.floor((residual[i] >= 0 ? residual[i] * 2 : -residual[i] * 2 - 1) / 2 ** parameter);
    if (bits < best.bits) best = { parameter, bits };
  }
  return best;
}

/** Numbers of frames as UTF-8 codes characters. */
function coded(number: number): number[] {
  if (number < 0x80) return [number];
  let more = 1;
  while (number >= 2 ** (6 * more + 6 - more)) more++;
  const out = [((0xff << (7 - more)) & 0xff) | Math.floor(number / 2 ** (6 * more))];
  for (let i = more - 1; i >= 0; i--) out.push(0x80 | (Math.floor(number / 2 ** (6 * i)) & 63));
  return out;
}

/** @param samples in [-1, 1]; beyond that they are cut @param bits of a sample */
export function encodeFlac(samples: Float32Array, sampleRateHz: number, bits: 16 | 24 = 16): Uint8Array {
  const scale = 2 ** (bits - 1);
  const whole = Int32Array.from(samples, (x) => Math.max(-scale, Math.min(scale - 1, Math.round(x * scale))));
  const out = new Bits();
  const known = RATES.indexOf(sampleRateHz);
  // Frames that leave their rate to the head of the file cannot be read by decoders that are given frames.
  const rate = known > 0 ? known : sampleRateHz < 65_536 ? IN_HERTZ : sampleRateHz % 10 === 0 ? IN_TENS : 0;
  const blocks = Math.max(0, Math.ceil(whole.length / BLOCK));
  const sizes = { least: Infinity, most: 0 };
  for (let block = 0; block < blocks; block++) {
    const part = whole.subarray(block * BLOCK, Math.min(whole.length, (block + 1) * BLOCK));
    const begins = out.length;
    out.write(0xfff8, 16);
    out.write(0x7, 4); // the block's size follows in 16 bits
    out.write(rate, 4);
    out.write(0, 4); // one channel
    out.write(bits === 16 ? 4 : 6, 3);
    out.write(0, 1);
    for (const byte of coded(block)) out.write(byte, 8);
    out.write(part.length - 1, 16);
    if (rate === IN_HERTZ) out.write(sampleRateHz, 16);
    else if (rate === IN_TENS) out.write(sampleRateHz / 10, 16);
    out.write(crc(out.bytes, begins, out.length, 0x07, 8), 8);
    writeBlock(out, part, bits);
    out.align();
    out.write(crc(out.bytes, begins, out.length, 0x8005, 16), 16);
    sizes.least = Math.min(sizes.least, out.length - begins);
    sizes.most = Math.max(sizes.most, out.length - begins);
  }
  const head = new Bits();
  for (const letter of 'fLaC') head.write(letter.charCodeAt(0), 8);
  head.write(0x80, 8); // STREAMINFO, the last block
  head.write(34, 24);
  head.write(BLOCK, 16);
  head.write(BLOCK, 16);
  head.write(blocks ? sizes.least : 0, 24);
  head.write(sizes.most, 24);
  head.write(sampleRateHz, 20);
  head.write(0, 3);
  head.write(bits - 1, 5);
  head.write(Math.floor(whole.length / 2 ** 32), 4);
  head.write(whole.length >>> 0, 32);
  const raw = new Uint8Array((whole.length * bits) / 8);
  for (let i = 0; i < whole.length; i++) for (let b = 0; b < bits / 8; b++) raw[(i * bits) / 8 + b] = whole[i] >> (8 * b);
  for (const byte of createHash('md5').update(raw).digest()) head.write(byte, 8);
  const file = new Uint8Array(head.length + out.length);
  file.set(head.bytes.subarray(0, head.length));
  file.set(out.bytes.subarray(0, out.length), head.length);
  return file;
}

function writeBlock(out: Bits, part: Int32Array, bits: number): void {
  if (part.every((x) => x === part[0])) {
    out.write(0, 8); // constant
    out.write(part[0], bits);
    return;
  }
  let residual = Float64Array.from(part);
  let best = { order: 0, ...priceOf(residual, 0), residual };
  for (let order = 1; order <= Math.min(MOST_ORDER, part.length - 1); order++) {
    const next = new Float64Array(part.length);
    for (let i = order; i < part.length; i++) next[i] = residual[i] - residual[i - 1];
    residual = next;
    const price = priceOf(residual, order);
    if (price.bits + order * bits < best.bits + best.order * bits) best = { order, ...price, residual };
  }
  if (best.bits + best.order * bits >= part.length * bits) {
    out.write(2, 8); // verbatim
    for (const x of part) out.write(x, bits);
    return;
  }
  out.write((8 + best.order) << 1, 8);
  for (let i = 0; i < best.order; i++) out.write(part[i], bits);
  out.write(1, 2); // Rice parameters of 5 bits
  out.write(0, 4); // one partition
  out.write(best.parameter, 5);
  for (let i = best.order; i < part.length; i++) out.rice(best.residual[i], best.parameter);
}
