/** How large items are drawn, in map units, so that a cloud of any count is neither dust nor mush. */
export interface ItemSize {
  /** Diameter of a point. */
  point: number;
  /** Side of a thumbnail. */
  thumbnail: number;
  /** Points never get smaller or larger than this, in pixels. */
  minPx: number;
  maxPx: number;
}

/**
 * @param count items
 * @param factor the user's setting, 1 as designed
 * @param radius of most of the cloud, in map units
 */
export function itemSize(count: number, factor = 1, radius = 0.9): ItemSize {
  const spacing = Math.cbrt(1 / Math.max(1, count)) * Math.min(1.1, Math.max(0.2, radius / 0.9));
  return {
    point: Math.min(0.06, Math.max(0.0035, 0.36 * spacing)) * factor,
    thumbnail: Math.min(0.17, Math.max(0.016, 1.35 * spacing)) * factor,
    minPx: 1.5,
    maxPx: 15 * factor,
  };
}

/** Diameter in pixels of a point at a depth; the same formula as in the vertex shader. */
export const pointPx = (size: ItemSize, pixelsPerUnit: number, depth: number): number =>
  Math.min(size.maxPx, Math.max(size.minPx, (size.point * pixelsPerUnit) / depth));
