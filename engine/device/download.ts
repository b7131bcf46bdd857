import type * as Ort from 'onnxruntime-node';
import { writeOnnx } from '../graph/onnx-writer.ts';
import type { Download } from './onnx-state.ts';
import type { HostArray } from './types.ts';

/**
 * Reads tensors back from GPU memory by a graph that hands its inputs through to the CPU; reading them directly
 * (`Tensor.getData`) ends the process in onnxruntime-node 1.30.
 */
export function downloader(ort: typeof Ort, settings: { providers: Ort.InferenceSession.ExecutionProviderConfig[] }): Download {
  return async (tensors) => {
    const names = Object.keys(tensors);
    const value = (prefix: string, n: string) => ({ name: `${prefix}/${n}`, type: tensors[n].type as 'float32' | 'int32', dims: tensors[n].dims });
    const bytes = writeOnnx({
      name: 'download',
      nodes: names.map((n) => ({ op: 'Identity', inputs: [`from/${n}`], outputs: [`to/${n}`], attributes: {} })),
      initializers: new Map(),
      inputs: names.map((n) => value('from', n)),
      outputs: names.map((n) => value('to', n)),
    });
    const session = await ort.InferenceSession.create(bytes, { executionProviders: settings.providers, logSeverityLevel: 3 });
    try {
      const results = await session.run(Object.fromEntries(names.map((n) => [`from/${n}`, tensors[n]])));
      return Object.fromEntries(names.map((n) => [n, results[`to/${n}`].data as HostArray]));
    } finally {
      await session.release();
    }
  };
}
