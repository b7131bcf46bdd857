import { InferenceSession, Tensor } from 'onnxruntime-node';
import { writeOnnx } from '../../graph/onnx-writer.ts';
import type { TopProducts } from '../../projection/index.ts';

/** Products and their largest as one native graph of two operators; sides of any length. Call `close` when done. */
export async function nativeTopProducts(threads?: number): Promise<{ topProducts: TopProducts; close(): Promise<void> }> {
  const model = writeOnnx({
    name: 'top-products',
    nodes: [
      { op: 'Gemm', inputs: ['queries', 'candidates', 'bias'], outputs: ['products'], attributes: { transB: 1 } },
      { op: 'TopK', inputs: ['products', 'k'], outputs: ['scores', 'indices'], attributes: { axis: 1, largest: 1, sorted: 1 } },
    ],
    initializers: new Map(),
    inputs: [
      { name: 'queries', type: 'float32', dims: [-1, -1] },
      { name: 'candidates', type: 'float32', dims: [-1, -1] },
      { name: 'bias', type: 'float32', dims: [-1] },
      { name: 'k', type: 'int64', dims: [1] },
    ],
    outputs: [
      { name: 'scores', type: 'float32', dims: [-1, -1] },
      { name: 'indices', type: 'int64', dims: [-1, -1] },
    ],
  });
  const session = await InferenceSession.create(model, { executionProviders: ['cpu'], graphOptimizationLevel: 'all', ...(threads ? { intraOpNumThreads: threads } : {}) });
  const topProducts: TopProducts = async (queries, candidates, bias, d, k) => {
    const result = await session.run({
      queries: new Tensor('float32', queries, [queries.length / d, d]),
      candidates: new Tensor('float32', candidates, [bias.length, d]),
      bias: new Tensor('float32', bias, [bias.length]),
      k: new Tensor('int64', BigInt64Array.of(BigInt(k)), [1]),
    });
    const wide = result.indices.data as BigInt64Array;
    // The low halves of little-endian 64-bit numbers; nobody has four billion candidates.
    const halves = new Int32Array(wide.buffer, wide.byteOffset, wide.length * 2);
    const indices = new Int32Array(wide.length);
    for (let i = 0; i < indices.length; i++) indices[i] = halves[2 * i];
    return { indices, scores: result.scores.data as Float32Array };
  };
  return { topProducts, close: () => session.release() };
}
