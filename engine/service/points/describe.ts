import type { OutputOf, Calls } from '../../../electron/contract/index.ts';
import { hasBit, type PointTable } from '../../data/points/index.ts';

type Described = OutputOf<Calls['points.describe']>;
const TOP = 5;
const MOST_COLUMNS = 40;

/** What sets some points apart: categories that are more frequent among them, means that differ in units of the spread; most telling first. */
export async function describeSelection(table: PointTable, bits: Uint8Array): Promise<Described> {
  let count = 0;
  for (let i = 0; i < table.n; i++) if (hasBit(bits, i)) count++;
  const found: { telling: number; column: Described['columns'][number] }[] = [];
  for (const { name, type, role } of table.columns.slice(0, MOST_COLUMNS)) {
    if (type === 'list' || type === 'text' || type === 'time' || role === 'coordinate') continue;
    if (type === 'number' || type === 'integer') {
      const column = await table.column(name);
      if (column.type === 'number') found.push(numbers(name, column.values, bits));
      continue;
    }
    const { codes, categories } = await table.classes(name, 512);
    const own = new Float64Array(categories.length);
    for (let i = 0; i < table.n; i++) if (codes[i] >= 0 && hasBit(bits, i)) own[codes[i]]++;
    const top = categories
      .map(({ value, count: all }, c) => ({ value, count: own[c], share: count > 0 ? own[c] / count : 0, shareOfAll: all / table.n }))
      .filter((c) => c.count > 0)
      .sort((a, b) => b.count - a.count)
      .slice(0, TOP);
    found.push({ telling: top.length > 0 ? top[0].share - top[0].shareOfAll : 0, column: { name, type: 'category', top } });
  }
  return { count, columns: found.sort((a, b) => b.telling - a.telling).map(({ column }) => column) };
}

function numbers(name: string, values: Float32Array, bits: Uint8Array): { telling: number; column: Described['columns'][number] } {
  let n = 0, sum = 0, square = 0, chosen = 0, own = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (!Number.isFinite(v)) continue;
    n++;
    sum += v;
    square += v * v;
    if (hasBit(bits, i)) {
      chosen++;
      own += v;
    }
  }
  const mean = chosen > 0 ? own / chosen : NaN, meanOfAll = n > 0 ? sum / n : NaN;
  const spread = n > 0 ? Math.sqrt(Math.max(0, square / n - meanOfAll * meanOfAll)) : 0;
  const telling = chosen > 0 && spread > 0 ? Math.min(1, Math.abs(mean - meanOfAll) / spread / 3) : 0;
  return { telling, column: { name, type: 'number', mean, meanOfAll } };
}
