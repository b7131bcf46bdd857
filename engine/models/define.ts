import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { Params } from '../nn/layer.ts';
import type { Batch, ImageSpec, Observation, Preset, Trainable } from '../nn/trainable.ts';

export type { Batch, Drawn, ImageSpec, LossResult, Maintenance, MaintenanceResult, NoiseSpec, Preset, Progress, Trainable } from '../nn/trainable.ts';

/** Everything about each item of a batch that evaluation, previews and the map read. */
export interface Inspection extends Observation {
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
}

export type LatentSpec =
  /** A vector z `[D]`; `size` = D. */
  | { kind: 'vector'; size: number }
  /**
   * A grid of codes `[height, width]`, each one of `codes`; the continuous latent has `size` numbers, `dimensions` of them a vector.
   * With `alphabets` = A, the cell of column x takes only the codes of alphabet x % A, `codes` / A in a row from (x % A) * codes / A.
   */
  | {
    kind: 'codes'; size: number; height: number; width: number; codes: number; dimensions: number; alphabets?: number;
    /** For several grids, the coarsest first: `height` is then 1 and `width` the cells of all, one grid after another; see `gridsOf`. */
    grids?: readonly GridSpec[];
  };

/** One of the grids of codes a picture is written with. Its codes have numbers of their own: `first` to `first` + `codes` - 1. */
export interface GridSpec {
  /** `top`, `middle` or `bottom`. */
  name: string;
  height: number;
  width: number;
  codes: number;
  first: number;
}

/** A model for one configuration and one shape of images; pure functions of named tensors. */
export interface Model extends Trainable {
  readonly latent: LatentSpec;
  /** Names of the parameters that count the use of codes, in the order of the codes; only for latents with a codebook. */
  readonly codeCounts?: readonly string[];
  inspect(params: Params, batch: Batch, noise: Params): Inspection;
  /**
   * @param latent `[B, L]`
   * @param labels int32 `[B]`, -1 where unknown; given to models with `usesLabels`
   * @returns images `[B, H, W, C]` in [0, 1]
   */
  decode(params: Params, latent: Tensor, labels?: Tensor): Tensor;
  /** @param codes int32 `[B, h * w]` @param labels as of `decode` @returns images `[B, H, W, C]`; only for latents of codes */
  decodeCodes?(params: Params, codes: Tensor, labels?: Tensor): Tensor;
  /**
   * The picture of codes in a style that is given as a mixture of the classes; only for models whose codes leave style out.
   * @param codes int32 `[B, h * w]` @param styles weight of each class, `[B, S]`, adding up to 1
   */
  restyle?(params: Params, codes: Tensor, styles: Tensor): Tensor;
  /**
   * Decodes code vectors between two lists of codes, without going over to the nearest code; only for latents with a codebook.
   * @param from int32 `[B, h * w]` @param to as `from` @param share `[B]`, 0 is all of `from`, 1 all of `to`
   */
  blendCodes?(params: Params, from: Tensor, to: Tensor, share: Tensor): Tensor;
  /**
   * @param images `[B, H, W, C]`
   * @param labels as of `decode`
   * @returns the latent `[B, L]` that `decode` takes (posterior mean; encoder output before quantisation)
   */
  encode(params: Params, images: Tensor, labels?: Tensor): Tensor;
  /** Standard deviations of a Gaussian posterior around `encode`, `[B, L]`; only where it is one. */
  deviation?(params: Params, images: Tensor, labels?: Tensor): Tensor;
  /** @returns codes, int32 `[B, h * w]`; only for latents of codes */
  encodeCodes?(params: Params, images: Tensor): Tensor;
  /** The latent that a draw of N(0, I) stands for, `[B, L]`; unset: the draw itself. @param labels as of `decode` */
  fromNoise?(params: Params, noise: Tensor, labels?: Tensor): Tensor;
  /** How to draw from the prior: a standard normal vector of the latent's size (through `fromNoise`), codes by their frequency, or any code of a cell's alphabet. */
  readonly prior: 'normal' | 'code-frequencies' | 'uniform-codes';
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
  /** Whether its models draw a picture again in the style of a class. */
  readonly restyles: boolean;
  readonly schema: z.ZodType<Config>;
  readonly defaults: Config;
  readonly presets: readonly Preset<Config>[];
  /** A configuration small enough for tests on 8x8 images. */
  readonly tiny: Partial<Config>;
  build(config: Config, input: ImageSpec): Model;
  /** Parses and completes a partial configuration. @throws AtelierError 'bad-input' naming the setting */
  parse(config: Record<string, unknown>): Config;
}
