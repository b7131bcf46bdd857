/** A vocoder that draws every sample from those before it: see `wavenet.ts`. */
import * as tf from '@tensorflow/tfjs-core';
import { STEPS } from '../core/mu-law.ts';
import { HOP_SAMPLES } from '../core/analysis.ts';
import type { Params } from '../nn/layer.ts';
import type { ImageSpec } from '../nn/trainable.ts';
import type { Vocoder, VocoderConfig } from './vocoder.ts';
import { COMPARED_FROM, comparedFrames, soundWindow } from './vocoder-windows.ts';
import { wavenet } from './wavenet.ts';
import { wavenetMachine } from './wavenet-machine.ts';

const NAME = 'speak';

/** @param input height is the frames of a window, width `HOP_SAMPLES` */
export function waveformVocoder(config: VocoderConfig, input: ImageSpec): Vocoder {
  const shape = { channels: config.width, skip: config.inner, layers: config.blocks };
  const net = wavenet(NAME, shape);
  const compared = comparedFrames(input);
  const surprise = (params: Params, images: tf.Tensor): tf.Tensor => {
    const { mel, target } = soundWindow(images, compared);
    const steps = stepsOf(target);
    const scores = net.scores(params, tf.sub(tf.mul(tf.cast(steps, 'float32'), 2 / (STEPS - 1)), 1), mel, COMPARED_FROM);
    const own = tf.oneHot(tf.reshape(steps, [-1]) as tf.Tensor1D, STEPS, 1, 0, 'float32');
    const all = tf.reshape(tf.logSoftmax(scores), [-1, STEPS]);
    // Mean over the samples of each item, in nats.
    return tf.mean(tf.reshape(tf.neg(tf.sum(tf.mul(own, all), 1)), [images.shape[0], compared * HOP_SAMPLES]), 1);
  };
  return {
    input,
    config,
    params: net.params,
    speaking: net.params.map(({ name }) => name),
    // The machine is told of the frame before and the one after.
    reach: 1,
    voice: { kind: 'waveform', machine: (weightOf, draw) => wavenetMachine(shape, (name) => weightOf(`${NAME}/${name}`), draw) },
    noise: () => ({}),
    hyper: {},
    loss(params, { images }) {
      const loss = tf.mean(surprise(params, images));
      return { loss, metrics: { sampleNats: loss } };
    },
    inspect: (params, { images }) => ({ items: { sampleNats: surprise(params, images) } }),
  };
}

/** Steps of samples in [-1, 1], int32: see `engi../core/mu-law.ts`. */
function stepsOf(samples: tf.Tensor): tf.Tensor {
  const x = tf.clipByValue(samples, -1, 1);
  const size = tf.div(tf.log(tf.add(tf.mul(tf.abs(x), STEPS - 1), 1)), Math.log(STEPS));
  const companded = tf.mul(size, tf.sub(tf.mul(tf.cast(tf.greaterEqual(x, 0), 'float32'), 2), 1));
  return tf.cast(tf.floor(tf.add(tf.mul(tf.add(companded, 1), (STEPS - 1) / 2), 0.5)), 'int32');
}
