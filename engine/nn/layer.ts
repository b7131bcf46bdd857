import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf, type Shape } from '../core/axes.ts';
import type { Rng } from '../core/rng.ts';

/** Named tensors of a model. Names are paths: `encoder/0/kernel`. */
export type Params = Readonly<Record<string, Tensor>>;

/** One parameter before it exists: its place, shape and first value. */
export interface ParamSpec {
  readonly name: string;
  readonly shape: Shape;
  /** False for statistics that the model updates by itself, such as an EMA codebook. */
  readonly trainable: boolean;
  /** True where weight decay applies: kernels, not biases, gains or codebooks. */
  readonly decay: boolean;
  /** Draws the first value, row-major. */
  init(rng: Rng): Float32Array;
}

/** A pure function of its parameters. `Input` and `Output` are tensors unless the layer says otherwise. */
export interface Layer {
  readonly params: readonly ParamSpec[];
  apply(params: Params, x: Tensor): Tensor;
}

export function param(name: string, shape: Shape, init: Initializer, options: { trainable?: boolean; decay?: boolean } = {}): ParamSpec {
  return { name, shape, trainable: options.trainable ?? true, decay: options.decay ?? false, init: (rng) => init(rng, shape) };
}

export type Initializer = (rng: Rng, shape: Shape) => Float32Array;

export const constant = (value: number): Initializer => (_, shape) => new Float32Array(sizeOf(shape)).fill(value);
export const zeros = constant(0);
export const ones = constant(1);

export const normal = (deviation: number): Initializer => (rng, shape) => {
  const values = rng.fillNormal(new Float32Array(sizeOf(shape)));
  for (let i = 0; i < values.length; i++) values[i] *= deviation;
  return values;
};

/** Uniform in [-bound, bound]. */
export const uniform = (bound: number): Initializer => (rng, shape) => {
  const values = rng.fillUniform(new Float32Array(sizeOf(shape)));
  for (let i = 0; i < values.length; i++) values[i] = (values[i] * 2 - 1) * bound;
  return values;
};

/** He et al. 2015, eq. 10: keeps the variance through a ReLU. @param fanIn inputs that one output sums over */
export const heNormal = (fanIn: number, gain = 1): Initializer => normal(gain * Math.sqrt(2 / fanIn));

/** Glorot and Bengio 2010, for layers without a rectifier behind them. */
export const glorotUniform = (fanIn: number, fanOut: number): Initializer => uniform(Math.sqrt(6 / (fanIn + fanOut)));

/** Layers one after another. */
export function sequential(...layers: readonly Layer[]): Layer {
  return {
    params: layers.flatMap((layer) => layer.params),
    apply: (params, x) => layers.reduce((y, layer) => layer.apply(params, y), x),
  };
}

/** A layer without parameters. */
export const lambda = (apply: (x: Tensor) => Tensor): Layer => ({ params: [], apply: (_, x) => apply(x) });

/** Number of scalars in all of the parameters. */
export const countParameters = (params: readonly ParamSpec[]): number => params.reduce((n, p) => n + sizeOf(p.shape), 0);
