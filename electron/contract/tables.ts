/** Tables of a project, what is kept of a map, and what goes out of it. */
import { z } from 'zod';
import { call } from './define.ts';
import { layout, points, source } from './points.ts';

/** A table that a project refers to; the file stays where it is. */
export interface TableEntry {
  id: string;
  name: string;
  path: string;
  metadata: string | null;
  vectors: string[] | null;
  sprite: { path: string; width: number; height: number } | null;
  addedAt: string;
  /** Whether the file is there. */
  present: boolean;
}

/** A view (camera, colour, layout: whatever the window keeps) or a selection. */
export interface SavedEntry {
  id: string;
  kind: 'view' | 'selection';
  name: string;
  /** Of a selection: points in it. */
  count: number | null;
  /** Of a view: as it was given. */
  state: Record<string, unknown> | null;
  createdAt: string;
}

/** A file: written to `out`, or handed over as bytes where no `out` was given. */
export interface Exported {
  out: string | null;
  name: string;
  mime: string;
  bytes: Uint8Array | null;
  /** Points in it. */
  count: number;
}

const name = z.string().min(1).max(120);
/** Absolute path; unset: the answer has the bytes. */
const out = z.string().min(1).optional();

export const tableCalls = {
  'tables.list': call<TableEntry[]>()(z.object({})),
  /** Takes a table into the project. It is opened once, so that what is wrong with it shows now. */
  'tables.add': call<TableEntry>()(z.object({ path: z.string().min(1), name: name.optional(), metadata: z.string().min(1).optional(), vectors: z.array(z.string()).optional(), sprite: z.object({ path: z.string().min(1), width: z.number().int().min(1), height: z.number().int().min(1) }).optional() })),
  /** Takes it off the list; the file stays. */
  'tables.remove': call<null>()(z.object({ id: z.string().min(1) })),

  'saved.list': call<SavedEntry[]>()(z.object({ source })),
  'saved.view': call<SavedEntry>()(z.object({ source, name, state: z.record(z.string(), z.unknown()) })),
  'saved.selection': call<SavedEntry>()(z.object({ source, name, points })),
  /** The points of a saved selection. */
  'saved.points': call<{ bits: Uint8Array; count: number }>()(z.object({ source, id: z.string().min(1) })),
  'saved.remove': call<null>()(z.object({ source, id: z.string().min(1) })),

  /** Points with their columns and, with a layout, coordinates: .parquet, .csv, .tsv, .json or .jsonl. */
  'out.points': call<Exported>()(z.object({ source, points: points.optional(), layout: layout.optional(), columns: z.array(z.string()).optional(), vectors: z.boolean().default(false), format: z.enum(['parquet', 'csv', 'tsv', 'json', 'jsonl']), out })),
  /** The view as one HTML file that needs nothing else: orbit, legend, hover. Many points are thinned to `most`. */
  'out.page': call<Exported>()(z.object({
    source, layout, title: name.optional(), colorBy: z.string().optional(), points: points.optional(), columns: z.array(z.string()).max(12).optional(),
    /** Colours of the categories by value, `#rrggbb`; others get the application's own. */
    colors: z.record(z.string(), z.string()).optional(),
    thumbnails: z.boolean().default(false), dark: z.boolean().default(true), most: z.number().int().min(1).max(200_000).default(50_000), out,
  })),
  /** A film of pictures that are handed over one by one (each a whole png, jpeg or webp file of under 1 MB). */
  'film.begin': call<{ film: string }>()(z.object({ format: z.enum(['gif', 'webp']), framesPerSecond: z.number().min(1).max(50).default(20), width: z.number().int().min(16).max(2048), height: z.number().int().min(16).max(2048), loop: z.boolean().default(true) })),
  'film.frame': call<{ frames: number }>()(z.object({ film: z.string().min(1), picture: z.custom<Uint8Array>((value) => Object.prototype.toString.call(value) === '[object Uint8Array]', 'expected: Uint8Array') })),
  'film.end': call<Exported>()(z.object({ film: z.string().min(1), out })),
};
