import type { ColumnInfo } from './columns.ts';

/** Columns that already lay the rows out. */
export interface CoordinateSet {
  /** "" for plain x, y, z; else what the names have in common, such as "umap". */
  name: string;
  columns: [string, string] | [string, string, string];
}

const PLAIN = /^(?:(.*?)[_\-. ]?)?([xyz])$/i;
const NUMBERED = /^(.*(?:umap|tsne|t-sne|pca|pacmap|trimap|phate|mds|isomap|projection|proj|layout|coord).*?)[_\-. ]?([0-3])$/i;

/**
 * Sets of two or three columns that are coordinates by their names: x, y(, z), umap_x, ..., tsne_1, tsne_2, ... Plain ones come first,
 * then those of three dimensions.
 */
export function coordinateSets(columns: readonly ColumnInfo[]): CoordinateSet[] {
  const sets = new Map<string, Map<number, string>>();
  const put = (name: string, axis: number, column: string): void => {
    if (!sets.has(name)) sets.set(name, new Map());
    sets.get(name)!.set(axis, column);
  };
  for (const { name, kind } of columns) {
    if (kind !== 'number') continue;
    const numbered = NUMBERED.exec(name);
    if (numbered) {
      put(numbered[1].toLowerCase(), Number(numbered[2]), name);
      continue;
    }
    const plain = PLAIN.exec(name);
    // "index" ends in x too: a name of its own needs a mark before the axis, or a capital.
    if (plain && (!plain[1] || /[_\-. ][xyz]$/i.test(name) || /[a-z][XYZ]$/.test(name))) put((plain[1] ?? '').toLowerCase(), 'xyz'.indexOf(plain[2].toLowerCase()), name);
  }
  const found: CoordinateSet[] = [];
  for (const [name, axes] of sets) {
    const order = [...axes].sort((a, b) => a[0] - b[0]);
    const consecutive = order.every(([axis], i) => axis === order[0][0] + i) && (/^[xyz]$/i.test(order[0][1].slice(-1)) ? order[0][0] === 0 : order[0][0] <= 1);
    if (consecutive && (order.length === 2 || order.length === 3)) found.push({ name, columns: order.map(([, column]) => column) as CoordinateSet['columns'] });
  }
  return found.sort((a, b) => Number(a.name !== '') - Number(b.name !== '') || b.columns.length - a.columns.length);
}
