/** Programme loudness by ITU-R BS.1770-4, for one channel. */

/** What recordings are brought to. */
export const TARGET_LUFS = -23;
/** Nothing is raised above this. */
export const PEAK_LIMIT = 10 ** (-1 / 20);

const BLOCK_SEC = 0.4;
const STEPS = 4;
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;

interface Biquad {
  b: [number, number, number];
  a: [number, number];
}

/** The two filters of annex 1 for any rate, from the analogue ones that its tables at 48 kHz come from. */
function weighting(sampleRateHz: number): Biquad[] {
  const shelf = ((): Biquad => {
    const k = Math.tan((Math.PI * 1681.974450955533) / sampleRateHz);
    const q = 0.7071752369554196;
    const high = 10 ** (3.999843853973347 / 20);
    const middle = high ** 0.4996667741545416;
    const norm = 1 + k / q + k * k;
    return {
      b: [(high + (middle * k) / q + k * k) / norm, (2 * (k * k - high)) / norm, (high - (middle * k) / q + k * k) / norm],
      a: [(2 * (k * k - 1)) / norm, (1 - k / q + k * k) / norm],
    };
  })();
  const k = Math.tan((Math.PI * 38.13547087602444) / sampleRateHz);
  const q = 0.5003270373238773;
  const norm = 1 + k / q + k * k;
  return [shelf, { b: [1, -2, 1], a: [(2 * (k * k - 1)) / norm, (1 - k / q + k * k) / norm] }];
}

const lufs = (power: number): number => -0.691 + 10 * Math.log10(power);

/**
 * Gated loudness of a whole signal; one shorter than a block is measured as it is, without gates.
 * @returns LUFS; -Infinity for silence
 */
export function loudnessOf(samples: Float32Array, sampleRateHz: number): number {
  const squares = new Float64Array(samples.length);
  const [first, second] = weighting(sampleRateHz);
  let x1 = 0, x2 = 0, y1 = 0, y2 = 0, z1 = 0, z2 = 0;
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i];
    const y = first.b[0] * x + first.b[1] * x1 + first.b[2] * x2 - first.a[0] * y1 - first.a[1] * y2;
    const z = y - 2 * y1 + y2 - second.a[0] * z1 - second.a[1] * z2;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    z2 = z1;
    z1 = z;
    squares[i] = z * z;
  }
  const block = Math.round(BLOCK_SEC * sampleRateHz);
  const step = Math.round(block / STEPS);
  const powers: number[] = [];
  if (samples.length < block) powers.push(mean(squares));
  else for (let from = 0; from + block <= samples.length; from += step) powers.push(mean(squares.subarray(from, from + block)));
  const heard = powers.filter((p) => lufs(p) > ABSOLUTE_GATE);
  if (heard.length === 0) return -Infinity;
  const gate = lufs(mean(heard)) + RELATIVE_GATE;
  return lufs(mean(heard.filter((p) => lufs(p) > gate)));
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return values.length ? sum / values.length : 0;
}

/**
 * Factor that brings a signal to a loudness without its peak going beyond `PEAK_LIMIT`.
 * @returns 1 for silence
 */
export function gainTo(samples: Float32Array, sampleRateHz: number, target = TARGET_LUFS): number {
  const loudness = loudnessOf(samples, sampleRateHz);
  if (!Number.isFinite(loudness)) return 1;
  let peak = 0;
  for (let i = 0; i < samples.length; i++) peak = Math.max(peak, Math.abs(samples[i]));
  return Math.min(10 ** ((target - loudness) / 20), PEAK_LIMIT / peak);
}
