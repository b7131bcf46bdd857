/** The layers of the gated PixelCNN (van den Oord et al. 2016, section 2.2 to 2.4) over a grid, whole or a cell at a time. */
import * as tf from '@tensorflow/tfjs-core';
import { embedding } from '../nn/embedding.ts';
import { glorotUniform, param, zeros, type Params, type ParamSpec } from '../nn/layer.ts';

/** A convolution whose padding the caller lays. */
interface Kernel {
  readonly params: readonly ParamSpec[];
  /** x `[B, H, W, in]`, already padded */
  over(params: Params, x: tf.Tensor): tf.Tensor;
  /** One place: x `[B, taps, in]` -> `[B, out]`; only for kernels of one row. */
  at(params: Params, x: tf.Tensor): tf.Tensor;
}

function kernel(name: string, rows: number, columns: number, from: number, to: number): Kernel {
  const [w, b] = [`${name}/kernel`, `${name}/bias`];
  const taps = rows * columns * from;
  return {
    params: [param(w, [rows, columns, from, to], glorotUniform(taps, rows * columns * to), { decay: true }), param(b, [to], zeros)],
    over: (params, x) => tf.add(tf.conv2d(x as tf.Tensor4D, params[w] as tf.Tensor4D, 1, 'valid'), params[b]),
    at: (params, x) => tf.add(tf.matMul(tf.reshape(x, [-1, taps]), tf.reshape(params[w], [taps, to]) as tf.Tensor2D), params[b]),
  };
}

/** Rows above and cells to the left that the first layer sees. */
export const REACH = 3;

/** tanh(a) * sigmoid(b) of the two halves of the last axis (eq. 2). */
function gate(x: tf.Tensor): tf.Tensor {
  const [a, b] = tf.split(x, 2, x.rank - 1);
  return tf.mul(tf.tanh(a), tf.sigmoid(b));
}

const pad = (x: tf.Tensor, top: number, left: number, right: number) => tf.pad(x, [[0, 0], [top, 0], [left, right], [0, 0]]);

/**
 * A vertical stack, which sees the rows above, and a horizontal one, which sees the cells to the left and the vertical stack at
 * its place, so that together they see all that came before and there is no blind spot.
 */
export interface GatedLayer {
  readonly params: readonly ParamSpec[];
  /**
   * Over a whole grid.
   * @param v `[B, h, w, C]` of the layer before; for the first layer the cells themselves
   * @param h likewise of the horizontal stack
   * @param condition `[B, h, w, E]`, for layers that are told of something at each place
   */
  whole(params: Params, v: tf.Tensor, h: tf.Tensor, labels?: tf.Tensor, condition?: tf.Tensor): { v: tf.Tensor; h: tf.Tensor };
  /**
   * The vertical stack of one row.
   * @param rows those that the layer sees, the newest last: `[B, REACH, w, C]` for the first layer, else `[B, 2, w, C]`
   * @param condition `[B, 1, w, E]`
   * @returns `v` `[B, 1, w, C]`, and `down` `[B, w, 2C]`, what the horizontal stack adds at each place
   */
  row(params: Params, rows: tf.Tensor, labels?: tf.Tensor, condition?: tf.Tensor): { v: tf.Tensor; down: tf.Tensor };
  /**
   * The horizontal stack at one place.
   * @param cells those that the layer sees, the newest last: `[B, REACH, C]` for the first layer, else `[B, 2, C]`
   * @param down `[B, 2C]`
   * @returns `[B, C]`
   */
  cell(params: Params, cells: tf.Tensor, down: tf.Tensor, labels?: tf.Tensor): tf.Tensor;
}

/** @param classes 0: labels are not looked at @param conditionSize E; 0: nothing is told at each place */
export function gatedLayer(name: string, channels: number, first: boolean, classes: number, conditionSize = 0): GatedLayer {
  const vertical = kernel(`${name}/vertical`, first ? REACH : 2, first ? 2 * REACH + 1 : 3, channels, 2 * channels);
  const horizontal = kernel(`${name}/horizontal`, 1, first ? REACH : 2, channels, 2 * channels);
  const between = kernel(`${name}/between`, 1, 1, 2 * channels, 2 * channels);
  const out = kernel(`${name}/out`, 1, 1, channels, channels);
  const local = conditionSize > 0 ? kernel(`${name}/condition`, 1, 1, conditionSize, 2 * channels) : undefined;
  /** What the horizontal stack adds at each place. */
  const downOf = (params: Params, up: tf.Tensor, condition?: tf.Tensor) => {
    const down = between.over(params, up);
    return local && condition ? tf.add(down, local.over(params, condition)) : down;
  };
  const tables = classes > 0 ? [embedding(`${name}/vertical/label`, classes + 1, 2 * channels), embedding(`${name}/horizontal/label`, classes + 1, 2 * channels)] : undefined;
  /** Eq. 4: a vector of the class within both halves of the gate; row 0 of the table is the unknown class. */
  const told = (which: 0 | 1, params: Params, x: tf.Tensor, labels?: tf.Tensor) => {
    if (!tables || !labels) return x;
    const vector = tables[which].apply(params, tf.add(labels, tf.scalar(1, 'int32')));
    return tf.add(x, tf.reshape(vector, [x.shape[0], ...Array.from({ length: x.rank - 2 }, () => 1), 2 * channels]));
  };
  return {
    params: [vertical, horizontal, between, out, ...(local ? [local] : [])].flatMap((k) => k.params).concat(tables?.flatMap((t) => t.params) ?? []),
    whole(params, v, h, labels, condition) {
      const [batch, height, width] = v.shape;
      // The first layer must not see the cell itself, so its input is shifted by one.
      const above = first ? tf.slice(pad(v, REACH, REACH, REACH), 0, [batch, height - 1 + REACH, width + 2 * REACH, channels]) : pad(v, 1, 1, 1);
      const before = first ? tf.slice(pad(h, 0, REACH, 0), 0, [batch, height, width - 1 + REACH, channels]) : pad(h, 0, 1, 0);
      const up = told(0, params, vertical.over(params, above), labels);
      const across = told(1, params, horizontal.over(params, before), labels);
      const result = out.over(params, gate(tf.add(across, downOf(params, up, condition))));
      return { v: gate(up), h: first ? result : tf.add(result, h) };
    },
    row(params, rows, labels, condition) {
      const side = first ? REACH : 1;
      const up = told(0, params, vertical.over(params, pad(rows, 0, side, side)), labels);
      return { v: gate(up), down: tf.squeeze(downOf(params, up, condition), [1]) };
    },
    cell(params, cells, down, labels) {
      const across = told(1, params, horizontal.at(params, cells), labels);
      const result = out.at(params, gate(tf.add(across, down)));
      if (first) return result;
      const [batch, taps] = cells.shape;
      return tf.add(result, tf.reshape(tf.slice(cells, [0, taps - 1, 0], [batch, 1, channels]), [batch, channels]));
    },
  };
}
