import * as tf from '@tensorflow/tfjs-core';
import { conv } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import { lambda, sequential, type Params } from '../nn/layer.ts';
import { relu, residualBlock } from '../nn/residual.ts';
import type { ImageSpec, Trainable } from '../nn/trainable.ts';

/** Tells the class of a picture. */
export interface Classifier extends Trainable {
  /** @param images `[B, H, W, C]` @returns `[B, S]` */
  logits(params: Params, images: tf.Tensor): tf.Tensor;
}

/**
 * A small convolutional network: an independent judge of pictures that a model made. It is no family; nothing is kept of it.
 * @param width channels after the first convolution
 */
export function classifier(input: ImageSpec, width = 24): Classifier {
  const { channels, classes } = input;
  const halvings = Math.max(1, Math.min(3, Math.floor(Math.log2(Math.min(input.height, input.width) / 4))));
  const widthAt = (i: number) => width * 2 ** Math.min(2, i);
  const net = sequential(
    ...Array.from({ length: halvings }, (_, i) => [conv(`down/${i}`, 2, i === 0 ? channels : widthAt(i - 1), widthAt(i), { kernel: 4, stride: 2, before: 'relu' as const }), relu]).flat(),
    residualBlock('residual', 2, widthAt(halvings - 1), widthAt(halvings - 1)),
    relu,
    lambda((x) => tf.mean(x, [1, 2])),
    dense('out', widthAt(halvings - 1), classes),
  );
  const logits = (params: Params, images: tf.Tensor) => net.apply(params, tf.sub(images, 0.5));
  const wrong = (params: Params, images: tf.Tensor, labels: tf.Tensor) => {
    const scores = logits(params, images);
    const truth = tf.oneHot(labels as tf.Tensor1D, classes, 1, 0, 'float32');
    return { nats: tf.neg(tf.sum(tf.mul(truth, tf.logSoftmax(scores)), 1)), right: tf.cast(tf.equal(tf.argMax(scores, 1), labels), 'float32') };
  };
  return {
    input,
    params: net.params,
    usesLabels: true,
    noise: () => ({}),
    hyper: {},
    logits,
    loss(params, batch) {
      const { nats, right } = wrong(params, batch.images, batch.labels!);
      return { loss: tf.mean(nats), metrics: { accuracy: tf.mean(right) } };
    },
    inspect(params, batch) {
      const { nats, right } = wrong(params, batch.images, batch.labels!);
      return { items: { crossEntropyNats: nats, accuracy: right } };
    },
  };
}
