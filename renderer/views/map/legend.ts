/** Classes shown; null is all of them. */
export type Shown = ReadonlySet<number> | null;

/**
 * A click on a class shows it alone, a second click shows all again; with shift it is added or taken away.
 * @param all every class there is, -1 for items without one
 */
export function toggledClass(shown: Shown, label: number, additive: boolean, all: readonly number[]): Shown {
  if (!additive) return shown?.size === 1 && shown.has(label) ? null : new Set([label]);
  const next = new Set(shown ?? []);
  if (!next.delete(label)) next.add(label);
  return next.size === 0 || all.every((other) => next.has(other)) ? null : next;
}

export interface LegendRow {
  label: number;
  name: string;
  count: number;
}

/** Classes with how many items each has, in their own order; items without one come last. Empty classes are left out. */
export function legendRows(classes: readonly string[], labels: Int32Array): LegendRow[] {
  const counts = new Uint32Array(classes.length + 1);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    counts[label >= 0 && label < classes.length ? label : classes.length]++;
  }
  const rows = classes.map((name, label) => ({ label, name, count: counts[label] })).filter((row) => row.count > 0);
  const without = counts[classes.length];
  return without > 0 ? [...rows, { label: -1, name: rows.length > 0 ? 'No class' : 'All items', count: without }] : rows;
}
