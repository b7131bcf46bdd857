/**
 * MobileNetV2 of ImageNet (Sandler et al. 2018) as a fixed feature extractor: for a perceptual loss, and for distances between sets of
 * pictures. Its weights ship in 8 bits as `assets/features/mobilenet-v2.safetensors` (from the npm package nsfwjs, whose authors left this
 * backbone as it was trained on ImageNet).
 */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { assetPath } from '../core/assets.ts';
import type { Shape } from '../core/axes.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import { decodeSafetensors } from '../core/safetensors.ts';
import type { Params } from './layer.ts';

/** How a run or a figure that rests on it names it. */
export const MOBILENET = 'MobileNetV2 (ImageNet, 8-bit weights of nsfwjs 4.3.0)';
/** Length of the pooled features. */
export const MOBILENET_SIZE = 1280;

/** Factor of expansion, output channels, repeats, stride of the first (table 2 of the paper). */
const STAGES = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]] as const;
const EPSILON = 1e-3;

interface Block {
  name: string;
  expand: boolean;
  stride: 1 | 2;
  /** Whether its input is added to its output. */
  skip: boolean;
  /** Channels of its output. */
  outputs: number;
}

const blocks: readonly Block[] = STAGES.flatMap(([factor, outputs, repeats, first], stage) =>
  Array.from({ length: repeats }, (_, i): Block => {
    const index = STAGES.slice(0, stage).reduce((n, s) => n + s[2], 0) + i;
    return { name: index === 0 ? 'expanded_conv' : `block_${index}`, expand: factor > 1, stride: i === 0 ? (first as 1 | 2) : 1, skip: i > 0, outputs };
  }),
);

/**
 * Places whose activations may be asked for: `stem` `[B, H/2, W/2, 32]`, the output of each block (`expanded_conv` 16 channels at H/2,
 * `block_1` 24 at H/4, `block_3` 32 at H/8, `block_6` 64 at H/16, `block_13` 160 at H/32 ...), `pooled` `[B, 1280]`.
 */
export type MobilenetTap = 'stem' | 'pooled' | (string & {});
/** Every place, from the picture on. */
export const MOBILENET_TAPS: readonly MobilenetTap[] = ['stem', ...blocks.map((b) => b.name), 'pooled'];

export type MobilenetWeights = Readonly<Record<string, { shape: Shape; values: Float32Array }>>;

let loaded: MobilenetWeights | undefined;

/**
 * Kernels and biases, with the normalisation of batches folded in; read once.
 * @throws AtelierError 'not-found' | 'bad-data' when the file that ships is missing or damaged
 */
export function mobilenetWeights(): MobilenetWeights {
  if (loaded) return loaded;
  const path = assetPath('features', 'mobilenet-v2.safetensors');
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw toAtelierError(error, `reading ${path}`);
  }
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  const scales = JSON.parse(metadata.quantisation ?? '{}') as Record<string, [number, number]>;
  const read = (name: string): { shape: Shape; values: Float32Array } => {
    const tensor = tensors[name];
    const scale = scales[name];
    if (!(tensor?.values instanceof Uint8Array) || !scale) throw new AtelierError('bad-data', `${path} has no weights "${name}".`, 'Install the application again.');
    return { shape: tensor.shape, values: Float32Array.from(tensor.values, (q) => scale[0] + scale[1] * q) };
  };
  const out: Record<string, { shape: Shape; values: Float32Array }> = {};
  const fold = (layer: string, norm: string, depthwise = false): void => {
    const kernel = read(`${layer}/${depthwise ? 'depthwise_kernel' : 'kernel'}`);
    const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((part) => read(`${norm}/${part}`).values);
    const gain = gamma.map((g, c) => g / Math.sqrt(Math.max(0, variance[c]) + EPSILON));
    const channels = gain.length; // of a depthwise kernel [3, 3, C, 1] too, the channel is what changes fastest
    out[`${layer}/kernel`] = { shape: kernel.shape, values: kernel.values.map((w, i) => w * gain[i % channels]) };
    out[`${layer}/bias`] = { shape: [channels], values: gain.map((g, c) => beta[c] - mean[c] * g) };
  };
  fold('Conv1', 'bn_Conv1');
  for (const { name, expand } of blocks) {
    if (expand) fold(`${name}_expand`, `${name}_expand_BN`);
    fold(`${name}_depthwise`, `${name}_depthwise_BN`, true);
    fold(`${name}_project`, `${name}_project_BN`);
  }
  fold('Conv_1', 'Conv_1_bn');
  return (loaded = out);
}

/**
 * Activations at the named places; nothing beyond the last of them is computed.
 * @param weights tensors of `mobilenetWeights`, by name
 * @param images `[B, H, W, 3]` in [0, 1] (one channel is repeated, a fourth dropped), H and W at least 32 for `pooled`
 */
export function mobilenet(weights: Params, images: tf.Tensor, taps: readonly MobilenetTap[]): Record<string, tf.Tensor> {
  const unknown = taps.find((tap) => !MOBILENET_TAPS.includes(tap));
  if (unknown !== undefined) throw new AtelierError('bad-input', `MobileNetV2 has no place "${unknown}".`, `Places: ${MOBILENET_TAPS.join(', ')}.`);
  const found: Record<string, tf.Tensor> = {};
  let left = new Set(taps).size;
  const seen = (tap: MobilenetTap, x: tf.Tensor): boolean => {
    if (taps.includes(tap)) {
      found[tap] = x;
      left--;
    }
    return left === 0;
  };
  const relu6 = (x: tf.Tensor) => tf.clipByValue(x, 0, 6);
  const bias = (x: tf.Tensor, layer: string) => tf.add(x, weights[`${layer}/bias`]);
  const conv = (x: tf.Tensor, layer: string, stride: 1 | 2 = 1) => bias(tf.conv2d(x as tf.Tensor4D, weights[`${layer}/kernel`] as tf.Tensor4D, stride, 'same'), layer);
  const depthwise = (x: tf.Tensor, layer: string, stride: 1 | 2) => bias(tf.depthwiseConv2d(x as tf.Tensor4D, weights[`${layer}/kernel`] as tf.Tensor4D, stride, 'same'), layer);

  let x = relu6(conv(tf.sub(tf.mul(colour(images), 2), 1), 'Conv1', 2));
  if (seen('stem', x)) return found;
  for (const { name, expand, stride, skip } of blocks) {
    let y = expand ? relu6(conv(x, `${name}_expand`)) : x;
    y = conv(relu6(depthwise(y, `${name}_depthwise`, stride)), `${name}_project`);
    x = skip ? tf.add(x, y) : y;
    if (seen(name, x)) return found;
  }
  seen('pooled', tf.mean(relu6(conv(x, 'Conv_1')), [1, 2]));
  return found;
}

function colour(images: tf.Tensor): tf.Tensor {
  const channels = images.shape[3];
  if (channels === 1) return tf.concat([images, images, images], 3);
  return channels === 3 ? images : tf.slice(images as tf.Tensor4D, [0, 0, 0, 0], [-1, -1, -1, 3]);
}
