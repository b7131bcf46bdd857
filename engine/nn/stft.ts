/** Short-time Fourier transforms inside graphs: a framing and a transform in one convolution with the bases of the transform. */
import * as tf from '@tensorflow/tfjs-core';
import { hann } from '../core/analysis.ts';

export interface StftSize {
  /** Samples of a frame; a multiple of `hop`. */
  size: number;
  hop: number;
}

/** Cosine and sine bases under a Hann window, as a kernel `[size / unit, unit, 2 * bins]`: real parts, then imaginary parts. */
function analysisKernel(size: number, unit: number): tf.Tensor3D {
  const bins = size / 2 + 1;
  const window = hann(size);
  const kernel = new Float32Array(size * 2 * bins);
  for (let n = 0; n < size; n++) {
    for (let f = 0; f < bins; f++) {
      const angle = (2 * Math.PI * ((f * n) % size)) / size;
      kernel[n * 2 * bins + f] = window[n] * Math.cos(angle);
      kernel[n * 2 * bins + bins + f] = -window[n] * Math.sin(angle);
    }
  }
  return tf.tensor3d(kernel, [size / unit, unit, 2 * bins]);
}

/** The transform back, times the window, so that overlapped frames add up to 3/2 of the signal at hop = size / 4. `[2 * bins, size]` */
function synthesisMatrix(size: number): tf.Tensor2D {
  const bins = size / 2 + 1;
  const window = hann(size);
  const matrix = new Float32Array(2 * bins * size);
  for (let f = 0; f < bins; f++) {
    const weight = f === 0 || f === bins - 1 ? 1 : 2;
    for (let n = 0; n < size; n++) {
      const angle = (2 * Math.PI * ((f * n) % size)) / size;
      matrix[f * size + n] = (weight * window[n] * Math.cos(angle)) / size;
      matrix[(bins + f) * size + n] = (-weight * window[n] * Math.sin(angle)) / size;
    }
  }
  return tf.tensor2d(matrix, [2 * bins, size]);
}

/**
 * Spectra of every whole frame; frame t begins at sample t * hop.
 * @param x `[B, N]`, N a multiple of `unit`
 * @param unit divides size and hop; default: hop
 * @returns real and imaginary parts side by side, `[B, (N - size) / hop + 1, 2 * bins]`
 */
export function stft(x: tf.Tensor, { size, hop }: StftSize, unit = hop): tf.Tensor {
  const rows = tf.reshape(x, [x.shape[0], -1, unit]) as tf.Tensor3D;
  return tf.conv1d(rows, analysisKernel(size, unit), hop / unit, 'valid');
}

/** @param spectrum as of `stft` @returns magnitudes `[B, T, bins]`, with a floor of 1e-5 that keeps their gradient finite */
export function magnitudes(spectrum: tf.Tensor): tf.Tensor {
  const [batch, frames, both] = spectrum.shape as [number, number, number];
  const bins = both / 2;
  const re = tf.slice(spectrum, [0, 0, 0], [batch, frames, bins]);
  const im = tf.slice(spectrum, [0, 0, bins], [batch, frames, bins]);
  return tf.sqrt(tf.add(tf.add(tf.square(re), tf.square(im)), 1e-10));
}

/**
 * The signal whose overlapping frames have these spectra best (Griffin and Lim 1984, equation 6, for a Hann window at a hop of a quarter).
 * @param spectrum `[B, T, 2 * bins]`, real parts then imaginary ones
 * @returns `[B, (T + 3) * hop]`; its first and last three hops are not whole
 */
export function inverseStft(spectrum: tf.Tensor): tf.Tensor {
  const [batch, frames, both] = spectrum.shape as [number, number, number];
  const size = both - 2;
  const hop = size / 4;
  const flat = tf.matMul(tf.reshape(spectrum, [batch * frames, both]) as tf.Tensor2D, synthesisMatrix(size));
  const parts = tf.reshape(flat, [batch, frames, 4 * hop]);
  const shifted = [0, 1, 2, 3].map((i) => tf.pad(tf.slice(parts, [0, 0, i * hop], [batch, frames, hop]) as tf.Tensor3D, [[0, 0], [i, 3 - i], [0, 0]]));
  return tf.reshape(tf.mul(tf.addN(shifted), 2 / 3), [batch, -1]);
}
