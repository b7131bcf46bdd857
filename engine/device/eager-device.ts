import { tensor, tidy, keep } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { AtelierError } from '../core/errors.ts';
import { withBackend } from '../graph/trace.ts';
import { checkValues } from './state-layout.ts';
import type { Device, DeviceReport, GraphFunction, HostArray, Program, Signature, State, TensorSpec } from './types.ts';

/** A device that runs functions operation by operation on a tfjs backend, without a graph. */
export function eagerTfjsDevice(report: DeviceReport, backend: string): Device {
  return {
    report,
    createState: (tensors) => new EagerState(backend, tensors),
    async compile(name, fn, signature) {
      if (signature.state && !(signature.state instanceof EagerState)) {
        throw new AtelierError('bad-input', `The state given to "${name}" belongs to another device.`, `Create the state on the device "${report.id}".`);
      }
      return new EagerProgram(backend, name, fn, signature);
    },
    dispose() {},
  };
}

/** tfjs's plain JavaScript backend: slow, and the oracle of numerical tests. */
export async function eagerDevice(): Promise<Device> {
  return eagerTfjsDevice({ id: 'cpu', name: 'tfjs CPU backend (reference)', available: true, software: false, reason: 'Plain JavaScript, for checking other devices.' }, 'cpu');
}

class EagerState implements State {
  readonly specs: Readonly<Record<string, TensorSpec>>;
  readonly tensors: Record<string, Tensor> = {};

  constructor(
    private readonly backend: string,
    tensors: Record<string, { shape: readonly number[]; dtype?: 'float32' | 'int32'; values: HostArray }>,
  ) {
    const specs: Record<string, TensorSpec> = {};
    for (const [name, t] of Object.entries(tensors)) {
      specs[name] = { shape: [...t.shape], dtype: t.dtype ?? 'float32' };
      checkValues('Creating a state', name, specs[name], t.values);
      this.set(name, specs[name], t.values);
    }
    this.specs = specs;
  }

  private set(name: string, spec: TensorSpec, values: HostArray): void {
    this.tensors[name]?.dispose();
    this.tensors[name] = withBackend(this.backend, () => keep(tensor(values.slice() as Float32Array, [...spec.shape], spec.dtype)));
  }

  async read(names: readonly string[] = Object.keys(this.specs)): Promise<Record<string, HostArray>> {
    return Object.fromEntries(
      names.map((name) => {
        const data = this.tensors[name]?.dataSync() as HostArray | undefined;
        checkValues('Reading a state', name, this.specs[name], data);
        return [name, data.slice()];
      }),
    );
  }

  async write(values: Record<string, HostArray>): Promise<void> {
    for (const [name, v] of Object.entries(values)) checkValues('Writing a state', name, this.specs[name], v);
    for (const [name, v] of Object.entries(values)) this.set(name, this.specs[name], v);
  }

  /** Takes over a tensor. */
  replace(name: string, value: Tensor): void {
    if (this.tensors[name] === value) return;
    const kept = keep(value.clone());
    this.tensors[name].dispose();
    this.tensors[name] = kept;
  }

  dispose(): void {
    for (const t of Object.values(this.tensors)) t.dispose();
  }
}

class EagerProgram implements Program {
  readonly stats = { nodes: 0, bytes: 0, traceMs: 0, createMs: 0 };

  constructor(
    private readonly backend: string,
    private readonly name: string,
    private readonly fn: GraphFunction,
    private readonly signature: Signature,
  ) {}

  async run(inputs: Record<string, HostArray>): Promise<Record<string, HostArray>> {
    const state = this.signature.state as EagerState | undefined;
    return withBackend(this.backend, () =>
      tidy(() => {
        const tensors: Record<string, Tensor> = {};
        for (const [key, spec] of Object.entries(this.signature.inputs)) {
          const values = inputs[key];
          checkValues(`Running "${this.name}"`, key, spec, values);
          tensors[key] = tensor(values.slice() as Float32Array, [...spec.shape], spec.dtype);
        }
        const result = this.fn(tensors, { ...state?.tensors });
        const out = Object.fromEntries(Object.entries(result.outputs).map(([key, t]) => [key, hostArray(t)]));
        for (const [key, t] of Object.entries(result.state ?? {})) {
          if (!state?.specs[key]) throw new AtelierError('bad-input', `${this.name} updates "${key}", which is not in its state.`, 'Return only tensors that the state was created with.');
          state.replace(key, t);
        }
        return out as never;
      }),
    ) as Record<string, HostArray>;
  }

  dispose(): void {}
}

function hostArray(t: Tensor): HostArray {
  const data = t.dataSync();
  return t.dtype === 'float32' ? Float32Array.from(data as Float32Array) : Int32Array.from(data as Int32Array);
}
