import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../core/axes.ts';

export type DeviceId = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml' | 'tensorflow';

/** What a probe of one device found. */
export interface DeviceReport {
  id: DeviceId;
  /** For people: "CPU, 2 threads", "NVIDIA GeForce RTX 3060 (WebGPU)". */
  name: string;
  available: boolean;
  /** True for a GPU emulated on the CPU; never chosen by itself. */
  software: boolean;
  /** Why it is or is not available, one sentence with what to do. */
  reason: string;
}

export interface DeviceChoice {
  id: DeviceId;
  why: string;
}

export interface TensorSpec {
  shape: Shape;
  dtype: 'float32' | 'int32';
}

export type HostArray = Float32Array | Int32Array;
export type Tensors = Record<string, Tensor>;

/**
 * Named tensors that live on a device between runs: parameters, optimizer slots, codebook statistics.
 * Host views are in the logical layout and row-major (a convolution filter is `[kh, kw, in, out]`).
 */
export interface State {
  readonly specs: Readonly<Record<string, TensorSpec>>;
  read(names?: readonly string[]): Promise<Record<string, HostArray>>;
  /** Overwrites the named tensors. @throws AtelierError 'bad-input' on an unknown name or a wrong length */
  write(values: Record<string, HostArray>): Promise<void>;
  dispose(): void;
}

/**
 * A function of named tensors. Pure: no variables, no random ops, no dataSync. `state` in the result holds the new
 * value of every tensor of the state that changes; names left out keep theirs.
 */
export type GraphFunction = (inputs: Tensors, state: Tensors) => { outputs: Tensors; state?: Tensors };

export interface Signature {
  inputs: Record<string, TensorSpec>;
  /** The state the program reads, and updates in place. Several programs may share one state. */
  state?: State;
}

/** A compiled function. */
export interface Program {
  /**
   * Runs once.
   * @param inputs by name, row-major in the logical layout
   * @returns outputs by name; the arrays are valid until the next run of this program
   */
  run(inputs: Record<string, HostArray>): Promise<Record<string, HostArray>>;
  readonly stats: { nodes: number; bytes: number; traceMs: number; createMs: number };
  dispose(): void;
}

export interface Device {
  readonly report: DeviceReport;
  createState(tensors: Record<string, { shape: Shape; dtype?: 'float32' | 'int32'; values: HostArray }>): State;
  compile(name: string, fn: GraphFunction, signature: Signature): Promise<Program>;
  dispose(): void;
}
