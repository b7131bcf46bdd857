/** Work on the points of a map that takes threads of its own. Matrices are in shared memory, so nothing large is copied. */
import type { InverseReport } from '../../../electron/contract/index.ts';
import type { Projection } from '../../core/projection.ts';
import type { Metric, Neighbours, Pca, Rows } from '../../projection/index.ts';
import type { LaidOut, LayoutSettings } from '../projections/lay-out.ts';

export interface LayoutTask {
  input: { rows: Rows; settings: LayoutSettings; known?: Neighbours; classes?: Int32Array; align?: Float32Array; only?: Int32Array };
  output: LaidOut;
}

export interface ComponentsTask {
  input: { rows: Rows; k: number; seed: number };
  /** `scores` [N, k]: each row along each component. */
  output: Pca & { k: number; scores: Float32Array };
}

export interface GrowTask {
  input: { rows: Rows; points: Int32Array; k: number; metric: Metric };
  /** Neighbours of each point, itself among them. */
  output: Int32Array;
}

/** Items of a run or codes of a codebook. */
export interface LatentsTask {
  input: { run: string; items: 'map' | 'train' | 'validation' | 'test' | 'all' | 'codebook'; step?: number };
  output: {
    step: number;
    title: string;
    /** [N, D], in shared memory. */
    values: Float32Array;
    n: number;
    d: number;
    vectors: string[];
    /** Item of the data of each point; of a codebook its own number. */
    items: Int32Array;
    columns: { name: string; values: (string | null)[] | Float32Array | Int32Array }[];
    /** Codes of each item, [N, height * width]. */
    codes: { values: Int32Array; height: number; width: number } | null;
    warnings: string[];
  };
}

/** How well positions are turned back, on items that are held out. */
export interface EvaluateInverseTask {
  input: {
    run: string;
    step: number;
    /** Item of the run's data of each row. */
    items: Int32Array;
    rows: Rows;
    /** [N, 3] */
    positions: Float32Array;
    dims: 2 | 3;
    /** Its name. */
    layout: string;
    kind: 'exact' | 'local';
    /** Of a local one that UMAP made: held-out rows are moved by its forces. */
    umap: { minDist: number; spread: number } | null;
    axes: 'raw' | 'components';
    projection: Projection | null;
    heldOut: number;
    seed: number;
  };
  output: InverseReport;
}
