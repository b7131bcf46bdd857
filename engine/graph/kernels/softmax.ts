import type { TensorInfo } from '@tensorflow/tfjs-core';
import { normalAxes } from '../arrays.ts';
import { expand } from '../layout.ts';
import type { Call, Lowering, Lowerings } from './types.ts';

/** Along a logical axis wherever it lies. */
const along = (op: string): Lowering => ({ store, g, inputs, attrs }: Call<{ dim?: number; axis?: number }, { logits: TensorInfo }>) => {
  const v = expand(g, store.view(inputs.logits));
  const [axis] = normalAxes(attrs.dim ?? attrs.axis ?? -1, v.shape.length);
  return store.output({ ...v, value: g.emit(op, [v.value], { axis: v.order.indexOf(axis) }) }, 'float32');
};

export const softmaxLowerings: Lowerings = { Softmax: along('Softmax'), LogSoftmax: along('LogSoftmax') };
