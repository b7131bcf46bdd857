import * as tf from '@tensorflow/tfjs-core';
import { conv } from './conv.ts';
import { lambda, sequential, type Layer } from './layer.ts';

export const relu = lambda((x) => tf.relu(x));

/** x + conv1(relu(conv3(relu(x)))), the block of VQ-VAE (van den Oord et al. 2017, section 4.1). */
export function residualBlock(name: string, rank: 1 | 2 | 3, channels: number, hidden: number): Layer {
  const inner = sequential(
    relu,
    conv(`${name}/wide`, rank, channels, hidden, { kernel: 3, before: 'relu' }),
    relu,
    conv(`${name}/narrow`, rank, hidden, channels, { kernel: 1 }),
  );
  return { params: inner.params, apply: (params, x) => tf.add(x, inner.apply(params, x)) };
}

/** `count` blocks and a final ReLU. */
export function residualStack(name: string, rank: 1 | 2 | 3, channels: number, hidden: number, count: number): Layer {
  return sequential(...Array.from({ length: count }, (_, i) => residualBlock(`${name}/${i}`, rank, channels, hidden)), relu);
}
