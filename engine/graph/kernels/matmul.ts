import { broadcast_util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { equalLists, range } from '../arrays.ts';
import { canonical, expand, inOrder, rowMajor } from '../layout.ts';
import type { View } from '../layout.ts';
import type { Call, Lowerings } from './types.ts';

interface Attributes {
  transposeA: boolean;
  transposeB: boolean;
}

/** A matrix as it lies: its name, and whether it is to be read transposed. */
function matrix(g: Call['g'], v: View, transposed: boolean): { value: string; transposed: boolean } {
  if (equalLists(v.order, [1, 0])) return { value: expand(g, v).value, transposed: !transposed };
  return { value: canonical(g, v).value, transposed };
}

/** A stack of matrices with the last two axes as they are to be multiplied; ONNX Runtime folds the transpose into the product. */
function stack(g: Call['g'], v: View, transposed: boolean): string {
  const rank = v.shape.length;
  if (!transposed) return canonical(g, v).value;
  return inOrder(g, v, [...range(rank - 2), rank - 1, rank - 2]).value;
}

function emitMatMul({ store, g }: Pick<Call, 'store' | 'g'>, a: TensorInfo, b: TensorInfo, { transposeA, transposeB }: Attributes): TensorInfo {
  const va = store.view(a);
  const vb = store.view(b);
  const ra = va.shape.length;
  const rb = vb.shape.length;
  const rows = va.shape[transposeA ? ra - 1 : ra - 2];
  const columns = vb.shape[transposeB ? rb - 2 : rb - 1];
  if (ra === 2 && rb === 2) {
    const ma = matrix(g, va, transposeA);
    const mb = matrix(g, vb, transposeB);
    return store.output(rowMajor(g.gemm(ma.value, mb.value, columns, { a: ma.transposed, b: mb.transposed }), [rows, columns]), 'float32');
  }
  const batch = broadcast_util.assertAndGetBroadcastShape([...va.shape.slice(0, -2)], [...vb.shape.slice(0, -2)]);
  const shape = [...batch, rows, columns];
  return store.output(rowMajor(g.emit('MatMul', [stack(g, va, transposeA), stack(g, vb, transposeB)]), shape), 'float32');
}

export const matmulLowerings: Lowerings = {
  BatchMatMul: (call: Call<Attributes, { a: TensorInfo; b: TensorInfo }>) => emitMatMul(call, call.inputs.a, call.inputs.b, call.attrs),
};
