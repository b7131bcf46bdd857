import { z } from 'zod';
import { call, type Picture, type Sheet } from './define.ts';
import type { PictureCodes } from './runs.ts';

/** The items of a run's map; they stay the same while it trains, positions come frame by frame. */
export interface MapInfo {
  run: string;
  count: number;
  classes: string[];
  /** Class of each item, -1 unknown. [N] */
  labels: Int32Array;
  names: string[];
  /** Index of each item in its dataset. [N] */
  items: Int32Array;
  /** Steps that have a frame, ascending. */
  steps: number[];
  thumbnails: Sheet[];
}

export interface MapFrame {
  step: number;
  /** [N, 3], aligned to the frame before (no flips, no jumps), scaled so that the cloud fits the unit sphere. */
  positions: Float32Array;
  /** Per-item values that points may be coloured by, e.g. { reconstructionError, klNats }. Each [N]. */
  metrics: Record<string, Float32Array>;
  /** Fraction of the variance of the latents in each axis. */
  explained: [number, number, number];
}

export interface MapItem {
  index: number;
  name: string;
  label: string | null;
  original: Picture;
  reconstruction: Picture;
  psnrDb: number;
  /** Codes of the item, or null for a continuous latent. */
  codes: PictureCodes | null;
  neighbours: { index: number; distance: number }[];
}

export interface Decoded {
  picture: Picture;
  /** 0 (far from all data) to 1 (at an item). */
  confidence: number;
  /** Nearest items in the map, closest first. */
  nearest: number[];
}

const run = z.string().min(1);
const step = z.number().int().min(0).optional();

export const map = {
  'map.open': call<MapInfo | null>()(z.object({ run, thumbnailSize: z.number().int().min(8).max(128).default(48) })),
  'map.frame': call<MapFrame>()(z.object({ run, step })),
  'map.item': call<MapItem>()(z.object({ run, step, index: z.number().int().min(0) })),
  /** Decodes a position of the map. Only the newest frame of a run can be decoded exactly; older steps need their checkpoint. */
  'map.decode': call<Decoded>()(z.object({ run, step, position: z.tuple([z.number(), z.number(), z.number()]) })),
};
