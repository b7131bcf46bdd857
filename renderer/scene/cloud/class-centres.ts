/** Middle of each class and how many items it has. */
export interface ClassCentre {
  label: number;
  count: number;
  position: [number, number, number];
}

/** Items looked at, about; rare classes are looked at altogether. */
const sampled = 60_000;

/**
 * Where the name of a class belongs: the mean of its items, taken a second time over the nearer half so that a few far ones do
 * not pull it into the void.
 * @param positions [N, 3]
 * @param labels [N], -1 unknown
 */
export function classCentres(positions: Float32Array, labels: Int32Array, classes: number): ClassCentre[] {
  const stride = Math.floor(labels.length / sampled);
  if (stride < 2) return centresOf(positions, labels, classes, 1);
  const items = sampleOf(labels, classes, stride);
  const at = new Float32Array(items.length * 3);
  items.forEach((item, i) => at.set(positions.subarray(item * 3, item * 3 + 3), i * 3));
  return centresOf(at, Int32Array.from(items, (item) => labels[item]), classes, stride);
}

/** Every so manieth item of the frequent classes, every item of the rare ones. */
function sampleOf(labels: Int32Array, classes: number, stride: number): Uint32Array {
  const counts = new Uint32Array(classes);
  for (let i = 0; i < labels.length; i++) if (labels[i] >= 0 && labels[i] < classes) counts[labels[i]]++;
  const out: number[] = [];
  const seen = new Uint32Array(classes);
  for (let i = 0; i < labels.length; i++) {
    const c = labels[i];
    if (c >= 0 && c < classes && (counts[c] < stride * 50 || seen[c]++ % stride === 0)) out.push(i);
  }
  return Uint32Array.from(out);
}

/** @param stride one item stands for so many */
function centresOf(positions: Float32Array, labels: Int32Array, classes: number, stride: number): ClassCentre[] {
  const sums = new Float64Array(classes * 4);
  accumulate(positions, labels, sums, null, null);
  const mean = toMeans(sums, classes);
  const reach = new Float64Array(classes);
  const counts = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) {
    const c = labels[i];
    if (c < 0 || c >= classes) continue;
    reach[c] += distance(positions, i, mean, c);
    counts[c]++;
  }
  for (let c = 0; c < classes; c++) reach[c] /= Math.max(1, counts[c]);
  const inner = new Float64Array(classes * 4);
  accumulate(positions, labels, inner, mean, reach);
  const better = toMeans(inner, classes);
  return Array.from({ length: classes }, (_, c) => {
    const from = inner[c * 4 + 3] > 0 ? better : mean;
    return { label: c, count: sums[c * 4 + 3] * stride, position: [from[c * 3], from[c * 3 + 1], from[c * 3 + 2]] as [number, number, number] };
  }).filter((centre) => centre.count > 0);
}

function accumulate(positions: Float32Array, labels: Int32Array, sums: Float64Array, mean: Float64Array | null, reach: Float64Array | null): void {
  for (let i = 0; i < labels.length; i++) {
    const c = labels[i];
    if (c < 0 || c * 4 >= sums.length) continue;
    if (mean && reach && distance(positions, i, mean, c) > reach[c]) continue;
    for (let a = 0; a < 3; a++) sums[c * 4 + a] += positions[i * 3 + a];
    sums[c * 4 + 3]++;
  }
}

function toMeans(sums: Float64Array, classes: number): Float64Array {
  return Float64Array.from({ length: classes * 3 }, (_, j) => {
    const c = Math.floor(j / 3);
    return sums[c * 4 + (j % 3)] / Math.max(1, sums[c * 4 + 3]);
  });
}

function distance(positions: Float32Array, i: number, mean: Float64Array, c: number): number {
  const dx = positions[i * 3] - mean[c * 3];
  const dy = positions[i * 3 + 1] - mean[c * 3 + 1];
  const dz = positions[i * 3 + 2] - mean[c * 3 + 2];
  return Math.sqrt(dx * dx + dy * dy + dz * dz); // Math.hypot takes ten times as long, and there may be a million items
}
