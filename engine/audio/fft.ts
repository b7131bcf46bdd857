/**
 * Fast Fourier transforms of a fixed power of two. Radix 2 with tables; one plan a size, reused for every frame.
 */
export interface Fft {
  readonly size: number;
  /** X[k] = sum x[n] exp(-2 pi i k n / size), in place; both `[size]`. */
  forward(re: Float64Array, im: Float64Array): void;
  /** Inverse without the division by size, in place. */
  inverse(re: Float64Array, im: Float64Array): void;
}

/** @param size a power of two */
export function createFft(size: number): Fft {
  const bits = Math.log2(size);
  if (!Number.isInteger(bits) || size < 2) throw new RangeError(`createFft: ${size} is not a power of two.`);
  const swap: number[] = [];
  for (let i = 0; i < size; i++) {
    let j = 0;
    for (let b = 0; b < bits; b++) j |= ((i >> b) & 1) << (bits - 1 - b);
    if (j > i) swap.push(i, j);
  }
  const pairs = Int32Array.from(swap);
  // Twiddles of each stage in a row: 1, 2, 4 ... size / 2 of them.
  const cos = new Float64Array(size);
  const sin = new Float64Array(size);
  for (let half = 1; half < size; half *= 2) {
    for (let k = 0; k < half; k++) {
      cos[half + k] = Math.cos((Math.PI * k) / half);
      sin[half + k] = -Math.sin((Math.PI * k) / half);
    }
  }

  const forward = (re: Float64Array, im: Float64Array): void => {
    for (let p = 0; p < pairs.length; p += 2) {
      const i = pairs[p], j = pairs[p + 1];
      const r = re[i], m = im[i];
      re[i] = re[j];
      im[i] = im[j];
      re[j] = r;
      im[j] = m;
    }
    for (let i = 0; i < size; i += 2) {
      const r = re[i + 1], m = im[i + 1];
      re[i + 1] = re[i] - r;
      im[i + 1] = im[i] - m;
      re[i] += r;
      im[i] += m;
    }
    for (let half = 2; half < size; half *= 2) {
      const step = half * 2;
      for (let from = 0; from < size; from += step) {
        for (let k = 0, a = from, b = from + half; k < half; k++, a++, b++) {
          const c = cos[half + k], s = sin[half + k];
          const r = re[b] * c - im[b] * s;
          const m = re[b] * s + im[b] * c;
          re[b] = re[a] - r;
          im[b] = im[a] - m;
          re[a] += r;
          im[a] += m;
        }
      }
    }
  };
  return { size, forward, inverse: (re, im) => forward(im, re) };
}

/** Transforms of real signals, at half the cost. */
export interface RealFft {
  readonly size: number;
  /** Spectrum of `x` `[size]` into `re`, `im` `[size / 2 + 1]`. */
  forward(x: ArrayLike<number>, re: Float64Array, im: Float64Array): void;
  /** The real signal of a spectrum, divided by size, into `x` `[size]`. */
  inverse(re: ArrayLike<number>, im: ArrayLike<number>, x: Float64Array | Float32Array): void;
}

/** Two samples as one complex number through a transform of half the size, then taken apart. */
export function createRealFft(size: number): RealFft {
  const half = size / 2;
  const fft = createFft(half);
  const a = new Float64Array(half);
  const b = new Float64Array(half);
  const cos = Float64Array.from({ length: half + 1 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sin = Float64Array.from({ length: half + 1 }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  return {
    size,
    forward(x, re, im) {
      for (let i = 0; i < half; i++) {
        a[i] = x[2 * i];
        b[i] = x[2 * i + 1];
      }
      fft.forward(a, b);
      for (let k = 0; k <= half; k++) {
        const i = k === half ? 0 : k, j = k === 0 ? 0 : half - k;
        const evenRe = (a[i] + a[j]) / 2, evenIm = (b[i] - b[j]) / 2;
        const oddRe = (b[i] + b[j]) / 2, oddIm = (a[j] - a[i]) / 2;
        re[k] = evenRe + oddRe * cos[k] + oddIm * sin[k];
        im[k] = evenIm + oddIm * cos[k] - oddRe * sin[k];
      }
    },
    inverse(re, im, x) {
      for (let k = 0; k < half; k++) {
        const j = half - k;
        const evenRe = (re[k] + re[j]) / 2, evenIm = (im[k] - im[j]) / 2;
        const differenceRe = (re[k] - re[j]) / 2, differenceIm = (im[k] + im[j]) / 2;
        const oddRe = differenceRe * cos[k] - differenceIm * sin[k];
        const oddIm = differenceRe * sin[k] + differenceIm * cos[k];
        a[k] = evenRe - oddIm;
        b[k] = evenIm + oddRe;
      }
      fft.inverse(a, b);
      for (let i = 0; i < half; i++) {
        x[2 * i] = a[i] / half;
        x[2 * i + 1] = b[i] / half;
      }
    },
  };
}
