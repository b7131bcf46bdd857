export interface RankPenaltiesArgs {
  from: number;
  to: number;
  /** The rows looked at. [S] */
  sample: Int32Array;
  /** [N, d] */
  values: Float32Array;
  d: number;
  /** [N, dims] */
  positions: Float32Array;
  dims: number;
  k: number;
  /** Written: by how many ranks false neighbours of the layout are too far away in the data. [S] */
  intruders: Float64Array;
  /** Written: by how many ranks true neighbours are too far away in the layout. [S] */
  lost: Float64Array;
}

/** The sums of ranks behind trustworthiness and continuity (Venna and Kaski 2001, eq. 1 and 2), for rows `from` to `to` of a sample. */
export function rankPenalties({ from, to, sample, values, d, positions, dims, k, intruders, lost }: RankPenaltiesArgs): void {
  const n = values.length / d;
  const inData = new Float32Array(n), inLayout = new Float32Array(n);
  for (let s = from; s < to; s++) {
    const row = sample[s];
    squaredDistances(values, d, row, inData);
    squaredDistances(positions, dims, row, inLayout);
    intruders[s] = excess(nearest(inLayout, k), inData, k);
    lost[s] = excess(nearest(inData, k), inLayout, k);
  }
}

/** To every other row; infinite to itself. */
function squaredDistances(x: Float32Array, d: number, row: number, out: Float32Array): void {
  const own = row * d;
  for (let i = 0, at = 0; i < out.length; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++, at++) {
      const v = x[at] - x[own + j];
      sum += v * v;
    }
    out[i] = sum;
  }
  out[row] = Infinity;
}

function nearest(distance: Float32Array, k: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < distance.length; i++) {
    if (found.length === k && !(distance[i] < distance[found[k - 1]])) continue;
    let at = found.length;
    while (at > 0 && distance[found[at - 1]] > distance[i]) at--;
    found.splice(at, 0, i);
    if (found.length > k) found.pop();
  }
  return found;
}

/** Sum over some rows of how far their rank by `distance` lies beyond k; rank 1 is the nearest, and of equals all have the best. */
function excess(rows: readonly number[], distance: Float32Array, k: number): number {
  const limits = Float32Array.from(rows, (row) => distance[row]).sort();
  const closer = new Int32Array(limits.length + 1);
  const farthest = limits[limits.length - 1];
  for (let i = 0; i < distance.length; i++) {
    const v = distance[i];
    if (!(v < farthest)) continue;
    let at = 0;
    while (v >= limits[at]) at++;
    closer[at]++;
  }
  let sum = 0;
  for (let j = 0, count = 0; j < limits.length; j++) {
    count += closer[j];
    sum += Math.max(0, count + 1 - k);
  }
  return sum;
}
