/** What a colour bar needs to know of a metric: its range without outliers, and how its values are spread. */
export interface MetricRange {
  /** Ends of the ramp: the 2nd and 98th percentile of the finite values. */
  low: number;
  high: number;
  min: number;
  max: number;
  /** Share of the items in each of equal bins between low and high, the fullest being 1. */
  histogram: Float32Array;
}

/**
 * @param values [N]; not-a-number and infinite values are left out
 * @param bins number of bars of the histogram
 */
export function metricRange(values: Float32Array, bins = 32): MetricRange {
  const finite = finiteOf(values);
  const histogram = new Float32Array(bins);
  if (finite.length === 0) return { low: 0, high: 1, min: 0, max: 1, histogram };
  const sorted = sample(finite, 20_000).sort();
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < finite.length; i++) {
    const value = finite[i];
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))];
  let [low, high] = [at(0.02), at(0.98)];
  if (!(high > low)) [low, high] = [min, max > min ? max : min + (Math.abs(min) || 1)];
  for (let i = 0; i < finite.length; i++) histogram[Math.min(bins - 1, Math.max(0, Math.floor(((finite[i] - low) / (high - low)) * bins)))] += 1;
  const fullest = Math.max(...histogram);
  return { low, high, min, max, histogram: histogram.map((count) => count / fullest) };
}

/** A loop of its own: a callback for each of a million values takes ten times as long. */
function finiteOf(values: Float32Array): Float32Array {
  const out = new Float32Array(values.length);
  let n = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) out[n++] = values[i];
  return out.subarray(0, n);
}

function sample(values: Float32Array, limit: number): Float32Array {
  if (values.length <= limit) return values.slice();
  const stride = values.length / limit;
  return Float32Array.from({ length: limit }, (_, i) => values[Math.floor(i * stride)]);
}
