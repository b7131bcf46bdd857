import type { ImageSet } from '../core/image-set.ts';
import { rng, type RngKey } from '../core/rng.ts';
import type { Device, HostArray, State } from '../device/types.ts';
import { batched } from './batched.ts';
import type { Subject } from './checkpoint.ts';
import { inspectGraph } from './step-graph.ts';

/** What is known of each of N items. */
export interface Inspected {
  count: number;
  /** `[N, H, W, C]`; only when asked for. */
  originals: Float32Array | null;
  /** What the model was shown where that is not the original, `[N, H, W, C]`; only when asked for. */
  shown: Float32Array | null;
  reconstructions: Float32Array | null;
  /** `[N, L]`; only when asked for. */
  latents: Float32Array | null;
  /** `[N, h * w]`, null for vectors. */
  codes: Int32Array | null;
  /** `[N, D]`, null for models without a KL. */
  klPerDimension: Float32Array | null;
  /** log p(x, z) - log q(z|x) of one z, `[N]`; null for models without a bound. */
  logWeights: Float32Array | null;
  /** Each `[N]`. */
  items: Record<string, Float32Array>;
}

export interface InspectOptions {
  pictures?: boolean;
  latents?: boolean;
  /** Which draw of the noise; other numbers give other draws. */
  draw?: number;
  onProgress?: (fraction: number) => void;
}

export interface Inspector {
  run(images: ImageSet, indices: ArrayLike<number>, options?: InspectOptions): Promise<Inspected>;
  dispose(): void;
}

/**
 * Looks at items through the model. Noise is drawn from the item's place in the list, so two looks at the same list agree.
 * @param prefix of the weights in the state: `e/` for the average
 */
export function createInspector(device: Device, model: Subject, state: State, prefix: string, seed: number): Inspector {
  const { height, width, channels } = model.input;
  const { latent } = model;
  const size = height * width * channels;
  const batch = Math.max(1, Math.min(64, Math.floor(2 ** 19 / size)));
  const graph = batched(device, 'inspect', state, (b) => inspectGraph(model, b, prefix), batch > 4 ? [1, batch] : [batch]);
  return {
    async run(images, indices, options = {}) {
      const n = indices.length;
      const pictures = options.pictures ?? false;
      const found: Inspected = {
        count: n,
        originals: pictures ? new Float32Array(n * size) : null,
        shown: null,
        reconstructions: pictures ? new Float32Array(n * size) : null,
        latents: options.latents && latent ? new Float32Array(n * latent.size) : null,
        codes: latent?.kind === 'codes' ? new Int32Array(n * latent.height * latent.width) : null,
        klPerDimension: null,
        logWeights: null,
        items: {},
      };
      await graph.run(
        n,
        async (from, count, inputs, b) => {
          const wanted = Array.from({ length: b }, (_, i) => indices[from + Math.min(i, count - 1)]);
          await images.read(wanted, inputs.images as Float32Array);
          if (inputs.labels) wanted.forEach((item, i) => (inputs.labels[i] = images.labels[item]));
          drawPerItem(model, inputs, from, count, b, [seed, 'inspect', options.draw ?? 0]);
          found.originals?.set((inputs.images as Float32Array).subarray(0, count * size), from * size);
        },
        (from, count, outputs) => {
          const copy = (target: Float32Array | Int32Array | null, name: string, per: number) =>
            target?.set(outputs[name].subarray(0, count * per) as Float32Array & Int32Array, from * per);
          if (outputs.reconstruction) copy(found.reconstructions, 'reconstruction', size);
          if (outputs.shown) {
            if (pictures) found.shown ??= new Float32Array(n * size);
            copy(found.shown, 'shown', size);
          }
          if (latent) copy(found.latents, 'latent', latent.size);
          if (found.codes) copy(found.codes, 'codes', found.codes.length / n);
          if (outputs.klPerDimension) {
            const per = (outputs.klPerDimension.length / outputs.latent.length) * latent!.size;
            found.klPerDimension ??= new Float32Array(n * per);
            copy(found.klPerDimension, 'klPerDimension', per);
          }
          if (outputs.logWeight) {
            found.logWeights ??= new Float32Array(n);
            copy(found.logWeights, 'logWeight', 1);
          }
          for (const [name, values] of Object.entries(outputs)) {
            if (!name.startsWith('item/')) continue;
            const target = (found.items[name.slice(5)] ??= new Float32Array(n));
            target.set(values.subarray(0, count) as Float32Array, from);
          }
          options.onProgress?.((from + count) / n);
        },
      );
      return found;
    },
    dispose: () => graph.dispose(),
  };
}

function drawPerItem(model: Subject, inputs: Record<string, HostArray>, from: number, count: number, batch: number, key: readonly RngKey[]): void {
  for (const [name, { shape, kind }] of Object.entries(model.noise(batch))) {
    const values = inputs[`noise/${name}`] as Float32Array;
    const per = shape.slice(1).reduce((a, b) => a * b, 1);
    for (let i = 0; i < count; i++) {
      const draw = rng(...key, name, from + i);
      const row = values.subarray(i * per, (i + 1) * per);
      if (kind === 'normal') draw.fillNormal(row);
      else draw.fillUniform(row);
    }
  }
}
