import { z } from 'zod';
import { call, stream, type ErrorValue, type Picture, type Sheet } from './define.ts';
import { drawing } from './drawing.ts';

/**
 * A canvas is a picture as its codes have it. Its size counts in cells of the coarsest grid; a canvas may be larger than the pictures a
 * model was trained on. Codes of all grids stand in one list, the coarsest grid first, each row by row.
 */
export interface CanvasGrid {
  /** `codes`, or `top`, `middle`, `bottom`. */
  name: string;
  /** Cells for each cell of the coarsest grid, on each axis. */
  scale: number;
  /** Codes that may stand in it: from `first`, so many. */
  first: number;
  codes: number;
  /** Codes of column x are of alphabet x % alphabets, each of codes / alphabets. */
  alphabets: number;
}

/** What can be drawn on with a run. */
export interface CanvasInfo {
  run: string;
  name: string;
  step: number;
  fingerprint: string;
  channels: number;
  /** Pixels on a side of a cell of the coarsest grid. */
  cellPixels: number;
  /** Cells of the coarsest grid of the pictures it was trained on. */
  rows: number;
  columns: number;
  grids: CanvasGrid[];
  classes: string[];
  /** Priors that have learned these codes, the newest first. */
  priors: { run: string; name: string; conditional: boolean; step: number }[];
}

/** How a picture came to be; kept inside its file. */
export const recipe = z.object({
  kind: z.enum(['sample', 'variation', 'canvas', 'transfer']),
  run: z.string(),
  runName: z.string(),
  fingerprint: z.string(),
  step: z.number().int(),
  prior: z.string().optional(),
  seed: z.number().int().optional(),
  /** Which of the pictures of its seed. */
  index: z.number().int().optional(),
  label: z.string().optional(),
  temperature: z.number().optional(),
  topK: z.number().optional(),
  topP: z.number().optional(),
  guidance: z.number().optional(),
  /** Weight of each style that it was drawn in. */
  styles: z.record(z.string(), z.number()).optional(),
  strength: z.number().optional(),
  /** In words, for what the settings above do not tell. */
  note: z.string().optional(),
  /** Gallery picture it was made from. */
  from: z.string().optional(),
  canvas: z.object({ rows: z.number().int(), columns: z.number().int(), codes: z.array(z.number().int()) }).optional(),
});
export type Recipe = z.output<typeof recipe>;

export interface GalleryItem {
  /** Its file's name in the project's gallery. */
  id: string;
  path: string;
  width: number;
  height: number;
  at: string;
  favourite: boolean;
  /** Null for a file that was put there by hand. */
  recipe: Recipe | null;
}

export type GenerateEvent =
  /** 0 to 1 of all. */
  | { type: 'progress'; done: number }
  | { type: 'picture'; index: number; item: GalleryItem; picture: Picture }
  | { type: 'done'; note: string; seconds: number }
  | { type: 'failed'; error: ErrorValue };

/** A picture with edits of its codes, kept in the project so that it can be gone on with. */
export const canvasDocument = z.object({
  name: z.string().min(1).max(120),
  run: z.string().min(1),
  fingerprint: z.string(),
  rows: z.number().int().min(1).max(256),
  columns: z.number().int().min(1).max(256),
  /** The codes at the bottom. */
  base: z.array(z.number().int().min(0)),
  /** Edits above, the lowest first: cells and what stands in them. */
  layers: z.array(z.object({ name: z.string().max(120), visible: z.boolean(), cells: z.array(z.number().int().min(0)), codes: z.array(z.number().int().min(0)) })).max(500),
  label: z.string().optional(),
});
export type CanvasDocument = z.output<typeof canvasDocument>;

export interface CanvasDocumentInfo {
  id: string;
  name: string;
  run: string;
  at: string;
}

const run = z.string().min(1);
const step = z.number().int().min(0).optional();
const side = z.number().int().min(1).max(256);
const codes = z.custom<Int32Array>((value) => value instanceof Int32Array, 'expected an Int32Array');
const canvas = { codes, rows: side, columns: side };
const id = z.string().regex(/^[\w][\w .()-]{0,150}\.png$/, 'no name of a picture in the gallery');
const documentId = z.string().regex(/^[\w][\w-]{0,80}$/, 'no name of a canvas');

export const studio = {
  /** @throws 'bad-input' for a run without codes */
  'studio.open': call<CanvasInfo>()(z.object({ run, step })),
  /** A swatch of each code of a grid as the decoder draws it, and how often each stands in held-out pictures. */
  'studio.codebook': call<{ sheet: Sheet; use: Float32Array }>()(z.object({ run, grid: z.number().int().min(0).default(0), step })),
  /** Codes of an item of the run's data, of a file, or of a file's bytes. Unset size: as the run was trained; a larger one fits the whole picture. */
  'studio.encode': call<{ codes: Int32Array; rows: number; columns: number; label: string | null; original: Picture; decoded: Picture; psnrDb: number; notes: string[] }>()(
    z.object({ run, step, item: z.number().int().min(0).optional(), path: z.string().optional(), bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes').optional(), rows: side.optional(), columns: side.optional() }),
  ),
  'studio.decode': call<{ picture: Picture }>()(z.object({ run, step, ...canvas })),
  /** Draws the cells of `mask` (1 for new, as long as `codes`) anew by a prior; unset: the newest that knows these codes. */
  'studio.resample': call<{ variants: { codes: Int32Array; picture: Picture }[]; note: string }>()(
    z.object({ run, step, prior: z.string().optional(), ...canvas, mask: codes, count: z.number().int().min(1).max(32).default(4), ...drawing }),
  ),
  /** As `resample`, of about a share `amount` of the cells, in patches. */
  'studio.vary': call<{ variants: { codes: Int32Array; picture: Picture }[]; note: string }>()(
    z.object({ run, step, prior: z.string().optional(), ...canvas, amount: z.number().min(0.01).max(1).default(0.3), count: z.number().int().min(1).max(32).default(8), ...drawing }),
  ),
  /**
   * Moves a picture's latent along attributes, each the mean of a class (or of some items of the run's data) less the mean of all, times its
   * amount. Canvases of the size that the run was trained on. Nought changes nothing.
   */
  'studio.shift': call<{ codes: Int32Array; picture: Picture }>()(
    z.object({ run, step, ...canvas, shifts: z.array(z.object({ label: z.string().optional(), items: z.array(z.number().int().min(0)).min(2).max(5000).optional(), amount: z.number().min(-4).max(4) })).min(1).max(32) }),
  ),
  /** Draws the codes anew that surprise a prior most, about a share `amount` of each grid: where a picture is damaged or noisy. `mask`: which. */
  'studio.recover': call<{ variants: { codes: Int32Array; picture: Picture }[]; mask: Int32Array; note: string }>()(
    z.object({ run, step, prior: z.string().optional(), ...canvas, amount: z.number().min(0.005).max(1).default(0.1), count: z.number().int().min(1).max(32).default(4), ...drawing }),
  ),
  /** Pictures between key pictures of equal size, as a sheet of frames, or a film where `out` names a .gif or .webp file. */
  'studio.interpolate': call<{ frames: Sheet; out: string | null; fps: number }>()(
    z.object({
      run,
      step,
      keys: z.array(z.object(canvas)).min(2).max(64),
      /** `latents`: code vectors are blended; `codes`: cell after cell changes over; `levels`: grid after grid, the coarsest first. */
      through: z.enum(['latents', 'codes', 'levels']).default('latents'),
      easing: z.enum(['linear', 'smooth', 'hold']).default('smooth'),
      /** Frames from one key to the next. */
      between: z.number().int().min(1).max(120).default(12),
      loop: z.boolean().default(false),
      fps: z.number().min(1).max(60).default(12),
      seed: z.number().int().default(0),
      out: z.string().optional(),
      /** Whole-number enlargement of the film. */
      scale: z.number().int().min(1).max(16).default(1),
    }),
  ),

  'gallery.list': call<{ total: number; items: GalleryItem[] }>()(z.object({ offset: z.number().int().min(0).default(0), limit: z.number().int().min(1).max(500).default(100), favourites: z.boolean().default(false) })),
  'gallery.picture': call<Picture>()(z.object({ id })),
  /** Keeps a picture of the canvas. */
  'gallery.keep': call<GalleryItem>()(z.object({ run, step, ...canvas, recipe: recipe.pick({ kind: true, seed: true, label: true, note: true, from: true }).partial({ kind: true }) })),
  'gallery.favourite': call<GalleryItem>()(z.object({ id, favourite: z.boolean() })),
  /** Into the project's bin; undo with gallery.restore. */
  'gallery.remove': call<null>()(z.object({ ids: z.array(id).min(1).max(500) })),
  'gallery.restore': call<null>()(z.object({ ids: z.array(id).min(1).max(500) })),
  /** Copies of pictures, named by a pattern of {name}, {run}, {class}, {seed} and {n}, whole-number enlarged; none is overwritten. */
  'gallery.export': call<{ folder: string; files: string[] }>()(
    z.object({
      ids: z.array(id).min(1).max(500),
      folder: z.string().min(1),
      pattern: z.string().min(1).max(120).default('{run}-{class}-{seed}-{n}'),
      format: z.enum(['png', 'webp', 'jpeg']).default('png'),
      scale: z.number().int().min(1).max(32).default(1),
      smooth: z.boolean().default(true),
    }),
  ),

  'canvases.list': call<CanvasDocumentInfo[]>()(z.object({})),
  /** @throws 'not-found' when its run is gone, 'bad-data' when the run was trained on since */
  'canvases.open': call<CanvasDocument>()(z.object({ id: documentId })),
  'canvases.save': call<CanvasDocumentInfo>()(z.object({ id: documentId.optional(), document: canvasDocument })),
  'canvases.remove': call<null>()(z.object({ id: documentId })),
};

export const studioStreams = {
  /** Draws pictures into the project's gallery as long as it is followed: leaving it calls the rest off. */
  'studio.generate': stream<GenerateEvent>()(
    z.object({
      run,
      step,
      prior: z.string().optional(),
      count: z.number().int().min(1).max(256).default(16),
      ...drawing,
      /** Classes with weights, instead of `label`: pictures are shared out among them. */
      labels: z.array(z.object({ label: z.string(), weight: z.number().positive() })).max(64).optional(),
    }),
  ),
};
