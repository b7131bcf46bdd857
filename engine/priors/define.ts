import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { Shape } from '../core/axes.ts';
import type { Params } from '../nn/layer.ts';
import type { Preset, Trainable } from '../nn/trainable.ts';

/** The codes that a prior is over. */
export interface CodeGrid {
  height: number;
  width: number;
  /** K, of all alphabets together. */
  codes: number;
  /** A: the cell of column x takes only codes in [a, a + 1) * K / A, a = x % A. */
  alphabets: number;
  /** Number of classes it may be told; 0 is none. */
  classes: number;
}

/**
 * p(codes), cell after cell in reading order. Trained on "images" that are grids of codes, `[B, h, w, 1]`.
 * Two small graphs draw a grid without looking at all of it for each cell: `row` once before each row, `cell` at each cell; what they
 * must remember between calls are the caches.
 */
export interface CodePrior extends Trainable {
  readonly grid: CodeGrid;
  /**
   * @param codes int32 `[B, h, w]`
   * @param labels int32 `[B]`, -1 where unknown; only with `usesLabels`
   * @returns log-odds of each code at each cell given the cells before it, `[B, h, w, K]`; those of other alphabets very low
   */
  logits(params: Params, codes: Tensor, labels?: Tensor): Tensor;
  /** Shapes of what `row` and `cell` remember, all nought before the first row. */
  caches(batch: number): Record<string, Shape>;
  /**
   * Before a row.
   * @param above codes of the row above, int32 `[B, w]`; anything for the first row
   * @param any float32 scalar, 0 for the first row and 1 for the others
   * @returns new caches by name
   */
  row(params: Params, caches: Params, given: { above: Tensor; any: Tensor; labels?: Tensor }): Record<string, Tensor>;
  /**
   * At a cell of the row.
   * @param left code of the cell before, int32 `[B]`; anything for the first column
   * @param any float32 scalar, 0 for the first column and 1 for the others
   * @param column int32 `[1]`
   * @returns logits `[B, K]` (those of other alphabets not lowered) and new caches by name
   */
  cell(params: Params, caches: Params, given: { left: Tensor; any: Tensor; column: Tensor; labels?: Tensor }): { logits: Tensor; caches: Record<string, Tensor> };
}

export interface PriorFamily<Config = Record<string, unknown>> {
  readonly kind: string;
  /** Raised when a checkpoint of before can no longer be read. */
  readonly version: number;
  readonly title: string;
  readonly summary: string;
  readonly schema: z.ZodType<Config>;
  readonly defaults: Config;
  readonly presets: readonly Preset<Config>[];
  /** A configuration small enough for tests. */
  readonly tiny: Partial<Config>;
  build(config: Config, grid: CodeGrid): CodePrior;
  /** Parses and completes a partial configuration. @throws AtelierError 'bad-input' naming the setting */
  parse(config: Record<string, unknown>): Config;
}
