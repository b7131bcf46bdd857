/**
 * Edges of hulls as a list of lines, each edge once though two triangles share it.
 * @param corners [V, 3] @param triangles [F, 3]
 * @returns lines of two places, [2, 3] each
 */
export function hullEdges(corners: Float32Array, triangles: Int32Array): Float32Array[] {
  const seen = new Set<number>();
  const out: Float32Array[] = [];
  const count = corners.length / 3;
  for (let f = 0; f < triangles.length; f += 3) {
    for (const [a, b] of [[0, 1], [1, 2], [2, 0]]) {
      const [from, to] = [Math.min(triangles[f + a], triangles[f + b]), Math.max(triangles[f + a], triangles[f + b])];
      if (seen.has(from * count + to)) continue;
      seen.add(from * count + to);
      out.push(Float32Array.of(...corners.subarray(from * 3, from * 3 + 3), ...corners.subarray(to * 3, to * 3 + 3)));
    }
  }
  return out;
}
