import type * as tf from '@tensorflow/tfjs-core';
import type { GraphFunction, TensorSpec, Tensors } from '../device/types.ts';
import type { Trainable } from '../nn/trainable.ts';
import { adamw, weightAverage, type OptimizerHyper } from '../nn/adamw.ts';
import { valueAndGrads } from '../nn/gradients.ts';
import type { Params } from '../nn/layer.ts';

export const PREFIX = { params: 'p/', m: 'm/', v: 'v/', average: 'e/' } as const;
const OPTIMIZER: readonly (keyof OptimizerHyper)[] = ['stepSize', 'epsilon', 'decay', 'clipNorm', 'emaDecay'];

/** Entries whose name starts with the prefix, without it. */
export function under<T>(all: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]));
}

export const prefixed = <T>(all: Readonly<Record<string, T>>, prefix: string): Record<string, T> =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [prefix + name, value]));

export interface StepGraph {
  fn: GraphFunction;
  inputs: Record<string, TensorSpec>;
  /** Trained parameters in the order of the output `gradientNorms`. */
  trained: string[];
}

/**
 * One training step as one graph: forward, gradients, AdamW, codebook statistics, weight average.
 * Inputs: `images` `[B, H, W, C]`, `labels` `[B]` and `partners` `[B, H, W, C]` with `partnerLabels` if used, `noise/...`, `hyper/...` and `optimizer/...` scalars.
 * State: `p/` parameters, `m/` `v/` optimizer slots, `e/` averaged weights if `options.average`.
 * Outputs: `loss`, `gradientNorms` `[P]`, `metric/...` scalars.
 */
export function stepGraph(model: Trainable, options: { batchSize: number; average: boolean; weightDecay: boolean; stage?: number }): StepGraph {
  const { batchSize } = options;
  const { height, width, channels } = model.input;
  const specs = model.params.map((p) => (options.weightDecay ? p : { ...p, decay: false }));
  const trained = specs.filter((p) => p.trainable).map((p) => p.name);
  const noise = model.noise(batchSize);
  const scalar: TensorSpec = { shape: [], dtype: 'float32' };
  const inputs: Record<string, TensorSpec> = { images: { shape: [batchSize, height, width, channels], dtype: 'float32' } };
  if (model.usesLabels) inputs.labels = { shape: [batchSize], dtype: 'int32' };
  if (model.usesPartners) Object.assign(inputs, { partners: inputs.images, partnerLabels: { shape: [batchSize], dtype: 'int32' } satisfies TensorSpec });
  for (const [name, { shape }] of Object.entries(noise)) inputs[`noise/${name}`] = { shape, dtype: 'float32' };
  for (const name of Object.keys(model.hyper)) inputs[`hyper/${name}`] = scalar;
  const used = OPTIMIZER.filter((name) => (name !== 'decay' || options.weightDecay) && (name !== 'emaDecay' || options.average));
  for (const name of used) inputs[`optimizer/${name}`] = scalar;

  const fn: GraphFunction = (given, state) => {
    const params = under(state, PREFIX.params);
    const batch = { images: given.images, labels: given.labels, ...(given.partners ? { partners: { images: given.partners, labels: given.partnerLabels } } : {}) };
    const { value, grads, extra } = valueAndGrads(
      (all) => {
        const result = model.loss(all, batch, under(given, 'noise/'), under(given, 'hyper/'), options.stage ?? 0);
        return { value: result.loss, extra: { ...prefixed(result.metrics, 'metric/'), ...prefixed(result.updates ?? {}, 'update/') } };
      },
      params,
      trained,
    );
    const hyper = under(given, 'optimizer/') as Record<keyof OptimizerHyper, tf.Tensor>;
    const slots = { m: under(state, PREFIX.m), v: under(state, PREFIX.v) };
    const stepped = adamw(specs, params, grads, slots, hyper);
    const next: Params = { ...stepped.params, ...under(extra, 'update/') };
    const outputs: Tensors = { loss: value, gradientNorms: stepped.norms, ...prefixed(under(extra, 'metric/'), 'metric/') };
    const newState: Tensors = {
      ...prefixed(next, PREFIX.params),
      ...prefixed(stepped.slots.m, PREFIX.m),
      ...prefixed(stepped.slots.v, PREFIX.v),
    };
    if (options.average) {
      Object.assign(newState, prefixed(weightAverage(under(state, PREFIX.average), { ...params, ...next }, hyper.emaDecay), PREFIX.average));
    }
    return { outputs, state: newState };
  };
  return { fn, inputs, trained };
}

/**
 * A look at a batch with the averaged weights where there are any.
 * Outputs: `reconstruction`, `latent`, `codes`, `klPerDimension` as the model has them, `item/...` `[B]`.
 */
export function inspectGraph(model: Trainable, batchSize: number, prefix: string): { fn: GraphFunction; inputs: Record<string, TensorSpec> } {
  const { height, width, channels } = model.input;
  const inputs: Record<string, TensorSpec> = { images: { shape: [batchSize, height, width, channels], dtype: 'float32' } };
  if (model.usesLabels) inputs.labels = { shape: [batchSize], dtype: 'int32' };
  for (const [name, { shape }] of Object.entries(model.noise(batchSize))) inputs[`noise/${name}`] = { shape, dtype: 'float32' };
  return {
    inputs,
    fn(given, state) {
      const { items, ...rest } = model.inspect(under(state, prefix), { images: given.images, labels: given.labels }, under(given, 'noise/'));
      const outputs: Tensors = prefixed(items, 'item/');
      for (const [name, tensor] of Object.entries(rest as Partial<Tensors>)) if (tensor) outputs[name] = tensor;
      return { outputs };
    },
  };
}
