/** Windows of sound that vocoders learn from, with their spectra made in the graph. */
import * as tf from '@tensorflow/tfjs-core';
import { FRAME_SAMPLES, HOP_SAMPLES, melFilters, MEL_BINS, MEL_FLOOR, SPECTRUM_BINS } from '../core/analysis.ts';
import { AtelierError } from '../core/errors.ts';
import { magnitudes, stft } from '../nn/stft.ts';
import type { ImageSpec } from '../nn/trainable.ts';

/** Frames at both ends of a window that only serve as surroundings. */
export const VOCODER_MARGIN = 7;
/** The first sample that is compared stands so many after frame 0 of the spectra begins. */
export const COMPARED_FROM = 1.5 * HOP_SAMPLES;

/** Frames of a window that are compared. @throws AtelierError 'bad-input' for windows of another form */
export function comparedFrames({ height, width }: ImageSpec): number {
  const compared = height - VOCODER_MARGIN;
  if (width !== HOP_SAMPLES || compared < 8 || compared % 8 !== 0) {
    throw new AtelierError('bad-input', `Vocoder: windows of ${height} x ${width} samples; ${VOCODER_MARGIN} frames more than a multiple of 8, of ${HOP_SAMPLES} samples each, are needed.`, 'Prepare the recordings again.');
  }
  return compared;
}

/**
 * The window's spectra where they are whole, frames 2 to F - 3, and the samples that those frames make together.
 * @param images `[B, F, HOP_SAMPLES, 1]`
 */
export function soundWindow(images: tf.Tensor, compared: number): { mel: tf.Tensor; target: tf.Tensor } {
  const batch = images.shape[0];
  const samples = tf.reshape(images, [batch, -1]);
  const half = HOP_SAMPLES / 2;
  const heard = tf.slice(samples, [0, half], [batch, samples.shape[1]! - half]);
  return { mel: logMelOf(heard, half), target: tf.slice(samples, [0, 7 * half], [batch, compared * HOP_SAMPLES]) };
}

const FRAMING = { size: FRAME_SAMPLES, hop: HOP_SAMPLES };

/** Log-mel spectra of whole frames. @param x `[B, N]` @returns `[B, T, MEL_BINS]` */
export function logMelOf(x: tf.Tensor, unit: number = HOP_SAMPLES): tf.Tensor {
  const filters = tf.tensor2d(melFilters(), [SPECTRUM_BINS, MEL_BINS]);
  const spectra = magnitudes(stft(x, FRAMING, unit));
  const [batch, frames] = spectra.shape as [number, number, number];
  const mel = tf.matMul(tf.reshape(spectra, [batch * frames, SPECTRUM_BINS]) as tf.Tensor2D, filters);
  return tf.reshape(tf.log(tf.maximum(mel, MEL_FLOOR)), [batch, frames, MEL_BINS]);
}
