/** Cells along an edge of the grid that the counts are taken on. */
const side = 48;

/**
 * How densely points stand around each point, as a multiple of the mean over all points' own surroundings being 1. Counts on a grid over
 * the cloud, smoothed three times by a box of three cells (nearly a Gaussian of 1.4 cells), read off between the cells.
 * @param positions [N, 3]
 * @returns [N]; all 1 where there is no extent
 */
export function densityOf(positions: Float32Array): Float32Array {
  const count = positions.length / 3;
  const out = new Float32Array(count).fill(1);
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let a = 0; a < 3; a++) {
    for (let i = a; i < positions.length; i += 3) {
      if (positions[i] < low[a]) low[a] = positions[i];
      if (positions[i] > high[a]) high[a] = positions[i];
    }
  }
  const extent = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  if (count < 2 || !(extent > 0)) return out;
  // Two empty cells around the cloud keep the smoothing inside.
  const scale = (side - 5) / extent;
  const cellOf = (i: number, a: number): number => Math.floor((positions[i * 3 + a] - low[a]) * scale) + 2;
  let counts = new Float32Array(side ** 3);
  for (let i = 0; i < count; i++) counts[cellOf(i, 0) + side * (cellOf(i, 1) + side * cellOf(i, 2))]++;
  for (let pass = 0; pass < 3; pass++) for (const step of [1, side, side * side]) counts = smoothed(counts, step);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    out[i] = between(counts, (positions[i * 3] - low[0]) * scale + 1.5, (positions[i * 3 + 1] - low[1]) * scale + 1.5, (positions[i * 3 + 2] - low[2]) * scale + 1.5);
    sum += out[i];
  }
  const mean = sum / count;
  if (mean > 0) for (let i = 0; i < count; i++) out[i] /= mean;
  return out;
}

/** Mean of each cell with its two neighbours along one axis. */
function smoothed(counts: Float32Array<ArrayBuffer>, step: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(counts.length);
  for (let c = step; c < counts.length - step; c++) out[c] = (counts[c - step] + counts[c] + counts[c + step]) / 3;
  return out;
}

/** Trilinear, in cells. */
function between(counts: Float32Array, x: number, y: number, z: number): number {
  const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  const [u, v, w] = [x - i, y - j, z - k];
  const at = i + side * (j + side * k);
  const row = (c: number): number => counts[c] * (1 - u) + counts[c + 1] * u;
  const plane = (c: number): number => row(c) * (1 - v) + row(c + side) * v;
  return plane(at) * (1 - w) + plane(at + side * side) * w;
}
