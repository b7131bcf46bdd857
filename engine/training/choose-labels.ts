import { AtelierError } from '../core/errors.ts';
import type { RunInfo } from './types.ts';

/**
 * Which class each sample is of, and which draw of the style it shares.
 * @param labelled whether the model draws by class
 * @param wanted name of a class; unset: each class in turn, a style for each round of classes
 * @returns `labels` `[count]`, unset for models without; `styles` `[count]`, ascending from 0
 * @throws AtelierError 'bad-input' naming the classes
 */
export function chooseLabels(info: RunInfo, labelled: boolean, count: number, wanted?: string): { labels?: Int32Array; styles: Int32Array; columns?: number } {
  const { classes } = info.data;
  const styles = Int32Array.from({ length: count }, (_, i) => i);
  if (!labelled) {
    if (wanted !== undefined) throw new AtelierError('bad-input', `${info.name} does not draw by class.`, 'Leave the class out, or train a conditional model.');
    return { styles };
  }
  if (wanted === undefined) {
    return { labels: styles.map((i) => i % classes.length), styles: styles.map((i) => Math.floor(i / classes.length)), columns: classes.length };
  }
  const label = classes.indexOf(wanted);
  if (label < 0) throw new AtelierError('bad-input', `${info.name} has never seen a class '${wanted}'.`, `Its classes are ${classes.join(', ')}.`);
  return { labels: new Int32Array(count).fill(label), styles };
}
