import * as tf from '@tensorflow/tfjs-core';
import type { ImageSet } from '../core/image-set.ts';
import type { Device } from '../device/types.ts';
import { MOBILENET, MOBILENET_SIZE, mobilenet, mobilenetWeights } from '../nn/mobilenet.ts';
import { batched } from './batched.ts';
import { CLASSIFIER_FEATURES, type Classifier } from './classifier.ts';

/** Turns pictures into the features that distances between sets are measured in. */
export interface Extractor {
  /** Which network, at which size: a distance means nothing without. */
  readonly name: string;
  /** D */
  readonly size: number;
  /** @param images `[N, H, W, C]` in [0, 1] @returns `[N, D]` */
  features(images: Float32Array): Promise<Float32Array>;
  dispose(): void;
}

/** Side at which MobileNetV2 sees pictures: its own 224 costs five times as much and moves small pictures' distances little. */
const SEEN = 96;
const BATCH = 16;

/** Pooled features of MobileNetV2, of pictures resized to 96 px. */
export function mobilenetExtractor(device: Device, { height, width, channels }: Pick<ImageSet, 'height' | 'width' | 'channels'>): Extractor {
  const state = device.createState(mobilenetWeights());
  const size = height * width * channels;
  const graph = batched(device, 'mobilenet', state, (batch) => ({
    inputs: { images: { shape: [batch, height, width, channels], dtype: 'float32' } },
    fn(given, weights) {
      const seen = height === SEEN && width === SEEN ? given.images : tf.image.resizeBilinear(given.images as tf.Tensor4D, [SEEN, SEEN], false, true);
      return { outputs: { features: mobilenet(weights, seen, ['pooled']).pooled } };
    },
  }), [BATCH]);
  return {
    name: `${MOBILENET} at ${SEEN} px`,
    size: MOBILENET_SIZE,
    async features(images) {
      const n = images.length / size;
      const out = new Float32Array(n * MOBILENET_SIZE);
      await graph.run(
        n,
        (from, count, inputs) => inputs.images.set(images.subarray(from * size, (from + count) * size)),
        (from, count, outputs) => out.set((outputs.features as Float32Array).subarray(0, count * MOBILENET_SIZE), from * MOBILENET_SIZE),
      );
      return out;
    },
    dispose() {
      graph.dispose();
      state.dispose();
    },
  };
}

/** The features before the last layer of a classifier, which whoever made it disposes of. */
export const classifierExtractor = (classifier: Classifier): Extractor => ({
  name: `128 features of ${classifier.name}`,
  size: CLASSIFIER_FEATURES,
  features: async (images) => (await classifier.look(images)).features,
  dispose() {},
});
