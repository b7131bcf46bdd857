import * as tf from '@tensorflow/tfjs-core';
import { mobilenet, mobilenetWeights } from './mobilenet.ts';
import { stopGradient } from './gradients.ts';

/** Places whose features are compared: from edges to textures. */
const TAPS = ['stem', 'expanded_conv', 'block_2', 'block_5'];
/** Added to squared lengths: where nothing is seen, a little more or less of it says little. */
const SOFTENING = 0.1;
/** The layers up to the last of them. */
const NEEDED = /^(Conv1|expanded_conv_|block_[1-5]_)/;

/**
 * How unlike two batches of pictures are to MobileNetV2: at each place features are brought to unit length over channels, and squared
 * differences are averaged over space and places (Zhang et al. 2018, eq. 1, without learned weights). A scalar, 0 for the same.
 * @param drawn `[B, H, W, C]`, gradients pass @param target `[B, H, W, C]`, none pass
 * @param size pixels of a side to which both are brought
 */
export function featureDistance(drawn: tf.Tensor, target: tf.Tensor, size: number): tf.Tensor {
  const weights = Object.fromEntries(Object.entries(mobilenetWeights()).filter(([name]) => NEEDED.test(name)).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
  const see = (images: tf.Tensor) => {
    const [, height, width] = images.shape;
    // Corners aligned: of the two ways to resize, the one whose gradient the reference knows.
    const seen = height === size && width === size ? images : tf.image.resizeBilinear(images as tf.Tensor4D, [size, size], true);
    return mobilenet(weights, seen, TAPS);
  };
  const unit = (x: tf.Tensor) => tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), 3, true), SOFTENING)));
  const [a, b] = [see(drawn), see(stopGradient(target))];
  const apart = TAPS.map((tap) => tf.mean(tf.sum(tf.square(tf.sub(unit(a[tap]), unit(b[tap]))), 3)));
  return tf.div(tf.addN(apart), TAPS.length);
}
