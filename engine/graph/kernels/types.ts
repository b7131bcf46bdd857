import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../builder.ts';
import type { TraceStore } from '../store.ts';

/** One call of a tfjs kernel during a trace. */
export interface Call<Attributes = unknown, Inputs = Record<string, TensorInfo>> {
  store: TraceStore;
  g: GraphBuilder;
  inputs: Inputs;
  attrs: Attributes;
}

/** Turns a kernel call into nodes of the graph. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each entry of a table has its own attribute type
export type Lowering = (call: Call<any, any>) => TensorInfo | TensorInfo[];
export type Lowerings = Record<string, Lowering>;
