import { AtelierError } from '../core/errors.ts';
import type { Shape } from '../core/axes.ts';
import { trace } from '../graph/trace.ts';
import { onnxRuntime } from './ort.ts';
import { checkValues } from './state-layout.ts';
import type { GraphFunction, HostArray, TensorSpec } from './types.ts';

export interface ExportSignature {
  inputs: Record<string, TensorSpec>;
  /** Parameters, which become part of the file. */
  state: Record<string, { shape: Shape; dtype?: 'float32' | 'int32'; values: HostArray }>;
}

/**
 * A function and its parameters as an ONNX file: only standard operators, inputs and outputs under the function's own names,
 * row-major (images [B, H, W, C]).
 * @param meta written into the file as key and value
 * @throws AtelierError 'bad-input' where a name is both an input and an output, or values do not fit their shape
 */
export function exportOnnx(fn: GraphFunction, signature: ExportSignature, meta: Record<string, string> = {}): Uint8Array {
  const state: Record<string, { shape: Shape; dtype: 'float32' | 'int32'; values: HostArray }> = {};
  for (const [name, t] of Object.entries(signature.state)) {
    const spec = { shape: t.shape, dtype: t.dtype ?? ('float32' as const) };
    checkValues('Exporting', name, spec, t.values);
    state[name] = { ...spec, values: t.values };
  }
  const traced = trace(meta.name ?? 'graph', (inputs, s) => ({ outputs: fn(inputs, s).outputs }), signature.inputs, state, { target: 'file', plainNames: true, metadata: meta });
  for (const name of traced.outputs.keys()) {
    if (name in signature.inputs) throw new AtelierError('bad-input', `"${name}" is both an input and an output of the exported function.`, 'Give the output another name.');
  }
  return traced.bytes;
}

/** An ONNX file ready to run on the CPU, by whatever shapes it declares. */
export interface LoadedOnnx {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(inputs: Record<string, { shape: Shape; values: HostArray }>): Promise<Record<string, { shape: Shape; values: HostArray }>>;
  dispose(): void;
}

/**
 * Opens an ONNX file.
 * @param source its path, or its bytes
 * @throws AtelierError 'bad-data' where it is not a model that ONNX Runtime can load
 */
export async function loadOnnx(source: string | Uint8Array): Promise<LoadedOnnx> {
  const ort = await onnxRuntime();
  const what = typeof source === 'string' ? source : 'the given bytes';
  const session = await (typeof source === 'string' ? ort.InferenceSession.create(source) : ort.InferenceSession.create(source)).catch((cause: unknown) => {
    throw new AtelierError('bad-data', `${what} could not be opened as an ONNX model: ${cause instanceof Error ? cause.message : String(cause)}`, 'Check that the file is whole and was made by "atelier export" or another ONNX exporter.', { cause });
  });
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(inputs) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, values }]) => {
          checkValues(`Running ${what}`, name, session.inputNames.includes(name) ? { shape, dtype: values instanceof Int32Array ? 'int32' : 'float32' } : undefined, values);
          return [name, new ort.Tensor(values instanceof Int32Array ? 'int32' : 'float32', values as Float32Array, [...shape])];
        }),
      );
      const results = await session.run(feeds);
      return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, { shape: t.dims, values: t.data as HostArray }]));
    },
    dispose: () => void session.release(),
  };
}
