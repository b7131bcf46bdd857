/** Points of a map, whatever they come from: opened, read in pieces, filtered, searched. */
import { z } from 'zod';
import { call, type ErrorValue, type Picture, type Sheet } from './define.ts';
import type { LayoutInfo } from './layouts.ts';

/** A value as a table shows it. Lists and times come as text. */
export type Cell = string | number | boolean | null;

export interface Category {
  value: string;
  count: number;
}

export interface PointColumn {
  name: string;
  /** `list` cannot be a colour; `category` and `boolean` have codes, `text` too, but most of its values are different. */
  type: 'number' | 'integer' | 'boolean' | 'category' | 'text' | 'time' | 'list';
  /** What it is likely meant for. */
  role: 'label' | 'name' | 'image' | 'audio' | 'coordinate' | 'quality' | null;
  /** Points without a value. */
  missing: number;
  /** Least and largest finite value of `number`, `integer` and `time` (milliseconds since 1970). */
  range: [number, number] | null;
  /** Number of different values, about; exact up to 4096. */
  distinct: number;
  /** The most frequent values, at most 64: the first codes stand for them. `points.column` has up to 4096. Empty for `text`, whose values are mostly different. */
  categories: Category[];
}

/** What was left out of a table, the first few rows by their number in the file (from 0). */
export interface LeftOut {
  count: number;
  rows: number[];
  reason: string;
}

export interface PointSource {
  /** What other calls take as `source`. It stays valid over restarts of the engine: a source is opened again when it is first asked for. */
  id: string;
  kind: 'table' | 'run' | 'codebook' | 'voices';
  title: string;
  /** File of the table, folder of the run, or the model of the voices. */
  path: string;
  /** N. Points are numbered from 0 in the order of the file, without what was left out. */
  count: number;
  /** What distances are measured in; null for a table of coordinates only. */
  vectors: { names: string[]; dimensions: number } | null;
  columns: PointColumn[];
  /** Column to colour by first, if any is fit. */
  colorBy: string | null;
  /** Coordinates at hand: of the table itself (never projected unasked), the frames of a run, PCA, what was projected and kept. The first is to be shown first. */
  layouts: LayoutInfo[];
  /** Whether points have pictures or sounds. `points.thumbnails` gives the pictures whatever they come from. */
  media: { pictures: 'column' | 'sprite' | 'run' | null; /** `voices`: codes said by each voice, and samples of the voices. */ sounds: 'column' | 'voices' | null };
  /** The generative run by which positions are decoded; null where nothing decodes. */
  decoder: { run: string; step: number; output: 'picture' } | null;
  leftOut: LeftOut[];
  warnings: string[];
}

/** Column values of points `from` to `from + count`. */
export type ColumnPart =
  | { from: number; count: number; type: 'number'; values: Float32Array }
  /** Codes of `categories`: -1 no value, -2 a value beyond the last category. */
  | { from: number; count: number; type: 'category'; codes: Int32Array; categories: Category[]; beyond: number };

export interface RowPage {
  /** Rows in all, of the whole source or of the selection. */
  total: number;
  from: number;
  /** Point of each row. */
  indices: Int32Array;
  columns: { name: string; values: Cell[] }[];
}

export interface PointItem {
  index: number;
  /** Row of the file, from 0; of a run, the item of its data. */
  row: number;
  name: string;
  label: string | null;
  values: { name: string; value: Cell }[];
  picture: Picture | null;
  /** A whole file, as it lies on disk. */
  sound: { mime: string; name: string; bytes: Uint8Array } | null;
  /** Why there is no picture or sound although there should be one. */
  mediaError: ErrorValue | null;
  /** Where the source decodes: what the model makes of the point. */
  reconstruction: { picture: Picture; psnrDb: number | null } | null;
  codes: { values: Int32Array; height: number; width: number } | null;
}

/** A set of points as N bits: point i is bit i % 8 (least first) of byte floor(i / 8). */
export interface PointSet {
  bits: Uint8Array;
  count: number;
}

/** What an expression that does not hold is told as; `at` and `length` in characters of the text. */
export type Checked =
  | { ok: true; columns: string[] }
  | { ok: false; at: number; length: number; message: string; remedy: string; suggestions: string[] };

export interface Cluster {
  /** -1 is none: `codes` of points between the clusters. */
  id: number;
  count: number;
  /** In the layout's coordinates. */
  centre: [number, number, number];
  /** A closed surface about its inner points (the outermost tenth left out): corners [V, 3] and triangles [F, 3]; of a flat layout the outline in order, without triangles. */
  hull: { corners: Float32Array; triangles: Int32Array };
  /** What its points have in common that others lack, from the metadata; null where nothing stands out. */
  label: string | null;
  /** Share of its points that have the label. */
  purity: number | null;
}

const typed = <T>(name: string): z.ZodType<T, T> => z.custom<T>((value) => Object.prototype.toString.call(value) === `[object ${name}]`, `expected: ${name}`);

/** What other calls take as `source`: `id` of a `PointSource`. */
export const source = z.string().min(1).max(4096);
/** Some points: their numbers, or a bit for each point of the source. */
export const points = z.union([typed<Int32Array>('Int32Array'), typed<Uint8Array>('Uint8Array')]);
export const layout = z.string().min(1).max(512);
export const metric = z.enum(['euclidean', 'cosine']);
export const index = z.number().int().min(0);

/** Most points that `points.positions` and `points.column` give at a time. */
export const mostPoints = 262_144;
const part = { from: index.default(0), count: z.number().int().min(1).max(mostPoints).default(65_536) };

export const pointCalls = {
  /**
   * Opens what a map is made of. A table: csv, tsv, parquet, jsonl, npy, npz, safetensors, or the Embedding Projector's
   * configuration or `tensors.tsv`. A run: its map's items, or all items of a split. A codebook: the codes of a run.
   */
  'points.open': call<PointSource>()(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('table'),
        path: z.string().min(1),
        /** A second table with as many rows in the same order; unset: `metadata.tsv` beside a `tensors.tsv`. */
        metadata: z.string().min(1).optional(),
        /** Columns that make the vectors; unset: chosen by type and name. */
        vectors: z.array(z.string()).optional(),
        /** A picture of all thumbnails, row by row, and the size of one. Unset: that of the projector's configuration. */
        sprite: z.object({ path: z.string().min(1), width: z.number().int().min(1), height: z.number().int().min(1) }).optional(),
      }),
      z.object({ kind: z.literal('run'), run: z.string().min(1), items: z.enum(['map', 'train', 'validation', 'test', 'all']).default('map'), step: index.optional() }),
      z.object({ kind: z.literal('codebook'), run: z.string().min(1), step: index.optional() }),
      /** The codes and the voices of a converter; `model` as in the calls of voices. */
      z.object({ kind: z.literal('voices'), model: z.string().min(1) }),
    ]),
  ),
  /** The same again, with what was added meanwhile (kept projections, their quality). */
  'points.info': call<PointSource>()(z.object({ source })),
  /** Lets go of the memory of a source; what was kept stays kept. */
  'points.close': call<null>()(z.object({ source })),
  /** Coordinates in pieces, [count, 3]; z is 0 in a flat layout. In the layout's own units: see `LayoutInfo.bounds`. */
  'points.positions': call<{ from: number; positions: Float32Array }>()(z.object({ source, layout, ...part })),
  /** Values of a column in pieces. Categories are by falling count; `limit` of them have codes. */
  'points.column': call<ColumnPart>()(z.object({ source, column: z.string().min(1), ...part, limit: z.number().int().min(1).max(4096).default(512) })),
  /** Rows of the table by page, all or of a selection, as the file has them or ordered. */
  'points.rows': call<RowPage>()(
    z.object({
      source,
      from: index.default(0),
      count: z.number().int().min(1).max(1000).default(100),
      columns: z.array(z.string()).max(200).optional(),
      within: points.optional(),
      order: z.object({ column: z.string().min(1), descending: z.boolean().default(false) }).optional(),
    }),
  ),
  'points.item': call<PointItem>()(z.object({ source, index })),
  /** Small pictures of some points, in the order asked for; those without one are empty and listed. */
  'points.thumbnails': call<{ sheet: Sheet; missing: number[] }>()(z.object({ source, indices: z.array(index).min(1).max(1024), size: z.number().int().min(8).max(128).default(48) })),
  /**
   * Points for which an expression holds: `label = 'face' and kl > 3`, `not (split in ('test', 'train'))`, `name contains 'cat'`,
   * `name like 'a%'`, `x between -1 and 1`, `class is null`, `abs(z0) < 0.5`. Fails with 'bad-input' naming the place.
   */
  'points.filter': call<PointSet>()(z.object({ source, expression: z.string().max(10_000) })),
  /** Looks an expression over while it is typed. */
  'points.check': call<Checked>()(z.object({ source, expression: z.string().max(10_000) })),
  /** Points whose name or text columns have the text in them, case aside; the first `limit` by number. */
  'points.search': call<PointSet & { indices: Int32Array }>()(z.object({ source, text: z.string().min(1).max(500), columns: z.array(z.string()).optional(), limit: z.number().int().min(1).max(1000).default(100) })),
  /** Nearest points in the original space, nearest first. */
  'points.neighbours': call<{ indices: Int32Array; distances: Float32Array }>()(z.object({ source, index, count: z.number().int().min(1).max(1000).default(12), metric: metric.default('euclidean') })),
  /** The selection and the `count` nearest points, in the original space, of each of its points. */
  'points.grow': call<PointSet>()(z.object({ source, points, count: z.number().int().min(1).max(100).default(5), metric: metric.default('euclidean') })),
  /** What a selection has that the rest has not: counts of categories and means of numbers, most telling first. */
  'points.describe': call<{ count: number; columns: { name: string; type: 'number' | 'category'; mean?: number; meanOfAll?: number; top?: { value: string; count: number; share: number; shareOfAll: number }[] }[] }>()(z.object({ source, points })),
  /** Dense regions of a layout with hulls and labels from the metadata. */
  'points.clusters': call<{ clusters: Cluster[]; codes: Int32Array }>()(z.object({ source, layout, /** More gives more and smaller clusters. */ detail: z.number().min(0).max(1).default(0.5), column: z.string().optional() })),
};
