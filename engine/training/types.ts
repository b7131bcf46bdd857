import type { MetricRow, RunEvent, RunInfo, TrainingPlan } from '../../electron/contract/index.ts';
import type { ImageSet } from '../core/image-set.ts';
import type { Logger } from '../core/log.ts';
import type { Shape } from '../core/axes.ts';
import type { Device, GraphFunction, HostArray, TensorSpec } from '../device/types.ts';
import type { Model } from '../models/define.ts';
import type { CodePacker } from '../priors/code-packer.ts';
import type { PriorModel } from '../priors/index.ts';
import type { SampleCodesOptions } from '../priors/sampler.ts';
import type { RunFolder } from '../store/run-folder.ts';
import type { Views, ViewsContext } from './views.ts';

/** What a running job is asked to do; read between steps. */
export interface TrainingControl {
  readonly request: 'go' | 'pause' | 'cancel';
  pause(): void;
  cancel(): void;
}

export function createControl(): TrainingControl {
  let request: TrainingControl['request'] = 'go';
  return {
    get request() {
      return request;
    },
    pause() {
      if (request === 'go') request = 'pause';
    },
    cancel() {
      request = 'cancel';
    },
  };
}

export interface TrainingProgress {
  step: number;
  steps: number;
  /** 0 to 1. */
  progress: number;
  etaSec: number | null;
  elapsedSec: number;
  /** What it does just now, for people. */
  message: string;
}

export interface TrainingOptions {
  /** The run to work on; it is locked meanwhile. A run that has checkpoints goes on from the newest valid one. */
  run: RunFolder;
  images: ImageSet;
  device: Device;
  log?: Logger;
  control?: TrainingControl;
  onEvent?: (event: RunEvent) => void;
  /** Previews and map of another kind than a model's. */
  views?: (context: ViewsContext) => Views;
  /** At most a few times a second. */
  onProgress?: (progress: TrainingProgress) => void;
}

export interface RunRequest {
  family: string;
  preset?: string;
  config?: Record<string, unknown>;
  training?: Partial<TrainingPlan>;
  seed?: number;
  name?: string;
}

/** Per-split metrics of a trained model. */
export interface Evaluation {
  split: 'train' | 'validation' | 'test';
  items: number;
  step: number;
  seconds: number;
  metrics: Record<string, number>;
  /** Use of each code, summing to 1, `[K]`. */
  codeUsage: Float32Array | null;
  /** KL of each dimension in nats, `[D]`. */
  klPerDimension: Float32Array | null;
  /** What figures rest on, for people. */
  notes?: string[];
}

export type { MetricRow, RunEvent, RunInfo, TrainingPlan };

/** A trained model, opened from a checkpoint. Arrays of images are `[N, H, W, C]`, row-major, in [0, 1]; any N. */
export interface Trained {
  readonly info: RunInfo;
  readonly step: number;
  readonly model: Model;
  /** Changes when any weight of the model does. */
  readonly fingerprint: string;
  /** What draws codes, where the run is a prior's. */
  readonly prior?: TrainedPrior;
  /**
   * `[N, L]`: what `decode` takes. L is `model.latent.size`.
   * @param labels class of each item, -1 where unknown, for models with `usesLabels`; unset: all unknown
   */
  encode(images: Float32Array, labels?: Int32Array): Promise<Float32Array>;
  /** Standard deviations of a Gaussian posterior, `[N, L]`; only for models that have one. */
  deviations?(images: Float32Array, labels?: Int32Array): Promise<Float32Array>;
  /** `[N, h * w]`. @throws AtelierError 'bad-input' when the latent is a vector */
  encodeCodes(images: Float32Array): Promise<Int32Array>;
  /** @param latents `[N, L]` @param labels as of `encode` */
  decode(latents: Float32Array, labels?: Int32Array): Promise<Float32Array>;
  /**
   * Decodes code vectors between two lists of codes.
   * @param from `[N, h * w]` @param to as `from` @param share `[N]`, 0 is all of `from`, 1 all of `to`
   * @throws AtelierError 'bad-input' for a model without a codebook
   */
  blendCodes(from: Int32Array, to: Int32Array, share: Float32Array): Promise<Float32Array>;
  /** @param codes `[N, h * w]` @param labels as of `encode` */
  decodeCodes(codes: Int32Array, labels?: Int32Array): Promise<Float32Array>;
  /**
   * Pictures of codes in a mixture of styles, which are the classes of the data.
   * @param codes `[N, h * w]` @param styles weight of each class, adding up to 1
   * @throws AtelierError 'bad-input' for a model without styles
   */
  restyle(codes: Int32Array, styles: readonly number[]): Promise<Float32Array>;
  reconstruct(images: Float32Array, labels?: Int32Array): Promise<Float32Array>;
  /**
   * `note` says, for people, what the samples were drawn from.
   * @throws AtelierError 'bad-input' for a class that is unknown or cannot be asked for
   */
  sample(count: number, options?: SampleOptions): Promise<{ images: Float32Array; note: string; columns?: number }>;
  evaluate(images: ImageSet, options?: EvaluateOptions): Promise<Evaluation>;
  /** Latents, codes and metrics of the named items, in order. */
  embed(images: ImageSet, indices: ArrayLike<number>, onProgress?: (fraction: number) => void): Promise<Embedding>;
  /** Functions and weights for ONNX export (`exportOnnx` of the device). */
  exportable(batch: number): Exportable[];
  dispose(): void;
}

export interface SampleOptions extends Pick<SampleCodesOptions, 'temperature' | 'topK' | 'topP' | 'guidance'> {
  seed?: number;
  /** Name of a class. Unset: each class in turn, and each round of classes in one style; `columns` is then the number of classes. */
  label?: string;
}

export interface EvaluateOptions {
  split?: 'train' | 'validation' | 'test';
  /** At most so many items of the split; unset: all. */
  limit?: number;
  /** Samples k of z per item for the importance-weighted bound (Burda et al. 2016), reported as `iwNats`; unset: none. */
  importanceSamples?: number;
  signal?: { readonly aborted: boolean };
  onProgress?: (fraction: number) => void;
}

export interface Embedding {
  /** `[N, L]` */
  latents: Float32Array;
  /** `[N, h * w]` or null. */
  codes: Int32Array | null;
  /** Per-item values, each `[N]`: psnrDb, klNats, ... */
  metrics: Record<string, Float32Array>;
}

export interface Exportable {
  /** File name without extension: `encoder`, `decoder`, `codes-encoder`, `codes-decoder`. */
  name: string;
  summary: string;
  fn: GraphFunction;
  inputs: Record<string, TensorSpec>;
  state: Record<string, { shape: Shape; values: HostArray }>;
}

/** A prior over the model's codes. */
export interface TrainedPrior extends Pick<CodePacker, 'pack' | 'unpack'> {
  /** Changes when any weight of the prior does. */
  readonly fingerprint: string;
  readonly model: PriorModel;
  readonly conditional: boolean;
  /** Bits of each code given those before it. @param codes `[N, h * w]` @param label class they are read as; unset: none @returns `[N, h * w]` @throws AtelierError 'bad-input' */
  surprise(codes: Int32Array, label?: string): Promise<Float32Array>;
  /** @returns codes `[count, h * w]` @throws AtelierError 'bad-input' */
  sample(count: number, options?: SampleOptions & Pick<SampleCodesOptions, 'given' | 'labels' | 'streams' | 'onProgress'>): Promise<Int32Array>;
}

/** Decodes any position of one frame of a run's map. */
export interface Probe {
  readonly step: number;
  readonly count: number;
  /** @param position in the unit sphere of the frame */
  decode(position: readonly [number, number, number]): Promise<{ image: Float32Array; confidence: number; nearest: number[] }>;
  /** The nearest items of a map item in latent space (of the three axes), closest first. */
  neighbours(item: number, count: number): { index: number; distance: number }[];
}
