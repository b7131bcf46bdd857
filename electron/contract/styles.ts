import { z } from 'zod';
import { call, type Picture } from './define.ts';
import type { GalleryItem } from './studio.ts';

/** Pictures drawn again in another style. */
export interface Transferred {
  /** Names of the run's styles. */
  styles: string[];
  /** Weight of each, adding up to 1, before the strength. */
  weights: number[];
  /** `item` where it was kept in the gallery. */
  results: { name: string; original: Picture; picture: Picture; item: GalleryItem | null }[];
  /** What people should know of it. */
  notes: string[];
}

/** How well pictures are put into other styles: held-out pictures of which the true one in the other style is known. */
export interface TransferScore {
  styles: string[];
  /** Held-out names that are in more than one style, and the transfers between them that were made. */
  names: number;
  transfers: number;
  step: number;
  seconds: number;
  /** Part of real held-out pictures that the judge, a classifier of its own, puts into their own style. */
  judgeAccuracy: number;
  /** Part of held-out pictures whose style a classifier reads from the codes; 1 / styles is none. */
  styleLeak: number;
  /** Against the true picture in the target style, of the untouched source, of its colours replaced by the target's palette, and of the transfer. */
  source: TransferFigures;
  palette: TransferFigures;
  transfer: TransferFigures;
}

export interface TransferFigures {
  /** Part that the judge takes for the target style. */
  judgedAsTarget: number;
  psnrDb: number;
  ssim: number;
  /** Part for which the true picture is among the five nearest held-out names of the target style, by pixels. */
  amongNearest5: number;
  /** The same by features of a network that has learned from training names alone which pictures are of one name. */
  amongNearest5ByFeatures: number;
}

const run = z.string().min(1);

export const styles = {
  /**
   * Draws pictures (files, their bytes, or items of the run's data) in a style, or in a mixture. Large ones are done in overlapping tiles.
   * `strength` 0 is the picture as the model draws it in its own style, 1 the style asked for, above 1 exaggerates.
   */
  'runs.transfer': call<Transferred>()(
    z.object({
      run,
      paths: z.array(z.string()).max(64).optional(),
      items: z.array(z.number().int().min(0)).max(64).optional(),
      pictures: z.array(z.object({ name: z.string().max(200), bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes') })).max(64).optional(),
      style: z.string().optional(),
      /** Weight of each style by name. */
      mix: z.record(z.string(), z.number().min(0)).optional(),
      strength: z.number().min(0).max(2).default(1),
      /** Pixels of the longer side that a file is brought to; unset: its own, at most 2048. */
      size: z.number().int().min(8).max(4096).optional(),
      /** Into the project's gallery, with its recipe inside. */
      keep: z.boolean().default(false),
      step: z.number().int().optional(),
    }),
  ),
  'runs.transferScore': call<TransferScore>()(z.object({ run, limit: z.number().int().min(2).optional(), step: z.number().int().optional() })),
};
