/**
 * Axis names used in every shape of the documentation, written once.
 *
 * | name | axis |
 * | --- | --- |
 * | B | items of a batch |
 * | N | items of a set |
 * | T | frames in time |
 * | F | frequency bins |
 * | C | channels |
 * | H, W | height and width |
 * | D | latent dimensions |
 * | K | codes of a codebook |
 * | L | levels of a hierarchy |
 *
 * Logical layouts: images `[B, H, W, C]`, sound features `[B, T, C]`, video `[B, T, H, W, C]`; values of images are in [0, 1].
 */
export type Shape = readonly number[];

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
}
