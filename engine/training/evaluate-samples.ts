import { AtelierError } from '../core/errors.ts';
import type { ImageSet } from '../core/image-set.ts';
import type { Device } from '../device/types.ts';
import { copiedShare, featureVariance, frechetDistance, manifoldScores } from '../metrics/index.ts';
import { trainClassifier, type Classifier } from './classifier.ts';
import { itemsOf } from './evaluate.ts';
import { rng } from '../core/rng.ts';
import { classifierExtractor, mobilenetExtractor, type Extractor } from './extractors.ts';
import type { Trained } from './types.ts';

export interface SampleScoreOptions {
  split?: 'train' | 'validation' | 'test';
  /** Pictures to draw, and as many of the split to compare with. */
  count: number;
  /** What distances are measured with; `auto` takes the classifier for small sets of one channel with classes, MobileNetV2 otherwise. */
  extractor?: 'auto' | 'mobilenet' | 'classifier';
  /** Drawn pictures by class that a second classifier is trained on, for the classification accuracy score; unset: not measured. */
  learnFrom?: number;
  seed?: number;
  temperature?: number;
  signal?: { readonly aborted: boolean };
  onProgress?: (fraction: number, message: string) => void;
}

export interface Scores {
  metrics: Record<string, number>;
  /** What the figures rest on, for people. */
  notes: string[];
}

/** Balls of the manifolds reach to so many nearest. */
const NEAREST = 3;
const DRAWN_AT_ONCE = 200;
/** Training pictures that drawn ones are compared with, at most. */
const TRAINING_PICTURES = 1500;

/**
 * Scores what a model draws against held-out pictures: Frechet distance, precision, recall and coverage with a named extractor; beside a held-out
 * split also diversity against the training pictures and whether they are copied; where it draws by
 * class, how many of its pictures an independent classifier recognises, and how well a classifier that has only seen drawn pictures tells real ones
 * (classification accuracy score, Ravuri and Vinyals 2019).
 * @throws AtelierError 'bad-input' for too few pictures or what needs classes without them; 'cancelled'
 */
export async function scoreSamples(trained: Trained, images: ImageSet, device: Device, options: SampleScoreOptions): Promise<Scores> {
  const { split = 'test', seed = 0, onProgress } = options;
  const items = itemsOf(images, split, options.count);
  const count = Math.min(options.count, items.length);
  if (count <= NEAREST + 1) throw new AtelierError('bad-input', `"${images.name}" has ${items.length} items in its ${split} split, too few to compare sets.`, 'Choose another split or a larger set.');
  const labelled = trained.prior ? trained.prior.conditional : (trained.model.usesLabels ?? false);
  const metrics: Record<string, number> = {};
  const notes: string[] = [];
  const wanted = options.extractor ?? 'auto';
  const byClassifier = wanted === 'classifier' || (wanted === 'auto' && images.channels === 1 && hasClasses(images));
  let classifier: Classifier | undefined;
  let extractor: Extractor | undefined;
  try {
    if (byClassifier || (labelled && hasClasses(images))) {
      classifier = await trainClassifier(images, device, { signal: options.signal, onProgress: (done) => onProgress?.(0.3 * done, 'Training the classifier that judges') });
      metrics.classifierAccuracy = classifier.accuracy;
      notes.push(`Judged by ${classifier.name}, right on ${percent(classifier.accuracy)} of held-out pictures.`);
      if (classifier.unseen.length) notes.push(`No training picture is of ${classifier.unseen.join(', ')}: the judge cannot recognise ${classifier.unseen.length === 1 ? 'it' : 'them'}, and drawn ones are not counted.`);
    }
    extractor = byClassifier ? classifierExtractor(classifier!) : mobilenetExtractor(device, images);

    onProgress?.(0.3, 'Drawing');
    const drawn = await draw(trained, count, seed, options, (done) => onProgress?.(0.3 + 0.3 * done, 'Drawing'));
    onProgress?.(0.6, 'Comparing');
    const made = await extractor.features(drawn.images);
    const real = await extractor.features(Float32Array.from(await images.read(items.subarray(0, count))));
    metrics.frechetDistance = frechetDistance(real, made, extractor.size);
    const { precision, recall, coverage } = manifoldScores(real, made, extractor.size, NEAREST);
    Object.assign(metrics, { precision, recall, coverage });
    notes.push(`Frechet distance, precision, recall and coverage (${NEAREST} nearest) of ${count} drawn and ${count} ${split} pictures, with ${extractor.name}. Distances compare only at the same number and extractor.`);

    if (split !== 'train' && images.split.train.length > NEAREST) {
      const learned = rng(seed, 'learned').shuffle(images.split.train.slice()).subarray(0, TRAINING_PICTURES);
      const train = new Float32Array(learned.length * extractor.size);
      for (let from = 0; from < learned.length; from += DRAWN_AT_ONCE) {
        if (options.signal?.aborted) throw new AtelierError('cancelled', 'It was called off.', 'Start it again.');
        train.set(await extractor.features(Float32Array.from(await images.read(learned.subarray(from, from + DRAWN_AT_ONCE)))), from * extractor.size);
        onProgress?.(0.6 + (0.1 * from) / learned.length, 'Comparing with what it learned from');
      }
      metrics.diversity = featureVariance(made, extractor.size) / featureVariance(train, extractor.size);
      metrics.copied = copiedShare(train, made, extractor.size);
      metrics.copiedHeldOut = copiedShare(train, real, extractor.size);
      notes.push(`Diversity: variance of the features of drawn pictures, of which that of ${learned.length} training pictures is 1. Copies: ${percent(metrics.copied)} of drawn pictures are nearer to a training picture than any other training picture is to it; of ${split} pictures, which it never saw, ${percent(metrics.copiedHeldOut)} are.`);
    }

    if (classifier && drawn.labels) Object.assign(metrics, recognised((await classifier.look(drawn.images)).classes, drawn.labels, classifier));
    if (options.learnFrom) {
      if (!labelled || !classifier) throw new AtelierError('bad-input', `"${trained.info.name}" does not draw by class, so nothing can be learned from what it draws.`, 'Leave the classification accuracy score out.');
      const from = await draw(trained, options.learnFrom, seed + 1, options, (done) => onProgress?.(0.7 + 0.15 * done, 'Drawing what a classifier is to learn from'));
      const pupil = await trainClassifier(drawnSet(images, from.images, from.labels!), device, { keep: false, signal: options.signal, onProgress: (done) => onProgress?.(0.85 + 0.15 * done, 'Training a classifier on drawn pictures') });
      metrics.classificationAccuracyScore = await accuracyOf(pupil, images, items);
      pupil.dispose();
      notes.push(`Classification accuracy score: a classifier of the same build trained on ${options.learnFrom} drawn pictures alone, on the ${split} pictures.`);
    }
    return { metrics, notes };
  } finally {
    extractor?.dispose();
    classifier?.dispose();
  }
}

const percent = (fraction: number): string => (Number.isNaN(fraction) ? 'none' : `${(100 * fraction).toFixed(1)} %`);
const hasClasses = (images: ImageSet): boolean => new Set(Array.from(images.split.train, (i) => images.labels[i]).filter((label) => label >= 0)).size >= 2;

/** @returns `[count, H, W, C]`, and the class asked for of each where the model draws by class */
async function draw(trained: Trained, count: number, seed: number, options: SampleScoreOptions, onProgress: (fraction: number) => void): Promise<{ images: Float32Array; labels?: Int32Array }> {
  const { height, width, channels } = trained.model.input;
  const size = height * width * channels;
  const images = new Float32Array(count * size);
  const labelled = trained.prior ? trained.prior.conditional : (trained.model.usesLabels ?? false);
  const classes = trained.info.data.classes.length;
  // Whole rounds of the classes, so that an item's place tells its class.
  const block = labelled ? Math.max(classes, Math.floor(DRAWN_AT_ONCE / classes) * classes) : DRAWN_AT_ONCE;
  for (let from = 0; from < count; from += block) {
    if (options.signal?.aborted) throw new AtelierError('cancelled', 'It was called off.', 'Start it again.');
    const n = Math.min(block, count - from);
    images.set((await trained.sample(n, { seed: seed * 1_000_003 + from, temperature: options.temperature })).images, from * size);
    onProgress((from + n) / count);
  }
  return { images, labels: labelled ? Int32Array.from({ length: count }, (_, i) => (i % block) % classes) : undefined };
}

function recognised(said: Int32Array, asked: Int32Array, classifier: Classifier): Record<string, number> {
  const counts = classifier.classes.map(() => ({ all: 0, right: 0 }));
  asked.forEach((label, i) => {
    counts[label].all++;
    if (said[i] === label) counts[label].right++;
  });
  const known = counts.filter((c, i) => c.all > 0 && !classifier.unseen.includes(classifier.classes[i]));
  const sum = (of: (c: (typeof known)[number]) => number) => known.reduce((n, c) => n + of(c), 0);
  return { recognised: sum((c) => c.right) / Math.max(1, sum((c) => c.all)), recognisedLeast: Math.min(...known.map((c) => c.right / c.all)) };
}

/** Drawn pictures as a set of training items alone. */
function drawnSet(images: ImageSet, pixels: Float32Array, labels: Int32Array): ImageSet {
  const { height, width, channels, classes } = images;
  const size = height * width * channels;
  const none = new Int32Array();
  return {
    ref: 'drawn', name: `drawn like ${images.name}`, fingerprint: 'drawn', height, width, channels, classes, labels, count: labels.length,
    split: { train: Int32Array.from(labels, (_, i) => i), validation: none, test: none },
    itemName: String,
    async read(indices, out = new Float32Array(indices.length * size)) {
      for (let i = 0; i < indices.length; i++) out.set(pixels.subarray(indices[i] * size, (indices[i] + 1) * size), i * size);
      return out;
    },
    async close() {},
  };
}

async function accuracyOf(classifier: Classifier, images: ImageSet, items: Int32Array): Promise<number> {
  const known = items.filter((item) => images.labels[item] >= 0);
  let right = 0;
  for (let from = 0; from < known.length; from += 256) {
    const part = known.subarray(from, from + 256);
    const { classes } = await classifier.look(Float32Array.from(await images.read(part)));
    right += classes.reduce((n, c, i) => n + (c === images.labels[part[i]] ? 1 : 0), 0);
  }
  return right / Math.max(1, known.length);
}
