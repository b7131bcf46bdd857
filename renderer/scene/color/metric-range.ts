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
  const finite = values.filter(Number.isFinite);
  const histogram = new Float32Array(bins);
  if (finite.length === 0) return { low: 0, high: 1, min: 0, max: 1, histogram };
  const sorted = sample(finite, 20_000).sort();
  let min = Infinity;
  let max = -Infinity;
  for (const value of finite) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const at = (q: number): number => sorted[Math.round(q * (sorted.length - 1))];
  let [low, high] = [at(0.02), at(0.98)];
  if (!(high > low)) [low, high] = [min, max > min ? max : min + (Math.abs(min) || 1)];
  for (const value of finite) histogram[Math.min(bins - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * bins)))] += 1;
  const fullest = Math.max(...histogram);
  return { low, high, min, max, histogram: histogram.map((count) => count / fullest) };
}

function sample(values: Float32Array, limit: number): Float32Array {
  if (values.length <= limit) return values.slice();
  const stride = values.length / limit;
  return Float32Array.from({ length: limit }, (_, i) => values[Math.floor(i * stride)]);
}

/** Three significant figures, without exponents where a person would write none. */
export function formatMetric(value: number): string {
  if (!Number.isFinite(value)) return 'unknown';
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e6)) return value.toExponential(1).replace('e+', 'e');
  return String(Number(value.toPrecision(3)));
}

const known: Record<string, string> = { Nats: 'nats', Db: 'dB', Sec: 's', Hz: 'Hz' };

/** `reconstructionError` -> "Reconstruction error", `klNats` -> "KL, nats": the unit in a metric's name goes behind a comma. */
export function metricTitle(name: string): string {
  const words = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').split(/[\s_]+/);
  const unit = words.length > 1 ? known[words[words.length - 1]] : undefined;
  if (unit) words.pop();
  const text = words
    .map((word) => (/^(kl|psnr|elbo|mse|ssim)$/i.test(word) ? word.toUpperCase() : word.toLowerCase()))
    .join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1) + (unit ? `, ${unit}` : '');
}
