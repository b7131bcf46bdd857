import type { ImageSet } from '../core/image-set.ts';
import { rng } from '../core/rng.ts';

/** The same picture in other classes, among the items of training: files of one name in several class folders. */
export interface Partners {
  /** Items that have a partner. */
  readonly count: number;
  /** One partner of each item, drawn from (seed, step); an item without is its own. */
  draw(items: Int32Array, step: number): Int32Array;
}

/** What an item is called within its class: its path without the class's folder, a split's folder before it, and the ending. */
export function nameWithinClass(images: Pick<ImageSet, 'itemName' | 'labels' | 'classes'>, item: number): string {
  const parts = images.itemName(item).split('/');
  const at = parts.indexOf(images.classes[images.labels[item]]);
  return parts.slice(at + 1).join('/').replace(/\.[^./]*$/, '');
}

/** Items of one name. */
export function partnersOf(images: ImageSet, seed: number): Partners {
  const groups = new Map<string, number[]>();
  const nameOf = new Map<number, string>();
  for (const item of images.split.train) {
    if (images.labels[item] < 0) continue;
    const name = nameWithinClass(images, item);
    nameOf.set(item, name);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return partnersBy(images, seed, (item) => groups.get(nameOf.get(item) ?? '')?.filter((o) => images.labels[o] !== images.labels[item]) ?? []);
}

/** @param others what may be the partner of an item, in other classes */
export function partnersBy(images: ImageSet, seed: number, others: (item: number) => readonly number[]): Partners {
  let count = 0;
  for (const item of images.split.train) if (others(item).length > 0) count++;
  return {
    count,
    draw(items, step) {
      const random = rng(seed, 'partner', step);
      return items.map((item) => {
        const choice = others(item);
        const place = random.int(Math.max(1, choice.length));
        return choice.length > 0 ? choice[place] : item;
      });
    },
  };
}
