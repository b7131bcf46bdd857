import { AtelierError } from '../core/errors.ts';
import type { Device, State } from '../device/types.ts';
import type { Model } from '../models/define.ts';
import { batched } from './batched.ts';
import { under } from './step-graph.ts';

/** Draws codes in a mixture of styles. */
export interface Restyler {
  /** @param codes `[N, h * w]` @param styles weight of each style, `[S]` @returns images `[N, H, W, C]` */
  run(codes: Int32Array, styles: readonly number[]): Promise<Float32Array>;
  dispose(): void;
}

/** @throws AtelierError 'bad-input' for a model without styles */
export function createRestyler(device: Device, model: Model, state: State, prefix: string, name: string): Restyler {
  const { restyle, latent } = model;
  if (!restyle || latent.kind !== 'codes') throw new AtelierError('bad-input', `${name} has no styles: its decoder is not told how to draw.`, 'Train a style VQ-VAE, on one folder a style.');
  const { height, width, channels, classes } = model.input;
  const size = height * width * channels;
  const cells = latent.height * latent.width;
  const graph = batched(device, 'restyle', state, (batch) => ({
    inputs: { codes: { shape: [batch, cells], dtype: 'int32' }, styles: { shape: [batch, classes], dtype: 'float32' } },
    fn: (given, all) => ({ outputs: { images: restyle(under(all, prefix), given.codes, given.styles) } }),
  }), [1, Math.max(2, Math.min(32, Math.floor(2 ** 19 / size)))]);
  return {
    async run(codes, styles) {
      const n = codes.length / cells;
      const out = new Float32Array(n * size);
      await graph.run(
        n,
        (from, count, inputs, batch) => {
          inputs.codes.set(codes.subarray(from * cells, (from + count) * cells));
          for (let i = 0; i < batch; i++) inputs.styles.set(styles, i * classes);
        },
        (from, count, outputs) => out.set(outputs.images.subarray(0, count * size) as Float32Array, from * size),
      );
      return out;
    },
    dispose: () => graph.dispose(),
  };
}
