/** What is said, without who says it: log-mel spectra to points that codes stand for. */
import * as tf from '@tensorflow/tfjs-core';
import { MEL_BINS, melCentresHz } from '../core/analysis.ts';
import { cosines, OUTLINE_COSINES, product, stretchMatrix } from '../core/envelope.ts';
import { conv } from '../nn/conv.ts';
import { instanceNorm } from '../nn/instance-norm.ts';
import { sequential, type Layer, type Params } from '../nn/layer.ts';
import { relu } from '../nn/residual.ts';

/** Frequency axes that training shows the same speech along; the middle one is the true one. */
export const AXES = 17;

/** What is said lies below this; above it, recordings of different bandwidth are not alike. */
const HEARD_TO_HZ = 7200;
/** Softer than this is taken for noise of the room, in log magnitude; training draws it anew for each item, `FLOOR_SPREAD` up and down. */
const HEARD_FROM = -9;
const FLOOR_SPREAD = 1;

/** Outline of the lower part of a spectrum read along each axis, `[AXES, bins, cosines]`. @param spread the widest are 2^spread and 2^-spread */
function axes(spread: number): Float32Array {
  const each = MEL_BINS * OUTLINE_COSINES;
  const out = new Float32Array(AXES * each);
  const basis = new Float32Array(each);
  basis.set(cosines(OUTLINE_COSINES, melCentresHz().filter((hz) => hz <= HEARD_TO_HZ).length));
  for (let i = 0; i < AXES; i++) {
    const factor = 2 ** (spread * ((2 * i) / (AXES - 1) - 1));
    out.set(product(stretchMatrix(factor), basis, MEL_BINS, MEL_BINS, OUTLINE_COSINES), i * each);
  }
  return out;
}

export interface VoiceEncoder {
  readonly params: Layer['params'];
  /**
   * @param mel log-mel, `[B, T, MEL_BINS]`, T even
   * @param draw `axis` `[B]` in [0, 1): which frequency axis each item is read along; `floor` `[B, 1, 1]` in [0, 1): what is taken for noise;
   *   unset: the true axis and the usual floor
   * @returns points, `[B, T / 2, codeSize]`
   */
  apply(params: Params, mel: tf.Tensor, draw?: { axis?: tf.Tensor; floor?: tf.Tensor }): tf.Tensor;
}

/**
 * Outlines of the spectra only, so that pitch does not pass, and only of what any microphone hears; each read along a stretched frequency axis in training, so that the length of
 * the vocal tract does not either (vocal tract length perturbation, Jaitly and Hinton 2013); instance normalisation throughout.
 */
export function voiceEncoder(options: { hidden: number; layers: number; codeSize: number; spread: number }): VoiceEncoder {
  const { hidden, layers, codeSize, spread } = options;
  const blocks = Array.from({ length: layers }, (_, i) => block(`encoder/block/${i}`, hidden));
  const net = sequential(
    conv('encoder/in', 1, OUTLINE_COSINES, hidden, { kernel: 5, before: 'relu' }),
    instanceNorm,
    relu,
    conv('encoder/down', 1, hidden, hidden, { kernel: 4, stride: 2, before: 'relu' }),
    instanceNorm,
    ...blocks,
    relu,
    conv('encoder/out', 1, hidden, codeSize, { kernel: 1 }),
    instanceNorm,
  );
  const bank = axes(spread);
  const each = MEL_BINS * OUTLINE_COSINES;
  return {
    params: net.params,
    apply(params, given, draw) {
      const mel = tf.maximum(given, draw?.floor ? tf.add(tf.mul(draw.floor, 2 * FLOOR_SPREAD), HEARD_FROM - FLOOR_SPREAD) : HEARD_FROM);
      let outline: tf.Tensor;
      if (draw?.axis && spread > 0) {
        const chosen = tf.cast(tf.minimum(tf.floor(tf.mul(draw.axis, AXES)), AXES - 1), 'int32');
        const matrices = tf.gather(tf.tensor3d(bank, [AXES, MEL_BINS, OUTLINE_COSINES]), chosen as tf.Tensor1D);
        outline = tf.matMul(mel as tf.Tensor3D, matrices as tf.Tensor3D);
      } else {
        const [b, t] = mel.shape;
        const middle = bank.slice(((AXES - 1) / 2) * each, ((AXES - 1) / 2 + 1) * each);
        outline = tf.reshape(tf.matMul(tf.reshape(mel, [-1, MEL_BINS]) as tf.Tensor2D, tf.tensor2d(middle, [MEL_BINS, OUTLINE_COSINES])), [b, t!, OUTLINE_COSINES]);
      }
      return net.apply(params, instanceNorm.apply(params, outline));
    },
  };
}

/** x + conv1(relu(norm(conv3(relu(x))))) */
function block(name: string, channels: number): Layer {
  const inner = sequential(relu, conv(`${name}/wide`, 1, channels, channels, { kernel: 3, before: 'relu' }), instanceNorm, relu, conv(`${name}/narrow`, 1, channels, channels, { kernel: 1 }));
  return { params: inner.params, apply: (params, x) => tf.add(x, inner.apply(params, x)) };
}
