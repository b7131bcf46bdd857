export type SortKey = 'name' | 'class' | (string & {});

/** Items in the order of the table: by name, by class, or by a metric's value (`values`), not-a-number last. */
export function orderItems(
  items: readonly number[], key: SortKey, descending: boolean,
  names: readonly string[], labels: Int32Array, values: Float32Array | null,
): number[] {
  const sign = descending ? -1 : 1;
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  const rank = (value: number): number => (Number.isNaN(value) ? Infinity * sign : value);
  const by =
    key === 'name'
      ? (a: number, b: number) => sign * compare(names[a], names[b])
      : key === 'class'
        ? (a: number, b: number) => sign * (labels[a] - labels[b])
        : (a: number, b: number) => sign * (rank(values?.[a] ?? NaN) - rank(values?.[b] ?? NaN)) || 0;
  return [...items].sort((a, b) => by(a, b) || a - b);
}
