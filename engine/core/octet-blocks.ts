/** Numbers as one octet each, with a scale of half precision for every block of them: about 45 dB of what they say, in a quarter of the room. */
import { fromHalf, toHalf } from './half.ts';

export const BLOCK = 64;
const LARGEST = 127;

export interface OctetBlocks {
  /** 128 is nought, `[n]`. */
  octets: Uint8Array;
  /** Halves, `[ceil(n / BLOCK)]`. */
  scales: Uint16Array;
}

export function toOctets(values: Float32Array): OctetBlocks {
  const octets = new Uint8Array(values.length);
  const scales = toHalf(Float32Array.from({ length: Math.ceil(values.length / BLOCK) }, (_, block) => {
    let most = 0;
    for (let i = block * BLOCK; i < Math.min(values.length, (block + 1) * BLOCK); i++) most = Math.max(most, Math.abs(values[i]));
    return most / LARGEST;
  }));
  // Rounded as they will be read.
  const known = fromHalf(scales, 0, new Float32Array(scales.length));
  for (let i = 0; i < values.length; i++) {
    const scale = known[Math.floor(i / BLOCK)];
    octets[i] = 128 + (scale > 0 ? Math.max(-LARGEST, Math.min(LARGEST, Math.round(values[i] / scale))) : 0);
  }
  return { octets, scales };
}

export function fromOctets({ octets, scales }: OctetBlocks): Float32Array {
  const known = fromHalf(scales, 0, new Float32Array(scales.length));
  return Float32Array.from(octets, (octet, i) => (octet - 128) * known[Math.floor(i / BLOCK)]);
}
