/** Half-precision numbers (IEEE 754 binary16), which Node 20 has no array of. */
let table: Float32Array | null = null;

function values(): Float32Array {
  if (table) return table;
  table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >> 10) & 31, fraction = bits & 1023;
    const size = exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? (fraction ? NaN : Infinity) : (1 + fraction / 1024) * 2 ** (exponent - 15);
    table[bits] = bits & 0x8000 ? -size : size;
  }
  return table;
}

/** Reads `out.length` numbers from `from` on. */
export function fromHalf(halves: Uint16Array, from: number, out: Float32Array): Float32Array {
  const known = values();
  for (let i = 0; i < out.length; i++) out[i] = known[halves[from + i]];
  return out;
}

const single = new Float32Array(1);
const bitsOf = new Uint32Array(single.buffer);

/** To the nearest half, ties to even; beyond 65504 infinite. */
export function toHalf(numbers: ArrayLike<number>): Uint16Array {
  const out = new Uint16Array(numbers.length);
  for (let i = 0; i < out.length; i++) {
    single[0] = numbers[i];
    const bits = bitsOf[0];
    const sign = (bits >>> 16) & 0x8000;
    const size = bits & 0x7fffffff;
    if (size > 0x7f800000) out[i] = sign | 0x7e00;
    else if (size >= 0x477ff000) out[i] = sign | 0x7c00;
    else if (size < 0x38800000) out[i] = sign | roundEven(Math.abs(single[0]) * 2 ** 24);
    else out[i] = sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13);
  }
  return out;
}

function roundEven(x: number): number {
  const low = Math.floor(x), rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}
