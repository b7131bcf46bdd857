/**
 * Items whose name holds every word of the query; those that begin with it first.
 * @param shown which may be found; null all
 * @returns indices, at most `limit`
 */
export function findItems(names: readonly string[], query: string, limit: number, allowed?: (item: number) => boolean): number[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const first: number[] = [];
  const rest: number[] = [];
  for (let i = 0; i < names.length && first.length < limit; i++) {
    if (allowed && !allowed(i)) continue;
    const name = names[i].toLowerCase();
    if (!words.every((word) => name.includes(word))) continue;
    const base = name.slice(name.lastIndexOf('/') + 1);
    if (base.startsWith(words[0])) first.push(i);
    else if (rest.length < limit) rest.push(i);
  }
  return [...first, ...rest].slice(0, limit);
}

/** The last part of a path without its ending: what people call an item. */
export function shortName(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  return base.replace(/\.(png|jpe?g|webp|gif|svg|bmp|tiff?)$/i, '') || name;
}
