/**
 * Seeded random numbers. Counter-based in spirit: every consumer derives its own generator from names and numbers
 * (`rng(seed, 'noise', step)`), so nothing has to be saved to resume a run and the order of consumers does not matter.
 *
 * Generator: sfc32 (PractRand-clean, period about 2^127), seeded by hashing the key with MurmurHash3's mixer.
 */
export interface Rng {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Integer in [0, n). */
  int(n: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  fillNormal(out: Float32Array): Float32Array;
  fillUniform(out: Float32Array): Float32Array;
  /** Fisher-Yates in place. */
  shuffle<T extends { length: number; [i: number]: number }>(items: T): T;
}

export type RngKey = number | string;

function hashKey(parts: readonly RngKey[]): Uint32Array {
  let h1 = 0x9e3779b9, h2 = 0x243f6a88, h3 = 0xb7e15162, h4 = 0xdeadbeef;
  const mix = (v: number) => {
    h1 = Math.imul(h1 ^ v, 0x85ebca6b); h1 = (h1 << 13) | (h1 >>> 19);
    h2 = Math.imul(h2 ^ h1, 0xc2b2ae35); h2 = (h2 << 15) | (h2 >>> 17);
    h3 = Math.imul(h3 + h2, 0x27d4eb2f); h3 = (h3 << 16) | (h3 >>> 16);
    h4 = Math.imul(h4 ^ h3, 0x165667b1); h4 = (h4 << 11) | (h4 >>> 21);
  };
  for (const part of parts) {
    if (typeof part === 'number') {
      mix(0x11);
      mix(part | 0);
      mix(Math.floor(part / 4294967296) | 0);
    } else {
      mix(0x22);
      for (let i = 0; i < part.length; i++) mix(part.charCodeAt(i));
      mix(part.length);
    }
  }
  for (let i = 0; i < 4; i++) mix(i);
  return Uint32Array.of(h1, h2, h3, h4);
}

export function rng(...key: RngKey[]): Rng {
  const s = hashKey(key);
  let a = s[0] | 0, b = s[1] | 0, c = s[2] | 0, counter = s[3] | 0;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  const uniform = () => next() / 4294967296;
  let spare: number | undefined;
  const normal = () => {
    if (spare !== undefined) {
      const v = spare;
      spare = undefined;
      return v;
    }
    const r = Math.sqrt(-2 * Math.log((next() + 1) / 4294967297));
    const angle = 2 * Math.PI * uniform();
    spare = r * Math.sin(angle);
    return r * Math.cos(angle);
  };
  const int = (n: number) => Math.floor(uniform() * n);
  return {
    uniform,
    int,
    normal,
    fillNormal(out) {
      for (let i = 0; i < out.length; i++) out[i] = normal();
      return out;
    },
    fillUniform(out) {
      for (let i = 0; i < out.length; i++) out[i] = uniform();
      return out;
    },
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = int(i + 1);
        const t = items[i];
        items[i] = items[j];
        items[j] = t;
      }
      return items;
    },
  };
}
