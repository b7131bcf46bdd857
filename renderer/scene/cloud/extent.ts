/** Where most items are, without the few far ones. */
export interface Extent {
  centre: [number, number, number];
  /** Within it are nine of ten items. */
  radius: number;
}

const sampled = 4096;

/** Medians of the coordinates, and the 90th percentile of the distance from there. @param positions [N, 3] */
export function extentOf(positions: Float32Array): Extent {
  const count = positions.length / 3;
  if (count === 0) return { centre: [0, 0, 0], radius: 1 };
  const stride = Math.max(1, count / sampled);
  const items = Array.from({ length: Math.min(count, sampled) }, (_, i) => Math.floor(i * stride) * 3);
  const at = (values: Float32Array, share: number): number => values.sort()[Math.floor(share * (values.length - 1))];
  const centre = [0, 1, 2].map((a) => at(Float32Array.from(items, (o) => positions[o + a]), 0.5)) as Extent['centre'];
  const distances = Float32Array.from(items, (o) => Math.hypot(positions[o] - centre[0], positions[o + 1] - centre[1], positions[o + 2] - centre[2]));
  return { centre, radius: at(distances, 0.9) };
}
