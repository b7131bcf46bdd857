import type { ClassCount } from '../../electron/contract/index.ts';

/** How often each class occurs, in the order of the classes. */
export function countClasses(classes: readonly string[], labels: ArrayLike<number>): ClassCount[] {
  const counts = new Array<number>(classes.length).fill(0);
  for (let i = 0; i < labels.length; i++) if (labels[i] >= 0) counts[labels[i]]++;
  return classes.map((name, i) => ({ name, count: counts[i] }));
}

export interface ReportFacts {
  count: number;
  classes: readonly ClassCount[];
  /** Items that were smaller than the size asked for. */
  enlarged: number;
  skipped: number;
  size: number;
}

const FEW_ITEMS = 100;
const FEW_PER_CLASS = 10;
const IMBALANCE = 10;

/** What somebody who is about to train on the set should know, in plain sentences. */
export function warningsFor({ count, classes, enlarged, skipped, size }: ReportFacts): string[] {
  const out: string[] = [];
  if (count < FEW_ITEMS) out.push(`Only ${plural(count, 'picture')}: a model will learn them by heart. A few hundred are a good start.`);
  const used = classes.filter((c) => c.count > 0);
  if (used.length === 1) out.push(`All pictures are of one class, "${used[0].name}": generating by class has nothing to choose from. Put each class in its own subfolder.`);
  if (used.length > 1) {
    const sorted = [...used].sort((a, b) => b.count - a.count);
    const most = sorted[0], least = sorted[sorted.length - 1];
    if (most.count > IMBALANCE * least.count) {
      out.push(`The classes are uneven: "${most.name}" has ${most.count} pictures, "${least.name}" ${least.count}. Rare classes will be learned less well.`);
    } else if (least.count < FEW_PER_CLASS) {
      out.push(`The class "${least.name}" has only ${plural(least.count, 'picture')}.`);
    }
  }
  if (enlarged > 0) out.push(`${plural(enlarged, 'picture')} of ${count} ${enlarged === 1 ? 'is' : 'are'} smaller than ${size} pixels and ${enlarged === 1 ? 'was' : 'were'} enlarged. A smaller size loses nothing.`);
  if (skipped > 0) out.push(`${plural(skipped, 'file')} could not be read and ${skipped === 1 ? 'was' : 'were'} left out.`);
  return out;
}

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
