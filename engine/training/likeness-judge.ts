import type { ImageSet } from '../core/image-set.ts';
import type { Device } from '../device/types.ts';
import { likeness } from '../models/likeness.ts';
import { countParameters } from '../nn/layer.ts';
import { batched } from './batched.ts';
import { specOf } from './checkpoint.ts';
import { newRecord } from './plan.ts';
import { openSession } from './session.ts';
import { under } from './step-graph.ts';

export interface LikenessOptions {
  /** Of 32 pictures each. */
  steps?: number;
  seed?: number;
  /** 0 to 1 */
  onProgress?: (fraction: number) => void;
}

/** A network of its own, trained on the training items of a set to judge what pictures show. */
export interface LikenessJudge {
  /** Numbers about each picture. */
  readonly size: number;
  /** @param images `[N, H, W, C]` in [0, 1] @returns `[N, size]` */
  look(images: Float32Array): Promise<Float32Array>;
  dispose(): void;
}

/** Tells what is shown, whatever the class: unit vectors. Learns from items of the same name in several classes. */
export async function trainLikeness(images: ImageSet, device: Device, { steps = 600, seed = 0, onProgress }: LikenessOptions = {}): Promise<LikenessJudge> {
  const model = likeness(specOf(images));
  const { size } = model;
  const { ref, name, fingerprint, width, height, channels, classes } = images;
  const info = newRecord({
    folder: '', family: { kind: 'judge', title: 'Judge', presets: [] }, config: {}, name: 'judge', device: device.report.id, seed,
    data: { ref, name, fingerprint, width, height, channels, classes: [...classes] },
    training: { steps, batchSize: 32, learningRate: 2e-3, warmupSteps: 20, weightEma: 0.98 },
    parameters: countParameters(model.params),
  });
  const labelled: ImageSet = {
    ref, name, fingerprint, width, height, channels, count: images.count, classes, labels: images.labels,
    split: { ...images.split, train: images.split.train.filter((i) => images.labels[i] >= 0) },
    read: (items, out) => images.read(items, out),
    itemName: (i) => images.itemName(i),
    close: async () => {},
  };
  const session = await openSession(info, model, labelled, device);
  for (let step = 0; step < steps; step++) {
    await session.step({ step, steps });
    onProgress?.((step + 1) / steps);
    if (step % 8 === 0) await new Promise((resolve) => setImmediate(resolve)); // a step blocks its thread; let messages in
  }
  const values = height * width * channels;
  const graph = batched(device, 'judge', session.state, (batch) => ({
    inputs: { images: { shape: [batch, height, width, channels], dtype: 'float32' } },
    fn: (given, all) => ({ outputs: { found: model.vectors(under(all, session.weights), given.images) } }),
  }), [16]);
  return {
    size,
    async look(pictures) {
      const n = pictures.length / values;
      const out = new Float32Array(n * size);
      await graph.run(
        n,
        (from, count, inputs) => void inputs.images.set(pictures.subarray(from * values, (from + count) * values)),
        (from, count, { found }) => out.set(found.subarray(0, count * size) as Float32Array, from * size),
      );
      return out;
    },
    dispose() {
      graph.dispose();
      session.dispose();
    },
  };
}
