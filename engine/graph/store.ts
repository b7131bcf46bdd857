import { DataStorage, KernelBackend, engine } from '@tensorflow/tfjs-core';
import type { BackendValues, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { AtelierError } from '../core/errors.ts';
import { product } from './arrays.ts';
import { arrayOf } from './builder.ts';
import type { GraphBuilder } from './builder.ts';
import { rowMajor } from './layout.ts';
import type { View } from './layout.ts';
import type { ElementType } from './onnx-writer.ts';

/** What a dataId stands for while a function is traced: known values, or a value of the graph. */
export type Entry = ({ kind: 'constant'; values?: BackendValues; uniform?: number } | { kind: 'traced'; view: View }) & {
  shape: readonly number[];
  dtype: DataType;
  references: number;
};

type Content = { kind: 'constant'; values?: BackendValues; uniform?: number } | { kind: 'traced'; view: View };

/**
 * What the graph is for: 'cpu' is laid out for large products of matrices, channels last; 'gpu' for Conv, channels first, with
 * operators that GPU providers have; 'file' for other programs to read, like 'gpu'.
 */
export type Target = 'cpu' | 'gpu' | 'file';

export const BACKEND = 'atelier-trace';

export const elementType = (dtype: DataType): ElementType => {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new AtelierError('bad-input', `Tensors of type ${dtype} cannot be part of a compiled graph.`, 'Use float32, int32 or bool.');
};

function uniformOf(values: BackendValues): number | undefined {
  if (values.length === 0 || typeof values[0] === 'string') return undefined;
  const first = Number(values[0]);
  for (let i = 1; i < values.length; i++) if (Number(values[i]) !== first) return undefined;
  return first;
}

/** Keeps the entries of traced tensors; registered with tfjs as a backend. One graph is traced at a time. */
export class TraceStore extends KernelBackend {
  private readonly entries: DataStorage<Entry>;
  private active?: GraphBuilder;
  target: Target = 'cpu';

  constructor() {
    super();
    this.entries = new DataStorage(this, engine());
  }

  /** The graph being traced. */
  get graph(): GraphBuilder {
    if (!this.active) throw new AtelierError('internal', 'A tensor operation ran on the tracing backend outside of a trace.', 'This is a fault of the application; the log has the details.');
    return this.active;
  }

  set graph(graph: GraphBuilder | undefined) {
    this.active = graph;
  }

  private add(shape: readonly number[], dtype: DataType, content: Content, references = 1): TensorInfo {
    const dataId = {};
    this.entries.set(dataId, { ...content, shape: [...shape], dtype, references });
    return { dataId, shape: [...shape], dtype };
  }

  entry(t: TensorInfo): Entry {
    const e = this.entries.get(t.dataId);
    // A tensor may be a reshaped alias of its data; its own shape counts.
    return e.shape.length === t.shape.length && e.shape.every((d, i) => d === t.shape[i]) ? e : { ...e, shape: t.shape };
  }

  /** The number all elements have, where the tensor is a constant of that sort. */
  uniform(t: TensorInfo): number | undefined {
    const e = this.entry(t);
    return e.kind === 'constant' ? e.uniform : undefined;
  }

  /** The tensor as a value of the graph; constants become initializers. */
  view(t: TensorInfo): View {
    const e = this.entry(t);
    if (e.kind === 'traced') return e.view;
    const type = elementType(e.dtype);
    if (e.uniform !== undefined) {
      const dims = e.shape.map(() => 1);
      return { ...rowMajor(this.graph.scalar(e.uniform, type, dims.length), e.shape, type), dims };
    }
    return rowMajor(this.graph.initializer(type, e.shape, arrayOf(type, (e.values ?? []) as ArrayLike<number>)), e.shape, type);
  }

  output(view: View, dtype: DataType, shape: readonly number[] = view.shape): TensorInfo {
    return this.add(shape, dtype, { kind: 'traced', view: { ...view, shape } });
  }

  filled(shape: readonly number[], dtype: DataType, uniform: number): TensorInfo {
    return this.add(shape, dtype, { kind: 'constant', uniform });
  }

  constant(shape: readonly number[], dtype: DataType, values: BackendValues): TensorInfo {
    return this.add(shape, dtype, { kind: 'constant', values, uniform: uniformOf(values) });
  }

  /** The same content under a new id, perhaps of another shape or type (constants only). */
  copy(t: TensorInfo, shape: readonly number[] = t.shape, dtype: DataType = t.dtype): TensorInfo {
    const e = this.entry(t);
    return e.kind === 'constant' ? this.add(shape, dtype, { kind: 'constant', values: e.values, uniform: e.uniform }) : this.output(e.view, dtype, shape);
  }

  // What tfjs asks of a backend.
  override write(values: BackendValues, shape: number[], dtype: DataType): object {
    const content: Content = values ? { kind: 'constant', values, uniform: uniformOf(values) } : { kind: 'constant', uniform: 0 };
    return this.add(shape, dtype, content).dataId;
  }

  override move(dataId: object, values: BackendValues, shape: number[], dtype: DataType, references: number): void {
    this.entries.set(dataId, { kind: 'constant', values, uniform: uniformOf(values), shape, dtype, references });
  }

  override readSync(dataId: object): BackendValues {
    const e = this.entries.get(dataId);
    if (e.kind === 'traced') {
      throw new AtelierError('bad-input', 'dataSync() was called on a tensor whose value is known only when the compiled graph runs.', 'Return the tensor as an output instead, or compute with tensor operations only.');
    }
    return e.values ?? arrayOf(elementType(e.dtype), new Array<number>(product(e.shape)).fill(e.uniform ?? 0)) as BackendValues;
  }

  override async read(dataId: object): Promise<BackendValues> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.entries.has(dataId)) return true;
    const e = this.entries.get(dataId);
    e.references--;
    if (!force && e.references > 0) return false;
    this.entries.delete(dataId);
    return true;
  }

  override refCount(dataId: object): number {
    return this.entries.has(dataId) ? this.entries.get(dataId).references : 0;
  }

  override incRef(dataId: object): void {
    this.entries.get(dataId).references++;
  }

  /** Called by tfjs through the backend, though its base class does not declare it. */
  decRef(dataId: object): void {
    if (this.entries.has(dataId)) this.entries.get(dataId).references--;
  }

  override numDataIds(): number {
    return this.entries.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override epsilon(): number {
    return 1e-7;
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override time(f: () => void): Promise<{ kernelMs: number }> {
    f();
    return Promise.resolve({ kernelMs: 0 });
  }

  override dispose(): void {}
}
