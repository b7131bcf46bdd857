import * as tf from '@tensorflow/tfjs-core';
import { conv, convTranspose } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import { lambda, sequential, type Layer, type Params, type ParamSpec } from '../nn/layer.ts';
import { relu, residualStack } from '../nn/residual.ts';
import type { ImageSpec } from './define.ts';
import type { VaeConfig } from './vae.ts';

export interface VaeNetwork {
  encoder: { params: readonly ParamSpec[]; posterior(params: Params, x: tf.Tensor): { mean: tf.Tensor; logVar: tf.Tensor } };
  /** z `[B, D]` -> logits, or means less one half, `[B, H, W, C]` */
  decoder: Layer;
}

/** Encoder and decoder of a VAE; the encoder sees x - 0.5. */
export function vaeNetwork(config: VaeConfig, input: ImageSpec): VaeNetwork {
  const { trunk, features, decoder } = config.network === 'conv' ? convolutional(config, input) : plain(config, input);
  const mean = dense('encoder/mean', features, config.latentSize);
  const logVar = dense('encoder/log-var', features, config.latentSize);
  return {
    encoder: {
      params: [...trunk.params, ...mean.params, ...logVar.params],
      posterior(params, x) {
        const h = trunk.apply(params, tf.sub(x, 0.5));
        return { mean: mean.apply(params, h), logVar: logVar.apply(params, h) };
      },
    },
    decoder,
  };
}

interface Halves {
  trunk: Layer;
  /** Outputs of the trunk, flat. */
  features: number;
  decoder: Layer;
}

/** Halves the picture until a side is 8 or less. */
function convolutional(config: VaeConfig, { height, width, channels }: ImageSpec): Halves {
  const sizes = [[height, width]];
  while (Math.max(...sizes[sizes.length - 1]) > 8) sizes.push(sizes[sizes.length - 1].map((n) => Math.ceil(n / 2)));
  const levels = sizes.length - 1;
  const widthAt = (level: number) => config.width * Math.min(8, 2 ** Math.max(0, level - 1));
  const top = widthAt(levels);
  const [h, w] = sizes[levels];
  const grid = h * w * top;
  const features = config.hidden || grid;

  const down: Layer[] = levels === 0 ? [conv('encoder/in', 2, channels, top, { kernel: 3, before: 'relu' }), relu] : [];
  for (let i = 1; i <= levels; i++) {
    down.push(conv(`encoder/down/${i}`, 2, i === 1 ? channels : widthAt(i - 1), widthAt(i), { kernel: 4, stride: 2, before: 'relu' }), relu);
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
    trunk: sequential(
      ...down,
      residualStack('encoder/residual', 2, top, Math.max(4, top / 2), config.residualLayers),
      lambda((x) => tf.reshape(x, [-1, grid])),
      ...(hidden ? [dense('encoder/hidden', grid, hidden, { before: 'relu' }), relu] : []),
    ),
    decoder: sequential(
      ...(hidden ? [dense('decoder/hidden', config.latentSize, hidden, { before: 'relu' }), relu] : []),
      dense('decoder/grid', hidden || config.latentSize, grid, { before: 'relu' }),
      lambda((x) => tf.reshape(x, [-1, h, w, top])),
      residualStack('decoder/residual', 2, top, Math.max(4, top / 2), config.residualLayers),
      ...up,
    ),
  };
}

function plain(config: VaeConfig, { height, width, channels }: ImageSpec): Halves {
  const pixels = height * width * channels;
  const hidden = config.hidden || 256;
  return {
    features: hidden,
    trunk: sequential(
      lambda((x) => tf.reshape(x, [-1, pixels])),
      dense('encoder/0', pixels, hidden, { before: 'relu' }),
      relu,
      dense('encoder/1', hidden, hidden, { before: 'relu' }),
      relu,
    ),
    decoder: sequential(
      dense('decoder/0', config.latentSize, hidden, { before: 'relu' }),
      relu,
      dense('decoder/1', hidden, hidden, { before: 'relu' }),
      relu,
      dense('decoder/out', hidden, pixels),
      lambda((x) => tf.reshape(x, [-1, height, width, channels])),
    ),
  };
}
