import type { Tensor } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { Shape } from '../core/axes.ts';
import type { Params, ParamSpec } from '../nn/layer.ts';
import type { NoiseSpec, Preset, Trainable } from '../nn/trainable.ts';

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

/** One of several grids that pictures are written with, in an item's list of codes. */
export interface ListedGrid extends CodeGrid {
  name: string;
  /** First cell in the list. */
  at: number;
  /** Number of the grid's first code in the list. */
  first: number;
}

/** What a prior may be told beside the codes before a cell. */
export interface Told {
  /** int32 `[B]`, -1 where unknown; only with `usesLabels`. */
  labels?: Tensor;
  /** What `condition` made of coarser grids, `[B, h, w, E]`. */
  condition?: Tensor;
  /** Of `noise`, in training. */
  noise?: Params;
}

/**
 * p(codes of one grid), cell after cell in reading order; given coarser grids, where there are any.
 * Two small graphs draw a grid without looking at all of it for each cell: `row` once before each row, `cell` at each cell; what they
 * must remember between calls are the caches.
 */
export interface CodePrior {
  readonly grid: CodeGrid;
  readonly params: readonly ParamSpec[];
  readonly usesLabels: boolean;
  noise(batch: number): Record<string, NoiseSpec>;
  /** Grids whose codes it is told, the coarsest first. */
  readonly coarser: readonly CodeGrid[];
  /** Features of the coarser grids at this grid's cells; only with `coarser`. @param codes int32 `[B, h, w]` of each @returns `[B, h, w, E]` */
  condition?(params: Params, codes: readonly Tensor[]): Tensor;
  /** E */
  readonly conditionSize: number;
  /**
   * @param codes int32 `[B, h, w]`
   * @returns log-odds of each code at each cell given the cells before it, `[B, h, w, K]`; those of other alphabets very low
   */
  logits(params: Params, codes: Tensor, told: Told): Tensor;
  /** Whether cells look at those of finished rows by themselves, so that none may be passed over. */
  readonly looksBack: boolean;
  /** Shapes of what `row` and `cell` remember, all nought before the first row. */
  caches(batch: number): Record<string, Shape>;
  /**
   * Before a row.
   * @param above codes of the row above, int32 `[B, w]`; anything for the first row
   * @param any float32 scalar, 0 for the first row and 1 for the others
   * @param row its number, int32 `[1]`
   * @param condition of this row, `[B, 1, w, E]`
   * @returns new caches by name
   */
  row(params: Params, caches: Params, given: {
    above: Tensor;
    any: Tensor;
    row: Tensor;
    condition?: Tensor;
    labels?: Tensor;
  }): Record<string, Tensor>;
  /**
   * At a cell of the row.
   * @param left code of the cell before, int32 `[B]`; anything for the first column
   * @param any float32 scalar, 0 for the first column and 1 for the others
   * @param row int32 `[1]`
   * @param column int32 `[1]`
   * @returns logits `[B, K]` (those of other alphabets not lowered) and new caches by name
   */
  cell(params: Params, caches: Params, given: {
    left: Tensor;
    any: Tensor;
    row: Tensor;
    column: Tensor;
    labels?: Tensor;
  }): {
    logits: Tensor;
    caches: Record<string, Tensor>;
  };
}

/** p(all codes of a picture): of the coarsest grid, then of each finer one given those. Trained on lists of codes as "images" `[B, 1, cells, 1]` (a single grid: `[B, h, w, 1]`). */
export interface PriorModel extends Trainable {
  readonly levels: readonly PriorLevel[];
  /** Codes of a picture. */
  readonly cells: number;
  /** Bits of each code given those before it: -log2 p. @param codes `[B, cells]` @param labels int32 `[B]`, -1 where unknown; only with `usesLabels` @returns `[B, cells]` */
  surprise(params: Params, codes: Tensor, labels?: Tensor): Tensor;
}

export interface PriorLevel {
  readonly prior: CodePrior;
  readonly grid: ListedGrid;
  /** Of the names of its parameters in the whole. */
  readonly prefix: string;
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
  /** The preset for codes of several grids where none is asked for. */
  readonly ofSeveral: string;
  /** @param grids of a picture, the coarsest first */
  build(config: Config, grids: readonly ListedGrid[]): PriorModel;
  /** Parses and completes a partial configuration. @throws AtelierError 'bad-input' naming the setting */
  parse(config: Record<string, unknown>): Config;
}
