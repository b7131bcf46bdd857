import './gradients.ts';
import { engine, getBackend, getKernelsForBackend, registerBackend, registerKernel, setBackend, tidy } from '@tensorflow/tfjs-core';
import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import { AtelierError } from '../core/errors.ts';
import type { Shape } from '../core/axes.ts';
import { channelsFirst, filterFirst, inOrder } from './layout.ts';
import { equalLists, range } from './arrays.ts';
import { GraphBuilder } from './builder.ts';
import { finishGraph } from './finish.ts';
import { lowerings } from './kernels/index.ts';
import { writeOnnx } from './onnx-writer.ts';
import type { ElementType, OnnxValue } from './onnx-writer.ts';
import { BACKEND, TraceStore, elementType } from './store.ts';
import type { Target } from './store.ts';

export type { Target } from './store.ts';

export interface Spec {
  shape: Shape;
  dtype: 'float32' | 'int32';
}

export interface StateSpec extends Spec {
  /** Given, the tensor is written into the graph as a constant. */
  values?: Float32Array | Int32Array;
}

export type Traceable = (inputs: Record<string, Tensor>, state: Record<string, Tensor>) => { outputs: Record<string, Tensor>; state?: Record<string, Tensor> };

/** A function as a graph. Values of inputs and outputs are row-major; those of the state lie in `stateOrder`. */
export interface Traced {
  bytes: Uint8Array;
  /** Names of the graph's values by the names of the function's tensors; inputs and state that are not read are left out. */
  inputs: Map<string, string>;
  outputs: Map<string, { value: string; spec: Spec }>;
  stateIn: Map<string, string>;
  stateOut: Map<string, string>;
  nodes: number;
  traceMs: number;
}

/** How the tensors of a state lie on a device: row-major for the CPU; for a GPU, filters of convolutions as [out, in, kernel...]. */
export const stateOrder = (rank: number, target: Target): number[] => (rank >= 4 && target !== 'cpu' ? filterFirst(rank) : range(rank));

let store: TraceStore | undefined;

function traceStore(): TraceStore {
  if (store) return store;
  const s = new TraceStore();
  store = s;
  registerBackend(BACKEND, () => s, 0);
  for (const [kernelName, lower] of Object.entries(lowerings)) {
    registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) => lower({ store: s, g: s.graph, inputs, attrs: attrs ?? {} }),
    });
  }
  for (const { kernelName } of getKernelsForBackend('cpu')) {
    if (kernelName in lowerings) continue;
    registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: () => {
        throw new AtelierError('bad-input', `The operation "${kernelName}" cannot be part of a compiled graph.`, `Write the model without it, or add a lowering of "${kernelName}" to engine/graph/kernels.`);
      },
    });
  }
  return s;
}

/** Runs `work` with the named tfjs backend, and puts the former one back; nothing may be awaited in between. */
export function withBackend<T>(name: string, work: () => T): T {
  const before = getBackend();
  if (before !== name) void setBackend(name);
  try {
    return work();
  } finally {
    if (before !== name && before) void setBackend(before);
  }
}

/**
 * Records what `fn` does as one ONNX graph.
 * @param options.plainNames the graph's values carry the function's own names (for files that others read)
 * @throws AtelierError 'bad-input' for an operation that has no lowering, for dataSync() on a traced tensor, and for a state
 *   output of another shape than its input
 */
export function trace(name: string, fn: Traceable, inputs: Record<string, Spec>, state: Record<string, StateSpec>, options: { target?: Target; plainNames?: boolean; metadata?: Record<string, string> } = {}): Traced {
  const start = performance.now();
  const s = traceStore();
  const g = new GraphBuilder();
  const target = options.target ?? 'cpu';
  const label = (prefix: string, key: string) => (options.plainNames ? key : `${prefix}/${key}`);
  const graphInputs: OnnxValue[] = [];
  const addInput = (input: OnnxValue) => {
    graphInputs.push(input);
    g.inputs.set(input.name, input.dims);
  };
  const results: { value: string; name: string; type: ElementType; dims: readonly number[] }[] = [];
  const outputSpecs = new Map<string, { value: string; spec: Spec }>();
  const stateIn = new Map<string, string>();
  const stateOut = new Map<string, string>();
  const inputNames = new Map<string, string>();
  withBackend(BACKEND, () => {
    s.graph = g;
    s.target = target;
    try {
      tidy(() => {
        const tensor = (info: { dataId: object; shape: number[]; dtype: DataType }) => engine().makeTensorFromTensorInfo(info, s);
        const inputTensors: Record<string, Tensor> = {};
        for (const [key, spec] of Object.entries(inputs)) {
          const value = label('in', key);
          inputNames.set(key, value);
          addInput({ name: value, type: spec.dtype, dims: spec.shape });
          const rank = spec.shape.length;
          const view = { value, type: spec.dtype, shape: spec.shape, order: range(rank), dims: spec.shape };
          inputTensors[key] = tensor(s.output(rank >= 4 && spec.dtype === 'float32' && target !== 'cpu' ? inOrder(g, view, channelsFirst(rank)) : view, spec.dtype));
        }
        const stateTensors: Record<string, Tensor> = {};
        for (const [key, spec] of Object.entries(state)) {
          if (spec.values) {
            stateTensors[key] = tensor(s.constant(spec.shape, spec.dtype, spec.values));
            continue;
          }
          const value = label('state', key);
          stateIn.set(key, value);
          const order = stateOrder(spec.shape.length, target);
          const dims = order.map((l) => spec.shape[l]);
          addInput({ name: value, type: spec.dtype, dims });
          stateTensors[key] = tensor(s.output({ value, type: spec.dtype, shape: spec.shape, order, dims }, spec.dtype));
        }
        const result = fn(inputTensors, stateTensors);
        for (const [key, t] of Object.entries(result.outputs)) {
          const dtype = t.dtype === 'int32' || t.dtype === 'bool' ? 'int32' : 'float32';
          const view = inOrder(g, s.view(t), range(t.shape.length));
          const value = label('out', key);
          results.push({ value: g.cast(view.value, elementType(t.dtype), dtype), name: value, type: dtype, dims: t.shape });
          outputSpecs.set(key, { value, spec: { shape: [...t.shape], dtype } });
        }
        for (const [key, t] of Object.entries(result.state ?? {})) {
          const spec = state[key];
          if (!spec) throw new AtelierError('bad-input', `${name} updates "${key}", which is not in its state.`, 'Return only tensors that the state was created with.');
          if (!equalLists(spec.shape, t.shape) || spec.dtype !== t.dtype) {
            throw new AtelierError('bad-input', `${name} updates "${key}" with ${t.dtype} [${t.shape.join(', ')}]; the state has ${spec.dtype} [${spec.shape.join(', ')}].`, 'A state tensor keeps its shape and type.');
          }
          const order = stateOrder(spec.shape.length, target);
          const view = inOrder(g, s.view(t), order);
          if (view.value === stateIn.get(key)) continue;
          const value = label('next', key);
          stateOut.set(key, value);
          results.push({ value: view.value, name: value, type: spec.dtype, dims: view.dims });
        }
      });
    } finally {
      s.graph = undefined;
    }
  });
  const finished = finishGraph(g, graphInputs, results);
  const used = new Set(finished.inputs.map((i) => i.name));
  for (const names of [inputNames, stateIn]) for (const [key, value] of names) if (!used.has(value)) names.delete(key);
  const bytes = writeOnnx({ name, ...finished, metadata: options.metadata });
  return { bytes, inputs: inputNames, outputs: outputSpecs, stateIn, stateOut, nodes: finished.nodes.length, traceMs: performance.now() - start };
}
