/** What a training step needs to know of a model, whatever it is a model of. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../core/axes.ts';
import type { Rng } from '../core/rng.ts';
import type { Params, ParamSpec } from './layer.ts';

/** What a model is built for. */
export interface ImageSpec {
  height: number;
  width: number;
  channels: number;
  /** Number of classes; 0 when the items have no labels. */
  classes: number;
  /** For clips: a picture is a strip of so many frames, one below another. */
  frames?: number;
}

export interface Batch {
  /** What the model is shown, in [0, 1], `[B, H, W, C]`; for a prior the codes themselves, `[B, h, w, 1]`. */
  images: Tensor;
  /** The pictures it is to reconstruct, where they are others: clean ones for noisy `images`. */
  target?: Tensor;
  /** Class of each item, int32 `[B]`, -1 where unknown; only for models with `usesLabels`. */
  labels?: Tensor;
  /** The same pictures in another class, `[B, H, W, C]`, and that class, int32 `[B]`; an item without is its own partner. Only in training, for `usesPartners`. */
  partners?: { images: Tensor; labels: Tensor };
}

/** Random numbers that a step consumes; the trainer draws them from (seed, step). */
export interface NoiseSpec {
  shape: Shape;
  kind: 'normal' | 'uniform';
}

export interface Progress {
  /** Steps done, 0 at the first. */
  step: number;
  /** Steps of the whole plan. */
  steps: number;
}

/** What a step drew, for losses that look at pictures. */
export interface Drawn {
  /** Of the decoder, `[B, H, W, C]`; gradients pass. */
  output: Tensor;
  /** The picture it stands for, not clipped; gradients pass. */
  picture(output: Tensor): Tensor;
  /** Gradient of the reconstruction's part of the loss by `output`, same shape; none passes it. */
  pull(): Tensor;
  /** The pictures that were to be drawn. */
  target: Tensor;
}

export interface LossResult {
  /** Scalar that is minimised. */
  loss: Tensor;
  /** Scalars to log. Nats end in `Nats`, decibels in `Db`. */
  metrics: Record<string, Tensor>;
  /** New values of parameters that are not trained by gradient. */
  updates?: Record<string, Tensor>;
  /** Where the model draws pictures. */
  drawn?: Drawn;
}

/** What evaluation reads of a batch: one value an item. */
export interface Observation {
  /** Each `[B]`. */
  items: Record<string, Tensor>;
}

/**
 * Work between steps that is not differentiable: first values taken from data, revival of dead codes. Runs on the host,
 * deterministic in (seed, step), so that a resumed run does the same.
 */
export interface Maintenance {
  /** Parameters that it reads and may overwrite. */
  params: readonly string[];
  /** What it needs to see of a batch of images; a device program. */
  observe(params: Params, images: Tensor): Record<string, Tensor>;
  /** Before the first step. `batches` are the observations of several batches. @returns new values by parameter name */
  start(batches: readonly Record<string, ArrayLike<number>>[], rng: Rng): Record<string, Float32Array>;
  /** Steps between two calls of `step`; 0 is never. */
  every: number;
  step(
    observed: Record<string, ArrayLike<number>>,
    values: Record<string, Float32Array>,
    rng: Rng,
    progress: Progress,
  ): MaintenanceResult;
}

export interface MaintenanceResult {
  /** New values by parameter name; empty when there is nothing to do. */
  values: Record<string, Float32Array>;
  /** To log. */
  metrics: Record<string, number>;
}

/** Something that steps of training make better; pure functions of named tensors. */
export interface Trainable {
  readonly input: ImageSpec;
  readonly params: readonly ParamSpec[];
  /** Whether it is conditioned on the class of an item. */
  readonly usesLabels?: boolean;
  /** Whether training shows it the same pictures in other classes: those of the same file name, or those that look alike. */
  readonly usesPartners?: 'names' | 'looks';
  /** Noise of a training step with `batch` items. */
  noise(batch: number): Record<string, NoiseSpec>;
  /** Scalars that change while training, fed as inputs: beta, capacity, temperature. */
  readonly hyper: Readonly<Record<string, (progress: Progress) => number>>;
  /** @param stage of `stageAt` */
  loss(params: Params, batch: Batch, noise: Params, hyper: Params, stage?: number): LossResult;
  /**
   * Which loss is due, for models whose loss changes while they train (an adversary that joins later); each stage's graph is compiled
   * when it begins. Every trained parameter has a gradient in every stage. Unset: always 0.
   */
  stageAt?(progress: Progress): number;
  /** A look at a batch, one value per item. `noise` is that of `noise(batch)`. */
  inspect(params: Params, batch: Batch, noise: Params): Observation;
  readonly maintenance?: Maintenance;
  /** Parameters whose gradient is meant to differ from the loss's derivative (straight-through estimators). */
  straightThrough?(name: string): boolean;
}

export interface Preset<Config> {
  id: string;
  title: string;
  summary: string;
  config: Partial<Config>;
  /** Settings of the plan that go well with it; a request's own settings win. */
  training?: { batchSize?: number; learningRate?: number; warmupSteps?: number; weightEma?: number; weightDecay?: number };
}
