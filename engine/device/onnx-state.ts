import type * as Ort from 'onnxruntime-node';
import type { Tensor as OrtTensor } from 'onnxruntime-node';
import { stateOrder } from '../graph/trace.ts';
import type { Target } from '../graph/trace.ts';
import type { HostArray, State, TensorSpec } from './types.ts';
import { checkValues, fromDeviceOrder, toDeviceOrder } from './state-layout.ts';

/** Fetches tensors from the device's own memory. */
export type Download = (tensors: Record<string, OrtTensor>) => Promise<Record<string, HostArray>>;

/**
 * A state as ONNX Runtime tensors. On the CPU every tensor that a program updates has a second buffer: a step reads one and writes
 * the other, then they change places, so nothing is allocated. On a GPU the runtime hands out the new buffers itself.
 */
export class OnnxState implements State {
  readonly specs: Readonly<Record<string, TensorSpec>>;
  private readonly current = new Map<string, OrtTensor>();
  private readonly spare = new Map<string, OrtTensor>();
  private readonly owners: (() => void)[] = [];
  private disposed = false;
  private readonly ort: typeof Ort;
  private readonly target: Target;
  private readonly download: Download;

  constructor(ort: typeof Ort, target: Target, download: Download, tensors: Record<string, { shape: readonly number[]; dtype?: 'float32' | 'int32'; values: HostArray }>) {
    this.ort = ort;
    this.target = target;
    this.download = download;
    const specs: Record<string, TensorSpec> = {};
    for (const [name, t] of Object.entries(tensors)) {
      const spec: TensorSpec = { shape: [...t.shape], dtype: t.dtype ?? 'float32' };
      checkValues('Creating a state', name, spec, t.values);
      specs[name] = spec;
      this.current.set(name, this.tensor(spec, t.values));
    }
    this.specs = specs;
  }

  private tensor(spec: TensorSpec, values: HostArray): OrtTensor {
    const dims = stateOrder(spec.shape.length, this.target).map((l) => spec.shape[l]);
    return new this.ort.Tensor(spec.dtype, toDeviceOrder(values, spec.shape, this.target) as Float32Array, dims);
  }

  get(name: string): OrtTensor {
    return this.current.get(name)!;
  }

  /** The buffer the next value of a tensor goes to. */
  next(name: string): OrtTensor {
    let t = this.spare.get(name);
    if (!t) {
      const now = this.current.get(name)!;
      const data = now.data as HostArray;
      t = new this.ort.Tensor(now.type as 'float32', new (data.constructor as Float32ArrayConstructor)(data.length), now.dims);
      this.spare.set(name, t);
    }
    return t;
  }

  /** Makes the next value of a tensor the current one. */
  advance(name: string): void {
    const t = this.current.get(name)!;
    this.current.set(name, this.spare.get(name)!);
    this.spare.set(name, t);
  }

  /** Takes over a tensor that the runtime made, and frees the one before. */
  replace(name: string, value: OrtTensor): void {
    const old = this.current.get(name)!;
    this.current.set(name, value);
    old.dispose();
  }

  async read(names: readonly string[] = Object.keys(this.specs)): Promise<Record<string, HostArray>> {
    const out: Record<string, HostArray> = {};
    const remote = Object.fromEntries(names.flatMap((n) => (this.current.has(n) && this.current.get(n)!.location !== 'cpu' ? [[n, this.current.get(n)!]] : [])));
    const downloaded = Object.keys(remote).length ? await this.download(remote) : {};
    for (const name of names) {
      const spec = this.specs[name];
      const data = (this.current.get(name)?.location === 'cpu' ? this.current.get(name)!.data : downloaded[name]) as HostArray | undefined;
      checkValues('Reading a state', name, spec, data);
      out[name] = fromDeviceOrder(data, spec.shape, this.target);
    }
    return out;
  }

  async write(values: Record<string, HostArray>): Promise<void> {
    for (const [name, v] of Object.entries(values)) checkValues('Writing a state', name, this.specs[name], v);
    for (const [name, v] of Object.entries(values)) {
      const old = this.current.get(name)!;
      if (old.location === 'cpu') (old.data as Float32Array).set(toDeviceOrder(v, this.specs[name].shape, this.target) as Float32Array);
      else this.replace(name, this.tensor(this.specs[name], v));
    }
  }

  /** GPU memory belongs to the session that allocated it, so the session must outlive the tensors. */
  releaseAfter(release: () => void): void {
    if (this.disposed) release();
    else this.owners.push(release);
  }

  dispose(): void {
    for (const t of [...this.current.values(), ...this.spare.values()]) if (t.location !== 'cpu') t.dispose();
    this.current.clear();
    this.spare.clear();
    this.disposed = true;
    for (const release of this.owners.splice(0)) release();
  }
}
