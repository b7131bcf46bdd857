import * as tf from '@tensorflow/tfjs-core';
import { conv, convTranspose } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import { lambda, sequential, type Layer, type Params, type ParamSpec } from '../nn/layer.ts';
import { relu, residualStack } from '../nn/residual.ts';
import { withPlanes } from './condition.ts';
import type { ImageSpec } from './define.ts';
import type { VaeConfig } from './vae-schema.ts';

type NetworkConfig = Pick<VaeConfig, 'network' | 'width' | 'residualLayers' | 'hidden'>;

export interface VaeNetwork {
  encoder: {
    params: readonly ParamSpec[];
    /** F */
    size: number;
    /** x `[B, H, W, C]` -> what q(z|x) follows from, `[B, F]` */
    features(params: Params, x: tf.Tensor, condition?: tf.Tensor): tf.Tensor;
  };
  decoder: {
    params: readonly ParamSpec[];
    /** z `[B, D]` -> logits, or means less one half, `[B, H, W, C]` */
    apply(params: Params, z: tf.Tensor, condition?: tf.Tensor): tf.Tensor;
  };
}

/**
 * Encoder and decoder of a VAE; the encoder sees x - 0.5.
 * @param latent numbers that the decoder takes, D
 * @param extra E, the length of the vector `[B, E]` that conditions both; 0 is none
 */
export function vaeNetwork(config: NetworkConfig, input: ImageSpec, latent: number, extra = 0): VaeNetwork {
  const { join, trunk, features, decoder } = config.network === 'conv' ? convolutional(config, input, latent + extra, extra) : plain(config, input, latent + extra, extra);
  return {
    encoder: {
      params: trunk.params,
      size: features,
      features: (params, x, condition) => trunk.apply(params, join(tf.sub(x, 0.5), condition)),
    },
    decoder: {
      params: decoder.params,
      apply: (params, z, condition) => decoder.apply(params, condition ? tf.concat([z, condition], 1) : z),
    },
  };
}

interface Halves {
  /** The trunk's input: the picture, and what conditions it. */
  join(x: tf.Tensor, condition?: tf.Tensor): tf.Tensor;
  trunk: Layer;
  /** Outputs of the trunk, flat. */
  features: number;
  decoder: Layer;
}

/** Halves the picture until a side is 8 or less. */
function convolutional(config: NetworkConfig, { height, width, channels }: ImageSpec, latent: number, extra: number): Halves {
  const inputs = channels + extra;
  const sizes = [[height, width]];
  while (Math.max(...sizes[sizes.length - 1]) > 8) sizes.push(sizes[sizes.length - 1].map((n) => Math.ceil(n / 2)));
  const levels = sizes.length - 1;
  const widthAt = (level: number) => config.width * Math.min(8, 2 ** Math.max(0, level - 1));
  const top = widthAt(levels);
  const [h, w] = sizes[levels];
  const grid = h * w * top;
  const features = config.hidden || grid;

  const down: Layer[] = levels === 0 ? [conv('encoder/in', 2, inputs, top, { kernel: 3, before: 'relu' }), relu] : [];
  for (let i = 1; i <= levels; i++) {
    down.push(conv(`encoder/down/${i}`, 2, i === 1 ? inputs : widthAt(i - 1), widthAt(i), { kernel: 4, stride: 2, before: 'relu' }), relu);
  }
  const up: Layer[] = levels === 0 ? [conv('decoder/out', 2, top, channels, { kernel: 3 })] : [];
  for (let i = levels; i >= 1; i--) {
    const last = i === 1;
    up.push(convTranspose(`decoder/up/${i}`, 2, widthAt(i), last ? channels : widthAt(i - 1), { kernel: 4, stride: 2, size: sizes[i - 1], before: last ? 'linear' : 'relu' }));
    if (!last) up.push(relu);
  }
  const hidden = config.hidden;
  return {
    features,
    join: (x, condition) => (condition ? withPlanes(x, condition) : x),
    trunk: sequential(
      ...down,
      residualStack('encoder/residual', 2, top, Math.max(4, top / 2), config.residualLayers),
      lambda((x) => tf.reshape(x, [-1, grid])),
      ...(hidden ? [dense('encoder/hidden', grid, hidden, { before: 'relu' }), relu] : []),
    ),
    decoder: sequential(
      ...(hidden ? [dense('decoder/hidden', latent, hidden, { before: 'relu' }), relu] : []),
      dense('decoder/grid', hidden || latent, grid, { before: 'relu' }),
      lambda((x) => tf.reshape(x, [-1, h, w, top])),
      residualStack('decoder/residual', 2, top, Math.max(4, top / 2), config.residualLayers),
      ...up,
    ),
  };
}

function plain(config: NetworkConfig, { height, width, channels }: ImageSpec, latent: number, extra: number): Halves {
  const pixels = height * width * channels;
  const hidden = config.hidden || 256;
  return {
    features: hidden,
    join(x, condition) {
      const flat = tf.reshape(x, [-1, pixels]);
      return condition ? tf.concat([flat, condition], 1) : flat;
    },
    trunk: sequential(
      dense('encoder/0', pixels + extra, hidden, { before: 'relu' }),
      relu,
      dense('encoder/1', hidden, hidden, { before: 'relu' }),
      relu,
    ),
    decoder: sequential(
      dense('decoder/0', latent, hidden, { before: 'relu' }),
      relu,
      dense('decoder/1', hidden, hidden, { before: 'relu' }),
      relu,
      dense('decoder/out', hidden, pixels),
      lambda((x) => tf.reshape(x, [-1, height, width, channels])),
    ),
  };
}
