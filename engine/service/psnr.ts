/**
 * Peak signal-to-noise ratio of each of N pictures with values in [0, 1]: -10 log10(mean squared error), at most 100.
 * @returns [N], in dB
 */
export function psnr(a: Float32Array, b: Float32Array, count: number): number[] {
  const size = a.length / count;
  return Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let j = i * size; j < (i + 1) * size; j++) sum += (a[j] - b[j]) ** 2;
    return Math.min(100, -10 * Math.log10(sum / size));
  });
}
