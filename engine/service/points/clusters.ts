import type { Cluster } from '../../../electron/contract/index.ts';
import type { PointTable } from '../../data/points/index.ts';
import { densityClusters, softHull } from '../../projection/index.ts';

/** A label stands for a cluster when so many of its points have it, and so many times as many as elsewhere. */
const LEAST_SHARE = 0.4;
const LEAST_LIFT = 1.5;
const MOST_COLUMNS = 6;

/** Dense regions of a layout, each with a hull and the category that sets it apart. */
export async function clustersOf(table: PointTable, positions: Float32Array, dims: 2 | 3, detail: number, column?: string): Promise<{ clusters: Cluster[]; codes: Int32Array }> {
  const { codes, count } = densityClusters(positions, dims, detail);
  const members = Array.from({ length: count }, () => [] as number[]);
  for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) members[codes[i]].push(i);
  const labels = await labelsOf(table, codes, members.map((m) => m.length), column);
  const clusters = members.map((points, id): Cluster => {
    const { centre, ...hull } = softHull(Int32Array.from(points), positions, dims);
    return { id, count: points.length, centre, hull, ...labels[id] };
  });
  return { clusters, codes };
}

async function labelsOf(table: PointTable, codes: Int32Array, sizes: readonly number[], column?: string): Promise<{ label: string | null; purity: number | null }[]> {
  const chosen = column
    ? [column]
    : table.columns.filter((c) => c.type === 'category' && c.distinct > 1 && (c.role === 'label' || c.role === null)).sort((a, b) => Number(b.role === 'label') - Number(a.role === 'label')).slice(0, MOST_COLUMNS).map((c) => c.name);
  const best = sizes.map(() => ({ label: null as string | null, purity: null as number | null, score: 0 }));
  for (const name of chosen) {
    const { codes: classes, categories } = await table.classes(name, 512);
    const counts = sizes.map(() => new Float64Array(categories.length));
    for (let i = 0; i < codes.length; i++) if (codes[i] >= 0 && classes[i] >= 0) counts[codes[i]][classes[i]]++;
    best.forEach((found, id) => {
      categories.forEach(({ value, count }, c) => {
        const share = counts[id][c] / sizes[id];
        const lift = share / (count / table.n);
        const score = share * Math.log(Math.max(1, lift));
        if (share >= LEAST_SHARE && lift >= LEAST_LIFT && score > found.score) Object.assign(found, { label: value, purity: share, score });
      });
    });
  }
  return best.map(({ label, purity }) => ({ label, purity }));
}
