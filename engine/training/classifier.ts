/**
 * A small convolutional classifier, trained on a set's own labels: an independent judge of what pictures by class show, and a source of features
 * for sets that a network of photographs knows nothing of.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { AtelierError } from '../core/errors.ts';
import { changed, type ImageSet } from '../core/image-set.ts';
import { readSafetensors, writeSafetensors } from '../core/safetensors.ts';
import { userFolder } from '../core/user-folder.ts';
import type { Device } from '../device/types.ts';
import { conv } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import { lambda, sequential, type Layer, type Params } from '../nn/layer.ts';
import { relu } from '../nn/residual.ts';
import type { ImageSpec, Trainable } from '../nn/trainable.ts';
import { batched } from './batched.ts';
import { specOf } from './checkpoint.ts';
import { openSession } from './session.ts';
import { fromTensors, toTensors, type HostState } from './state.ts';
import { PREFIX, under } from './step-graph.ts';
import { trainingPlan } from '../../electron/contract/runs.ts';

/** Length of the features before the last layer. */
export const CLASSIFIER_FEATURES = 128;
/** Raised when its weights can no longer be read. */
const VERSION = 1;
const BATCH = 64;
const STEPS = { least: 200, most: 1500, epochs: 25 };

export interface Classifier {
  /** As figures that rest on it name it. */
  readonly name: string;
  /** Part of held-out items that it tells right; NaN without any. */
  readonly accuracy: number;
  readonly classes: readonly string[];
  /** Classes that no training item had: it never says them. */
  readonly unseen: readonly string[];
  /** @param images `[N, H, W, C]` @returns the likeliest class of each, and features `[N, 128]` */
  look(images: Float32Array): Promise<{ classes: Int32Array; features: Float32Array }>;
  dispose(): void;
}

export interface ClassifierOptions {
  seed?: number;
  /** Training steps; unset: about 25 passes, from 200 to 1500 steps. */
  steps?: number;
  /** Keeps the weights in the user's folder and finds them there the next time. */
  keep?: boolean;
  signal?: { readonly aborted: boolean };
  onProgress?: (fraction: number) => void;
}

function network(input: ImageSpec): { body: Layer; head: Layer } {
  const { height, width, channels, classes } = input;
  const layers: Layer[] = [conv('in', 2, channels, 16, { kernel: 3, before: 'relu' }), relu];
  let [h, w, c] = [height, width, 16];
  for (let i = 0; Math.max(h, w) > 4 && i < 8; i++) {
    const next = Math.min(128, c * 2);
    layers.push(conv(`down/${i}`, 2, c, next, { kernel: 3, stride: 2, before: 'relu' }), relu);
    [h, w, c] = [Math.ceil(h / 2), Math.ceil(w / 2), next];
  }
  layers.push(lambda((x) => tf.reshape(x, [-1, h * w * c])), dense('features', h * w * c, CLASSIFIER_FEATURES, { before: 'relu' }), relu);
  return { body: sequential(...layers), head: dense('classes', CLASSIFIER_FEATURES, classes) };
}

/** The classifier as something that can be trained; items without a label count for nothing. */
export function classifierModel(input: ImageSpec): Trainable & { look(params: Params, images: tf.Tensor): { classes: tf.Tensor; features: tf.Tensor } } {
  const { body, head } = network(input);
  const features = (params: Params, images: tf.Tensor) => body.apply(params, tf.sub(images, 0.5));
  const target = (labels: tf.Tensor) => tf.oneHot(tf.maximum(labels, tf.scalar(0, 'int32')) as tf.Tensor1D, input.classes, 1, 0, 'float32');
  const known = (labels: tf.Tensor) => tf.cast(tf.greaterEqual(labels, tf.scalar(0, 'int32')), 'float32');
  const costs = (logits: tf.Tensor, labels: tf.Tensor) => tf.neg(tf.sum(tf.mul(target(labels), tf.logSoftmax(logits)), 1));
  return {
    input,
    params: [...body.params, ...head.params],
    usesLabels: true,
    noise: () => ({}),
    hyper: {},
    loss(params, { images, labels }) {
      const weight = known(labels!);
      const loss = tf.div(tf.sum(tf.mul(weight, costs(head.apply(params, features(params, images)), labels!))), tf.maximum(tf.sum(weight), 1));
      return { loss, metrics: {} };
    },
    inspect(params, { images, labels }) {
      const logits = head.apply(params, features(params, images));
      return { items: { cost: tf.mul(known(labels!), costs(logits, labels!)) } };
    },
    look(params, images) {
      const found = features(params, images);
      return { classes: tf.argMax(head.apply(params, found), 1), features: found };
    },
  };
}

/**
 * Trains a classifier on the labelled training items of a set, or finds it where it was kept.
 * @throws AtelierError 'bad-input' when fewer than two classes have training items; 'cancelled'
 */
export async function trainClassifier(images: ImageSet, device: Device, options: ClassifierOptions = {}): Promise<Classifier> {
  const { seed = 0, keep = true } = options;
  const train = images.split.train.filter((item) => images.labels[item] >= 0);
  const seen = new Set(Array.from(train, (item) => images.labels[item]));
  if (seen.size < 2) {
    throw new AtelierError('bad-input', `"${images.name}" has labelled pictures of ${seen.size === 1 ? 'one class' : 'no class'}, and a classifier needs two or more.`, 'Sort the pictures into one folder a class and import them again, or leave out what needs classes.');
  }
  const spec = specOf(images);
  const model = classifierModel(spec);
  const steps = options.steps ?? Math.max(STEPS.least, Math.min(STEPS.most, Math.round((STEPS.epochs * train.length) / BATCH)));
  const key = createHash('sha256').update(JSON.stringify([VERSION, images.fingerprint, steps, seed])).digest('hex').slice(0, 24);
  const path = join(userFolder('cache', 'classifiers'), `${key}.safetensors`);
  const wanted = Object.fromEntries(model.params.map((p) => [PREFIX.average + p.name, { shape: p.shape }]));
  let weights = keep ? await kept(path, wanted) : null;
  if (!weights) {
    weights = await fit(images, train, device, model, steps, seed, options);
    if (keep) await writeSafetensors(path, weights);
  }

  const state = device.createState(weights);
  const { height, width, channels } = spec;
  const size = height * width * channels;
  const graph = batched(device, 'classify', state, (batch) => ({
    inputs: { images: { shape: [batch, height, width, channels], dtype: 'float32' } },
    fn: (given, all) => ({ outputs: { ...model.look(under(all, PREFIX.average), given.images) } }),
  }), [BATCH]);
  const look: Classifier['look'] = async (pictures) => {
    const n = pictures.length / size;
    const classes = new Int32Array(n);
    const features = new Float32Array(n * CLASSIFIER_FEATURES);
    await graph.run(
      n,
      (from, count, inputs) => inputs.images.set(pictures.subarray(from * size, (from + count) * size)),
      (from, count, outputs) => {
        classes.set(outputs.classes.subarray(0, count) as Int32Array, from);
        features.set((outputs.features as Float32Array).subarray(0, count * CLASSIFIER_FEATURES), from * CLASSIFIER_FEATURES);
      },
    );
    return { classes, features };
  };
  return {
    name: `a classifier trained on "${images.name}" (${steps} steps, seed ${seed})`,
    accuracy: await accuracyOn(images, look),
    classes: images.classes,
    unseen: images.classes.filter((_, c) => !seen.has(c)),
    look,
    dispose() {
      graph.dispose();
      state.dispose();
    },
  };
}

async function kept(path: string, wanted: Record<string, { shape: readonly number[] }>): Promise<HostState | null> {
  try {
    return fromTensors((await readSafetensors(path)).tensors, wanted, path);
  } catch {
    return null; // it is only a cache
  }
}

async function fit(images: ImageSet, train: Int32Array, device: Device, model: Trainable, steps: number, seed: number, options: ClassifierOptions): Promise<HostState> {
  const training = trainingPlan.parse({ steps, batchSize: BATCH, learningRate: 2e-3, warmupSteps: 20, weightDecay: 0.01, weightEma: 0.98 });
  const set = changed(images, { split: { ...images.split, train } });
  const session = await openSession({ training, seed }, model, set, device);
  try {
    await session.start();
    for (let step = 0; step < steps; step++) {
      if (options.signal?.aborted) throw new AtelierError('cancelled', 'It was called off.', 'Start it again.');
      const { loss } = await session.step({ step, steps });
      if (!Number.isFinite(loss)) throw new AtelierError('internal', 'The classifier of the evaluation broke down.', 'Evaluate without what needs classes.');
      if (step % 10 === 9) {
        options.onProgress?.((step + 1) / steps);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const names = model.params.map((p) => PREFIX.average + p.name);
    return fromTensors(toTensors(Object.fromEntries(names.map((name) => [name, session.state.specs[name]])), await session.state.read(names)), Object.fromEntries(names.map((name) => [name, session.state.specs[name]])), 'the classifier');
  } finally {
    session.dispose();
  }
}

const ACCURACY_ITEMS = 2000;

async function accuracyOn(images: ImageSet, look: Classifier['look']): Promise<number> {
  const { test, validation } = images.split;
  const items = (test.length > 0 ? test : validation).filter((item) => images.labels[item] >= 0).slice(0, ACCURACY_ITEMS);
  if (items.length === 0) return NaN;
  let right = 0;
  for (let from = 0; from < items.length; from += 256) {
    const part = items.subarray(from, from + 256);
    const { classes } = await look(await images.read(part));
    right += classes.reduce((n, c, i) => n + (c === images.labels[part[i]] ? 1 : 0), 0);
  }
  return right / items.length;
}
