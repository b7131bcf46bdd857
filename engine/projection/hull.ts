/** A soft closed surface about points: how far they reach in evenly spread directions. */
export interface Hull {
  centre: [number, number, number];
  /** [V, 3] */
  corners: Float32Array;
  /** [F, 3]; none when flat, whose corners go round in order. */
  triangles: Int32Array;
}

const INNER = 0.9;
const ROUND = 32;
/** How quickly a point stops counting away from its own direction. */
const SHARPNESS = 6;
const PADDING = 1.04;

/** @param points numbers of the points @param positions [N, 3] */
export function softHull(points: Int32Array, positions: Float32Array, dims: 2 | 3): Hull {
  const centre: [number, number, number] = [0, 0, 0];
  for (const i of points) for (let a = 0; a < 3; a++) centre[a] += positions[i * 3 + a] / points.length;
  const reach = Float32Array.from(points, (i) => Math.hypot(positions[i * 3] - centre[0], positions[i * 3 + 1] - centre[1], positions[i * 3 + 2] - centre[2]));
  const limit = reach.slice().sort()[Math.max(0, Math.ceil(points.length * INNER) - 1)] ?? 0;
  const { directions, triangles } = dims === 2 ? circle() : sphere();
  const v = directions.length / 3;
  const radius = new Float32Array(v);
  const stride = Math.max(1, Math.floor(points.length / 4000));
  for (let p = 0; p < points.length; p += stride) {
    if (reach[p] > limit || reach[p] === 0) continue;
    const x = (positions[points[p] * 3] - centre[0]) / reach[p], y = (positions[points[p] * 3 + 1] - centre[1]) / reach[p], z = (positions[points[p] * 3 + 2] - centre[2]) / reach[p];
    for (let k = 0; k < v; k++) {
      const cos = x * directions[k * 3] + y * directions[k * 3 + 1] + z * directions[k * 3 + 2];
      if (cos > 0) radius[k] = Math.max(radius[k], reach[p] * cos ** SHARPNESS);
    }
  }
  const corners = new Float32Array(v * 3);
  for (let k = 0; k < v; k++) for (let a = 0; a < 3; a++) corners[k * 3 + a] = centre[a] + directions[k * 3 + a] * Math.max(radius[k], 0.05 * limit) * PADDING;
  return { centre, corners, triangles };
}

function circle(): { directions: Float32Array; triangles: Int32Array } {
  const directions = new Float32Array(ROUND * 3);
  for (let k = 0; k < ROUND; k++) directions.set([Math.cos((2 * Math.PI * k) / ROUND), Math.sin((2 * Math.PI * k) / ROUND), 0], k * 3);
  return { directions, triangles: new Int32Array(0) };
}

/** An icosahedron with each face cut in four, twice: 162 corners, 320 faces. */
function sphere(): { directions: Float32Array; triangles: Int32Array } {
  const t = (1 + Math.sqrt(5)) / 2;
  const corners: number[][] = [[-1, t, 0], [1, t, 0], [-1, -t, 0], [1, -t, 0], [0, -1, t], [0, 1, t], [0, -1, -t], [0, 1, -t], [t, 0, -1], [t, 0, 1], [-t, 0, -1], [-t, 0, 1]];
  let faces: number[][] = [[0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4], [11, 10, 2], [10, 7, 6], [7, 1, 8], [3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9], [4, 9, 5], [2, 4, 11], [6, 2, 10], [8, 6, 7], [9, 8, 1]];
  for (let pass = 0; pass < 2; pass++) {
    const middles = new Map<string, number>();
    const middle = (a: number, b: number): number => {
      const key = a < b ? `${a} ${b}` : `${b} ${a}`;
      if (!middles.has(key)) {
        middles.set(key, corners.length);
        const m = corners[a].map((x, i) => (x + corners[b][i]) / 2);
        const length = Math.hypot(...m);
        corners.push(m.map((x) => (x / length) * Math.hypot(1, t)));
      }
      return middles.get(key)!;
    };
    faces = faces.flatMap(([a, b, c]) => {
      const ab = middle(a, b), bc = middle(b, c), ca = middle(c, a);
      return [[a, ab, ca], [b, bc, ab], [c, ca, bc], [ab, bc, ca]];
    });
  }
  const length = Math.hypot(1, t);
  return { directions: Float32Array.from(corners.flat(), (x) => x / length), triangles: Int32Array.from(faces.flat()) };
}
