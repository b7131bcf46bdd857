import type { AnomalyItem, AnomalyReport } from '../../electron/contract/index.ts';
import { AtelierError } from '../core/errors.ts';
import { changed, type ImageSet } from '../core/image-set.ts';
import { auroc, thresholdAt } from '../metrics/index.ts';
import { spread } from './evaluate.ts';
import type { Trained } from './types.ts';

export interface AnomalyOptions {
  /** What an item's strangeness is measured by: minus the bound in nats, or minus the PSNR in dB; `auto` takes the bound where there is one. */
  score?: 'auto' | 'bound' | 'reconstruction';
  /** Part of normal pictures that may be called strange. */
  falsePositives: number;
  /** Classes of the run's own data that are anomalies. */
  anomalousClasses?: readonly string[];
  /** A second set, all of whose items are anomalies. */
  strangers?: ImageSet | null;
  /** Items of each set at most. */
  limit?: number;
  onProgress?: (fraction: number) => void;
}

/** What the contract tells of it, but for the pictures. */
export type Anomalies = Omit<AnomalyReport, 'strangest'>;

const LIMIT = 5000;

/**
 * Which items a model finds strange: scores of the test items (and of a second set), and a threshold above which at most the wanted part of
 * held-out normal (validation) items score. With labels, how well the score tells anomalies from normal items.
 * @throws AtelierError 'bad-input' for a class that the data does not have, a score that the model does not, no held-out items
 */
export async function findAnomalies(trained: Trained, images: ImageSet, options: AnomalyOptions): Promise<Anomalies> {
  const { falsePositives, strangers = null, limit = LIMIT, onProgress } = options;
  const strange = new Set((options.anomalousClasses ?? []).map((name) => classOf(images, name)));
  const { validation, test, train } = images.split;
  const normalHeld = (validation.length > 0 ? validation : test.length > 0 ? test : train).filter((item) => !strange.has(images.labels[item]));
  if (normalHeld.length === 0) throw new AtelierError('bad-input', `"${images.name}" has no held-out normal pictures to choose a threshold by.`, 'Name fewer classes as anomalies.');
  const forThreshold = spread(normalHeld, limit);
  const listed = spread(test.length > 0 ? test : validation.length > 0 ? validation : train, limit);
  const others = strangers ? spread(Int32Array.from({ length: strangers.count }, (_, i) => i), limit) : new Int32Array();
  const total = forThreshold.length + listed.length + others.length;
  let done = 0;
  const look = async (set: ImageSet, items: Int32Array) => {
    const { metrics } = await trained.embed(set, items, (fraction) => onProgress?.((done + fraction * items.length) / total));
    done += items.length;
    return metrics;
  };

  const held = await look(images, forThreshold);
  const kind = options.score === undefined || options.score === 'auto' ? (held.elboNats ? 'bound' : 'reconstruction') : options.score;
  const name = kind === 'bound' ? 'elboNats' : 'psnrDb';
  if (!held[name]) throw new AtelierError('bad-input', `${trained.info.name} has no ${kind} to score by.`, `Score by ${kind === 'bound' ? 'reconstruction' : 'bound'} instead.`);
  const scores = (metrics: Record<string, Float32Array>): Float32Array => metrics[name].map((v) => -v);
  const threshold = thresholdAt(scores(held), falsePositives);

  const known = (item: number): boolean | null => (strange.size === 0 ? (strangers ? false : null) : images.labels[item] < 0 ? null : strange.has(images.labels[item]));
  const own = scores(await look(images, listed));
  // To a conditional model a class means what its own data means by it.
  const inOwnClasses = strangers && changed(strangers, { classes: images.classes, labels: strangers.labels.map((label) => (label < 0 ? -1 : images.classes.indexOf(strangers.classes[label]))) });
  const theirs = inOwnClasses ? scores(await look(inOwnClasses, others)) : new Float32Array();
  const items: AnomalyItem[] = [
    ...Array.from(listed, (index, i): AnomalyItem => ({ index, stranger: false, name: images.itemName(index), label: images.classes[images.labels[index]] ?? null, score: own[i], flagged: own[i] > threshold, anomalous: known(index) })),
    ...Array.from(others, (index, i): AnomalyItem => ({ index, stranger: true, name: strangers!.itemName(index), label: strangers!.classes[strangers!.labels[index]] ?? null, score: theirs[i], flagged: theirs[i] > threshold, anomalous: true })),
  ].sort((a, b) => b.score - a.score);

  const judged = items.filter((item) => item.anomalous !== null);
  const normal = judged.filter((item) => !item.anomalous);
  const bad = judged.filter((item) => item.anomalous);
  const flagged = (list: AnomalyItem[]): number | null => (list.length ? list.filter((item) => item.flagged).length / list.length : null);
  const area = auroc(judged.map((item) => item.score), judged.map((item) => item.anomalous === true));
  const notes: string[] = [];
  const unlabelled = strange.size > 0 ? items.length - judged.length : 0;
  if (unlabelled) notes.push(`${unlabelled} items without a label are listed but count for no rate.`);
  if (strange.size > 0 && train.some((item) => strange.has(images.labels[item]))) {
    notes.push('The run was trained on pictures of these classes too, so it has learned to describe them; train on the normal ones alone for a fair figure.');
  }
  return {
    score: kind === 'bound'
      ? { kind, unit: 'nats', meaning: 'minus the bound on log p(x): how badly the model explains the picture' }
      : { kind, unit: 'dB', meaning: 'minus the PSNR: how badly the model redraws the picture' },
    threshold, falsePositives,
    thresholdItems: forThreshold.length,
    measuredFalsePositives: flagged(strange.size > 0 || strangers ? normal : items),
    found: flagged(bad),
    auroc: Number.isNaN(area) ? null : area,
    items, notes,
  };
}

function classOf(images: ImageSet, name: string): number {
  const label = images.classes.indexOf(name);
  if (label < 0) throw new AtelierError('bad-input', `"${images.name}" has no class '${name}'.`, images.classes.length ? `Its classes are ${images.classes.join(', ')}.` : 'It has no classes; name a second set of anomalies instead.');
  return label;
}
