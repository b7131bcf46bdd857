import * as tf from '@tensorflow/tfjs-core';
import { glorotUniform, heNormal, param, zeros, type Initializer, type Layer } from './layer.ts';

export interface ConvOptions {
  /** Side of the kernel on every spatial axis. */
  kernel: number;
  stride?: number;
  padding?: 'same' | 'valid';
  bias?: boolean;
  init?: Initializer;
  before?: 'relu' | 'linear';
}

const repeat = (value: number, times: number) => Array.from({ length: times }, () => value);

function weights(name: string, rank: number, inputs: number, outputs: number, options: ConvOptions, transposed: boolean) {
  const { kernel, stride = 1, before = 'linear' } = options;
  const taps = kernel ** rank;
  // A transposed convolution spreads each input over `taps` outputs; each output sums over taps / stride^rank inputs.
  const fanIn = transposed ? Math.max(1, (inputs * taps) / stride ** rank) : inputs * taps;
  const init = options.init ?? (before === 'relu' ? heNormal(fanIn) : glorotUniform(fanIn, transposed ? outputs * taps : (outputs * taps) / stride ** rank));
  const shape = [...repeat(kernel, rank), ...(transposed ? [outputs, inputs] : [inputs, outputs])];
  return [
    param(`${name}/kernel`, shape, init, { decay: true }),
    ...((options.bias ?? true) ? [param(`${name}/bias`, [outputs], zeros)] : []),
  ];
}

/**
 * Convolution over 1 (`[B, T, C]`), 2 (`[B, H, W, C]`) or 3 (`[B, T, H, W, C]`) axes.
 * Kernel `[k..., inputs, outputs]`; with padding 'same' an axis of n becomes ceil(n / stride).
 */
export function conv(name: string, rank: 1 | 2 | 3, inputs: number, outputs: number, options: ConvOptions): Layer {
  const { stride = 1, padding = 'same', bias = true } = options;
  return {
    params: weights(name, rank, inputs, outputs, options, false),
    apply(params, x) {
      const kernel = params[`${name}/kernel`];
      let y: tf.Tensor;
      if (rank === 1) y = tf.conv1d(x as tf.Tensor3D, kernel as tf.Tensor3D, stride, padding);
      else if (rank === 2) y = tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, padding);
      else y = tf.conv3d(x as tf.Tensor5D, kernel as tf.Tensor5D, stride, padding);
      return bias ? tf.add(y, params[`${name}/bias`]) : y;
    },
  };
}

/**
 * Transposed convolution with padding 'same'; kernel `[k..., outputs, inputs]`.
 * @param size extent of the output's spatial axes; unset: input * stride. For an odd n that a convolution made ceil(n / stride), give n.
 */
export function convTranspose(name: string, rank: 1 | 2 | 3, inputs: number, outputs: number, options: ConvOptions & { size?: readonly number[] }): Layer {
  const { stride = 1, bias = true, size } = options;
  return {
    params: weights(name, rank, inputs, outputs, options, true),
    apply(params, x) {
      const kernel = params[`${name}/kernel`];
      const batch = x.shape[0];
      const spatial = size ?? x.shape.slice(1, -1).map((n) => n * stride);
      let y: tf.Tensor;
      if (rank === 1) {
        // As a picture of height 1; the kernel's height is 1 too.
        const picture = tf.expandDims(x, 1) as tf.Tensor4D;
        const filter = tf.expandDims(kernel, 0) as tf.Tensor4D;
        y = tf.squeeze(tf.conv2dTranspose(picture, filter, [batch, 1, spatial[0], outputs], [1, stride], 'same'), [1]);
      } else if (rank === 2) {
        y = tf.conv2dTranspose(x as tf.Tensor4D, kernel as tf.Tensor4D, [batch, spatial[0], spatial[1], outputs], stride, 'same');
      } else {
        y = convTranspose3d(x as tf.Tensor5D, kernel as tf.Tensor5D, [batch, spatial[0], spatial[1], spatial[2], outputs], stride);
      }
      return bias ? tf.add(y, params[`${name}/bias`]) : y;
    },
  };
}

/** tfjs has the operation but not its gradient: that of an adjoint is the convolution itself. */
function convTranspose3d(x: tf.Tensor5D, kernel: tf.Tensor5D, shape: [number, number, number, number, number], stride: number): tf.Tensor {
  const op = tf.customGrad((...args: unknown[]) => {
    const [input, filter, save] = args as [tf.Tensor5D, tf.Tensor5D, (tensors: tf.Tensor[]) => void];
    save([input, filter]);
    return {
      value: tf.conv3dTranspose(input, filter, shape, stride, 'same'),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [
        tf.conv3d(dy as tf.Tensor5D, saved[1] as tf.Tensor5D, stride, 'same'),
        tf.engine().runKernel(
          'Conv3DBackpropFilterV2',
          { x: dy, dy: saved[0] } as unknown as tf.NamedTensorMap,
          { strides: [stride, stride, stride], pad: 'same', filterShape: saved[1].shape } as unknown as tf.NamedAttrMap,
        ) as tf.Tensor,
      ],
    };
  });
  return op(x, kernel);
}
