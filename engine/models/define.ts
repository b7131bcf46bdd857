import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { Shape } from '../core/axes.ts';
import type { Rng } from '../core/rng.ts';
import type { Params, ParamSpec } from '../nn/layer.ts';

/** What a model is built for. */
export interface ImageSpec {
  height: number;
  width: number;
  channels: number;
  /** Number of classes; 0 when the items have no labels. */
  classes: number;
}

export interface Batch {
  /** What the model is shown, in [0, 1], `[B, H, W, C]`. */
  images: Tensor;
  /** The pictures it is to reconstruct, where they are others: clean ones for noisy `images`. */
  target?: Tensor;
  /** Class of each item, int32 `[B]`, -1 where unknown; only for models with `usesLabels`. */
  labels?: Tensor;
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

export interface LossResult {
  /** Scalar that is minimised. */
  loss: Tensor;
  /** Scalars to log. Nats end in `Nats`, decibels in `Db`. */
  metrics: Record<string, Tensor>;
  /** New values of parameters that are not trained by gradient. */
  updates?: Record<string, Tensor>;
}

/** Everything about each item of a batch that evaluation, previews and the map read. */
export interface Inspection {
  /** `[B, H, W, C]` in [0, 1]. */
  reconstruction: Tensor;
  /** What the model was shown, where that is not the picture itself: `[B, H, W, C]`. */
  shown?: Tensor;
  /** The continuous latent that `decode` takes, flat: `[B, L]`. */
  latent: Tensor;
  /** Codes, int32 `[B, h * w]`, for models with a codebook. */
  codes?: Tensor;
  /** KL of each latent dimension (or each discrete variable) in nats, `[B, D]`. */
  klPerDimension?: Tensor;
  /** log p(x, z) - log q(z|x) of the z that `noise` draws, `[B]`, for the importance-weighted bound. */
  logWeight?: Tensor;
  /** Further values per item, each `[B]`. */
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

export type LatentSpec =
  /** A vector z `[D]`; `size` = D. */
  | { kind: 'vector'; size: number }
  /**
   * A grid of codes `[height, width]`, each one of `codes`; the continuous latent has `size` numbers, `dimensions` of them a vector.
   * With `alphabets` = A, the cell of column x takes only the codes of alphabet x % A, `codes` / A in a row from (x % A) * codes / A.
   */
  | { kind: 'codes'; size: number; height: number; width: number; codes: number; dimensions: number; alphabets?: number };

/** A model for one configuration and one shape of images; pure functions of named tensors. */
export interface Model {
  readonly input: ImageSpec;
  readonly latent: LatentSpec;
  readonly params: readonly ParamSpec[];
  /** Whether it is conditioned on the class of an item. */
  readonly usesLabels?: boolean;
  /** Name of the parameter that counts the use of each code, `[K]`; only for latents of codes. */
  readonly codeCounts?: string;
  /** Noise of a training step with `batch` items. */
  noise(batch: number): Record<string, NoiseSpec>;
  /** Scalars that change while training, fed as inputs: beta, capacity, temperature. */
  readonly hyper: Readonly<Record<string, (progress: Progress) => number>>;
  loss(params: Params, batch: Batch, noise: Params, hyper: Params): LossResult;
  /** A look at a batch, one value per item. `noise` is that of `noise(batch)`, for a bound that needs a sample of z. */
  inspect(params: Params, batch: Batch, noise: Params): Inspection;
  /**
   * @param latent `[B, L]`
   * @param labels int32 `[B]`, -1 where unknown; given to models with `usesLabels`
   * @returns images `[B, H, W, C]` in [0, 1]
   */
  decode(params: Params, latent: Tensor, labels?: Tensor): Tensor;
  /** @param codes int32 `[B, h * w]` @returns images `[B, H, W, C]`; only for latents of codes */
  decodeCodes?(params: Params, codes: Tensor): Tensor;
  /**
   * @param images `[B, H, W, C]`
   * @param labels as of `decode`
   * @returns the latent `[B, L]` that `decode` takes (posterior mean; encoder output before quantisation)
   */
  encode(params: Params, images: Tensor, labels?: Tensor): Tensor;
  /** @returns codes, int32 `[B, h * w]`; only for latents of codes */
  encodeCodes?(params: Params, images: Tensor): Tensor;
  /** How to draw from the prior: a standard normal vector of the latent's size, codes by their frequency, or any code of a cell's alphabet. */
  readonly prior: 'normal' | 'code-frequencies' | 'uniform-codes';
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

export interface Family<Config = Record<string, unknown>> {
  readonly kind: string;
  /** Raised when a checkpoint of before can no longer be read. */
  readonly version: number;
  readonly title: string;
  readonly summary: string;
  readonly latent: 'vector' | 'codes';
  /** Whether its models draw pictures of a class. */
  readonly conditional: boolean;
  readonly schema: z.ZodType<Config>;
  readonly defaults: Config;
  readonly presets: readonly Preset<Config>[];
  /** A configuration small enough for tests on 8x8 images. */
  readonly tiny: Partial<Config>;
  build(config: Config, input: ImageSpec): Model;
  /** Parses and completes a partial configuration. @throws AtelierError 'bad-input' naming the setting */
  parse(config: Record<string, unknown>): Config;
}
