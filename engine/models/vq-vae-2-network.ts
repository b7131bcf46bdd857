/** The parts of VQ-VAE-2 (Razavi, van den Oord and Vinyals 2019, section 3.1 and appendix A): features of a picture at each level, and what coarse codes tell finer ones. */
import * as tf from '@tensorflow/tfjs-core';
import { conv, convTranspose } from '../nn/conv.ts';
import { sequential, type Layer } from '../nn/layer.ts';
import { relu, residualStack } from '../nn/residual.ts';

export interface LevelWidths {
  hidden: number;
  residualLayers: number;
  residualHidden: number;
}

const blocks = (name: string, { hidden, residualHidden, residualLayers }: LevelWidths) => residualStack(name, 2, hidden, residualHidden, residualLayers);

/** Pixels to features at the finest level, each halving a convolution of 4 at stride 2. */
export function downFromPixels(name: string, widths: LevelWidths, channels: number, stride: number): Layer {
  const { hidden } = widths;
  const halvings = Math.log2(stride);
  const layers: Layer[] = [];
  for (let i = 0; i < halvings; i++) {
    const last = i === halvings - 1;
    layers.push(conv(`${name}/down/${i}`, 2, i === 0 ? channels : hidden / 2, last ? hidden : hidden / 2, { kernel: 4, stride: 2, before: 'relu' }), relu);
  }
  return sequential(...layers, conv(`${name}/mix`, 2, hidden, hidden, { kernel: 3, before: 'relu' }), blocks(`${name}/residual`, widths));
}

/** Features of one level to those of the next coarser one. */
export function downOneLevel(name: string, widths: LevelWidths): Layer {
  const { hidden } = widths;
  return sequential(
    conv(`${name}/down`, 2, hidden, hidden / 2, { kernel: 4, stride: 2, before: 'relu' }),
    relu,
    conv(`${name}/mix`, 2, hidden / 2, hidden, { kernel: 3, before: 'relu' }),
    blocks(`${name}/residual`, widths),
  );
}

/** Codes of one level, with what still coarser ones told, to what the next finer level is told: twice the side. */
export function upOneLevel(name: string, widths: LevelWidths, inputs: number): Layer {
  const { hidden } = widths;
  return sequential(
    conv(`${name}/mix`, 2, inputs, hidden, { kernel: 3, before: 'relu' }),
    blocks(`${name}/residual`, widths),
    convTranspose(`${name}/up`, 2, hidden, hidden / 2, { kernel: 4, stride: 2, before: 'relu' }),
    relu,
  );
}

/** Codes of the finest level, with what coarser ones told, to pixels. */
export function upToPixels(name: string, widths: LevelWidths, inputs: number, channels: number, stride: number): Layer {
  const { hidden } = widths;
  const halvings = Math.log2(stride);
  const layers: Layer[] = [];
  for (let i = halvings - 1; i >= 0; i--) {
    layers.push(convTranspose(`${name}/up/${i}`, 2, i === halvings - 1 ? hidden : hidden / 2, i === 0 ? channels : hidden / 2, { kernel: 4, stride: 2, before: i === 0 ? 'linear' : 'relu' }));
    if (i > 0) layers.push(relu);
  }
  return sequential(conv(`${name}/mix`, 2, inputs, hidden, { kernel: 3, before: 'relu' }), blocks(`${name}/residual`, widths), ...layers);
}

/** Along the channels. */
export const beside = (...parts: (tf.Tensor | undefined)[]): tf.Tensor => {
  const there = parts.filter((part) => part !== undefined);
  return there.length === 1 ? there[0] : tf.concat(there, 3);
};
