/** What a generative run adds to a map: positions become pictures. */
import { z } from 'zod';
import { call, type Picture, type Sheet } from './define.ts';
import { index, layout, points, source } from './points.ts';

const position = z.tuple([z.number(), z.number(), z.number()]);
/** A point of the source, or any position of the layout. */
const place = z.union([z.object({ index }), z.object({ position })]);

export interface PlaceDecoded {
  picture: Picture;
  /** 0 (far from all data, or neighbours that disagree) to 1 (at a point). */
  confidence: number;
  nearest: { index: number; distance: number }[];
  /** Whether the position was inverted exactly or by a local fit. */
  inverse: 'exact' | 'local';
}

export interface PathDecoded {
  /** One picture a frame. */
  sheet: Sheet;
  /** Where each frame lies in the layout, [frames, 3]. */
  positions: Float32Array;
  /** [frames] */
  confidence: Float32Array;
  /** The points that the path passes, along the graph of neighbours. */
  through: Int32Array;
}

export const exploreCalls = {
  /** Decodes one position. `size` bounds the side of the picture in pixels (unset: as the model makes it). */
  'explore.decode': call<PlaceDecoded>()(z.object({ source, layout, position, size: z.number().int().min(8).max(1024).optional() })),
  /** Decodes many positions, [N, 3], at most 256. */
  'explore.places': call<{ sheet: Sheet; confidence: Float32Array; /** Nearest point of each, [N]. */ nearest: Int32Array }>()(
    z.object({ source, layout, positions: z.custom<Float32Array>((value) => value instanceof Float32Array && value.length > 0 && value.length % 3 === 0 && value.length <= 768, 'expected: Float32Array of 1 to 256 positions'), size: z.number().int().min(8).max(1024).optional() }),
  ),
  /** Decodes along a path: straight in the latents, on a great circle about their mean, or from point to point of the graph of neighbours. */
  'explore.path': call<PathDecoded>()(
    z.object({ source, layout, places: z.array(place).min(2).max(64), mode: z.enum(['linear', 'spherical', 'graph']).default('linear'), frames: z.number().int().min(2).max(256).default(24), size: z.number().int().min(8).max(256).optional() }),
  ),
  /** The direction from the mean of some points to the mean of others, in the latents. */
  'explore.attribute': call<{ attribute: string; length: number; accuracy: number; from: number; to: number }>()(
    /** `accuracy`: share of the points that it tells apart when each is left out of its mean. */
    z.object({ source, from: points, to: points }),
  ),
  /** Which items of the run's data some points are. @throws 'bad-input' for points of a table */
  'explore.items': call<{ items: number[] }>()(z.object({ source, points })),
  /** A place moved along an attribute by each amount (1 is the distance between the means), decoded. */
  'explore.vary': call<PathDecoded>()(z.object({ source, layout, place, attribute: z.string().min(1), amounts: z.array(z.number().min(-10).max(10)).min(1).max(64), size: z.number().int().min(8).max(256).optional() })),
  /** The posterior of a point as an ellipsoid of one standard deviation; null for models without one. */
  'explore.posterior': call<{ centre: [number, number, number]; /** Half axes as rows, longest first, [3, 3]. */ axes: Float32Array; /** Standard deviation of each latent, [D]. */ deviations: Float32Array } | null>()(z.object({ source, layout, index })),
  /** Each of the most used latent dimensions varied about a point while the others stand still. */
  'explore.traversals': call<{ trails: { dimension: number; /** KL in nats, or the variance over the points where there is no posterior. */ weight: number; values: Float32Array; positions: Float32Array; sheet: Sheet }[] }>()(
    z.object({ source, layout, index, dimensions: z.number().int().min(1).max(32).default(6), steps: z.number().int().min(3).max(33).default(9), /** In standard deviations of the points. */ range: z.number().min(0.1).max(10).default(2), size: z.number().int().min(8).max(256).optional() }),
  ),
  /** How well positions of a layout are inverted: held-out points are placed, inverted and decoded. */
  'explore.evaluate': call<InverseReport>()(z.object({ source, layout, heldOut: z.number().min(0.01).max(0.5).default(0.1), seed: z.number().int().default(0) })),
  /** Where a code of a codebook stands in items of the run: most uses first. Cells count row by row. */
  'codebook.occurrences': call<{ code: number; total: number; items: { index: number; name: string; cells: Int32Array }[]; height: number; width: number; sheet: Sheet | null }>()(
    z.object({ source, code: index, limit: z.number().int().min(1).max(256).default(24), size: z.number().int().min(8).max(256).default(64) }),
  ),
};

/** Errors are mean squares over pixels in [0, 1], of the items that were held out. */
export interface InverseReport {
  items: number;
  layout: string;
  inverse: 'exact' | 'local';
  /** Decoder on the item's own latent: what no inverse can better. */
  reconstruction: { mse: number; psnrDb: number };
  /** Decoder on the latent found at the item's position. */
  inverted: { mse: number; psnrDb: number };
  /** Decoder on the latent of the nearest other item at that position. */
  nearest: { mse: number; psnrDb: number };
  /** Root mean square distance in the latents, in units of their spread. */
  latentError: { inverted: number; nearest: number };
  /** Share of the items for which the inverse is better than the nearest item. */
  better: number;
  /** Rank correlation of the confidence with the error; below 0 when confident places err less. */
  confidenceCorrelation: number;
}
