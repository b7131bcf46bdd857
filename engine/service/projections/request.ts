import type { Metric } from '../../projection/index.ts';
import type { LayoutSettings } from './lay-out.ts';

/** What `atelier project` asks for. Paths are absolute. */
export interface ProjectionRequest extends LayoutSettings {
  table: string;
  metadata?: string;
  /** Columns that make the vectors. */
  columns?: string[];
  out: string;
  /** Metadata column whose classes are to be drawn apart (UMAP). */
  supervise?: string;
  /** An earlier result of the same rows, to be turned onto. */
  align?: string;
  /** Rows are placed into the layout of another table, which stays as it is; `method` says what made that layout. */
  into?: { table: string; layout: string };
  threads?: number;
}

export interface ProjectionSummary {
  out: string;
  columns: string[];
  method: ProjectionRequest['method'];
  rows: number;
  dimensions: number;
  /** Columns that the vectors were made of. */
  vectors: string[];
  excludedRows: number;
  /** Share of the true neighbours that the search found; null where no neighbours were needed. */
  searchRecall: number | null;
  /** PCA: fraction of the variance along each axis. */
  explained: number[] | null;
  quality: { trustworthiness: number; continuity: number; neighbourRecall: number; k: number; sampled: number } | null;
  seconds: { read: number; neighbours: number; layout: number; quality: number; total: number };
  warnings: string[];
}

export interface NeighboursRequest {
  table: string;
  metadata?: string;
  columns?: string[];
  out: string;
  k: number;
  metric: Metric;
  /** Share of the true neighbours to find; 1 searches exactly. */
  recall: number;
  seed: number;
}

export interface NeighboursSummary {
  out: string;
  rows: number;
  k: number;
  searchRecall: number;
  excludedRows: number;
  seconds: number;
  warnings: string[];
}
