/** Coordinates of points: what a table brought along, principal components, and projections that are computed and kept. */
import { z } from 'zod';
import { call, stream } from './define.ts';
import { layout, metric, points, source } from './points.ts';

export interface LayoutQuality {
  /** 0 to 1: how few of the neighbours seen are false (Venna and Kaski 2001). */
  trustworthiness: number;
  /** 0 to 1: how few true neighbours were torn away. */
  continuity: number;
  /** Mean share of the true neighbours that are neighbours in the layout. */
  neighbourRecall: number;
  k: number;
  /** Points it was measured on. */
  sampled: number;
}

export interface LayoutInfo {
  /** What calls take as `layout`: `columns:x,y,z`, `raw:0,1,2`, `pca:0,1,2` (any three, from 0), `frame:<step>`, or the id of a kept projection. */
  id: string;
  name: string;
  kind: 'columns' | 'raw' | 'pca' | 'umap' | 'tsne' | 'frame';
  dims: 2 | 3;
  /** Smallest and largest coordinate on each axis; null until it has been computed. */
  bounds: { low: [number, number, number]; high: [number, number, number] } | null;
  /** Words for the axes, such as `PC 1 (23 %)` or the column. */
  axes: string[];
  /** Share of the variance along each axis (PCA). */
  explained: number[] | null;
  /** Settings it was made with. */
  parameters: Record<string, string | number | boolean | null>;
  quality: LayoutQuality | null;
  /** Columns of the source that tell each point's quality in this layout. */
  qualityColumns: string[];
  /** How `explore.decode` turns positions of this layout into latents; null where nothing decodes. */
  inverse: 'exact' | 'local' | null;
  createdAt: string | null;
}

/** A layout under way. */
export interface LayoutFrame {
  layout: string;
  epoch: number;
  epochs: number;
  /** Numbers of the points that are sent, ascending; null: all. Large layouts are sent thinned while they move. */
  indices: Int32Array | null;
  /** [n, 3], roughly within the unit sphere; z is 0 when flat. */
  positions: Float32Array;
}

export const layoutRequest = z.object({
  source,
  method: z.enum(['pca', 'umap', 'tsne']),
  dims: z.union([z.literal(2), z.literal(3)]).default(3),
  name: z.string().min(1).max(120).optional(),
  metric: metric.default('euclidean'),
  /** UMAP: points of a neighbourhood; more show the large, fewer the small. */
  neighbours: z.number().int().min(2).max(200).default(15),
  /** UMAP: how close points may lie, in units of the layout. */
  minDist: z.number().min(0).max(10).default(0.1),
  spread: z.number().min(0.01).max(10).default(1),
  /** t-SNE: how many neighbours a point feels. */
  perplexity: z.number().min(2).max(200).default(30),
  /** UMAP's epochs or t-SNE's rounds after the early ones; unset: by the number of points, and 500. */
  epochs: z.number().int().min(1).max(100_000).optional(),
  /** UMAP: a column whose classes are drawn apart. */
  supervise: z.string().optional(),
  /** Only these points are laid out; the others are placed among them by their neighbours. */
  points: points.optional(),
  /** A layout to be turned onto, so that nothing jumps. */
  align: layout.optional(),
  seed: z.number().int().default(0),
  quality: z.boolean().default(true),
});

export const layoutCalls = {
  /** A job (`jobs.*` shows, cancels it; its result is the layout's id). Earlier neighbours of the source are used again. */
  'layouts.start': call<{ job: string; layout: string }>()(layoutRequest),
  'layouts.list': call<LayoutInfo[]>()(z.object({ source })),
  'layouts.rename': call<LayoutInfo>()(z.object({ source, layout, name: z.string().min(1).max(120) })),
  /** Forgets a kept projection. */
  'layouts.remove': call<null>()(z.object({ source, layout })),
  /** Shares of the variance of the principal components, largest first. */
  'layouts.components': call<{ explained: number[] }>()(z.object({ source, count: z.number().int().min(1).max(50).default(10) })),
};

export const layoutStreams = {
  /** Frames of a layout while it is computed, a few a second; ends by itself when the job does. */
  'layouts.frames': stream<LayoutFrame>()(z.object({ layout })),
};
