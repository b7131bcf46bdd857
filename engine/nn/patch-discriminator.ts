/** A critic that judges a picture patch by patch (Isola et al. 2017, section 3.2.2), with hinge losses (Lim and Ye 2017). */
import * as tf from '@tensorflow/tfjs-core';
import { conv } from './conv.ts';
import { stopGradient } from './gradients.ts';
import { lambda, sequential, type Layer, type Params, type ParamSpec } from './layer.ts';

export interface PatchDiscriminator {
  readonly params: readonly ParamSpec[];
  /**
   * @param images `[B, H, W, C]` in [0, 1]
   * @param classes weight of each class, `[B, S]`: a picture is judged as one of its class (Choi et al. 2020, section 3.1); unset for S = 1
   * @returns a score of each patch, above 0 for real, `[B, h, w]`
   */
  score(params: Params, images: tf.Tensor, classes?: tf.Tensor): tf.Tensor;
}

const leaky: Layer = lambda((x) => tf.maximum(x, tf.mul(0.2, x)));

/**
 * @param options.width channels of the first convolution; they double with each halving
 * @param options.halvings how often the picture is halved: 2 sees patches of 22 px, 3 of 46 px
 * @param options.classes S
 */
export function patchDiscriminator(name: string, options: { channels: number; width: number; halvings: number; classes?: number }): PatchDiscriminator {
  const { channels, width, halvings, classes = 1 } = options;
  const widthAt = (i: number) => width * 2 ** i;
  const down = Array.from({ length: halvings }, (_, i) => [conv(`${name}/down/${i}`, 2, i === 0 ? channels : widthAt(i - 1), widthAt(i), { kernel: 4, stride: 2, before: 'relu' as const }), leaky]).flat();
  const top = halvings === 0 ? channels : widthAt(halvings - 1);
  const net = sequential(...down, conv(`${name}/mix`, 2, top, top, { kernel: 3, before: 'relu' }), leaky, conv(`${name}/out`, 2, top, classes, { kernel: 3 }));
  return {
    params: net.params,
    score(params, images, of) {
      const all = net.apply(params, tf.sub(images, 0.5));
      return tf.sum(of ? tf.mul(all, tf.reshape(of, [-1, 1, 1, classes])) : all, 3);
    },
  };
}

/** mean max(0, 1 - D(real)) + mean max(0, 1 + D(fake)), a scalar. */
export const hingeLoss = (real: tf.Tensor, fake: tf.Tensor): tf.Tensor => tf.add(tf.mean(tf.relu(tf.sub(1, real))), tf.mean(tf.relu(tf.add(1, fake))));

/** All parameters, none of which a gradient reaches. */
export const frozen = (params: Params): Params => Object.fromEntries(Object.entries(params).map(([name, value]) => [name, stopGradient(value)]));

/**
 * The input itself; the gradient that comes back is given the length of `reference` times `weight`. With the gradient of the
 * reconstruction error for a reference this is the adaptive weight of VQGAN (Esser et al. 2021, eq. 7), taken at the picture instead of
 * at the last layer: the critic can pull no harder than the picture itself, however sure it is.
 * @param reference any shape @param weight a scalar
 */
export function balanceGradient(x: tf.Tensor, reference: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  const length = (t: tf.Tensor) => tf.sqrt(tf.sum(tf.square(t)));
  const op = tf.customGrad((...args: unknown[]) => {
    const [input, like, factor, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, (tensors: tf.Tensor[]) => void];
    save([like, factor]);
    return {
      value: tf.clone(input),
      gradFunc: (dy: tf.Tensor, [other, by]: tf.Tensor[]) => [
        tf.mul(dy, tf.mul(by, tf.div(length(other), tf.add(length(dy), 1e-12)))),
        tf.zerosLike(other),
        tf.zerosLike(by),
      ],
    };
  });
  return op(x, reference, weight);
}
