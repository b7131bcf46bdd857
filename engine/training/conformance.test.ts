/** What every registered family must do, and options that change a family's graph; a new family is tested by being registered. */
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sizeOf } from '../core/axes.ts';
import { rng } from '../core/rng.ts';
import { decodeSafetensors, encodeSafetensors } from '../core/safetensors.ts';
import { eagerDevice, openDevice } from '../device/index.ts';
import type { Device } from '../device/types.ts';
import type { Model } from '../models/define.ts';
import { families, familyOf } from '../models/index.ts';
import { gradientErrors } from '../nn/finite-differences.ts';
import { metadataOf, checkMetadata, modelOf } from './checkpoint.ts';
import { drawNoise } from './noise.ts';
import { rectangles } from './memory-set.fixture.ts';
import { planRun } from './plan.ts';
import { openSession } from './session.ts';
import { fromTensors, initialState, toTensors } from './state.ts';
import { under } from './step-graph.ts';
import type { RunInfo } from './types.ts';

vi.setConfig({ testTimeout: 120_000 });

const images = rectangles();
const plan = (kind: string, tiny: object, training: Partial<RunInfo['training']> = {}) =>
  planRun({ family: kind, config: tiny as Record<string, unknown>, seed: 3, training: { steps: 50, batchSize: 6, learningRate: 2e-3, warmupSteps: 2, weightDecay: 0.01, ...training } }, images, 'cpu', '');

const tensorsOf = (model: Model) => Object.fromEntries(Object.entries(under(initialState(model, 3, false), 'p/')).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
const noiseOf = (model: Model, batch: number) => {
  const specs = model.noise(batch);
  return Object.fromEntries(Object.entries(drawNoise(specs, [1])).map(([name, values]) => [name, tf.tensor(values, [...specs[name].shape])]));
};
const hyperOf = (model: Model) => Object.fromEntries(Object.entries(model.hyper).map(([name, schedule]) => [name, tf.scalar(schedule({ step: 25, steps: 50 }))]));
const labelsOf = (model: Model, n: number) => (model.usesLabels ? tf.tensor1d(Array.from({ length: n }, (_, i) => (i % 3) - 1), 'int32') : undefined);
const batchOf = async (model: Model, n: number) => ({ images: tf.tensor(await images.read(images.split.train.slice(0, n)), [n, 8, 8, 3]), labels: labelsOf(model, n) });

async function fiveSteps(device: Device, info: RunInfo): Promise<{ losses: number[]; state: Record<string, Float32Array> }> {
  const session = await openSession(info, modelOf(info), images, device);
  await session.start();
  const losses: number[] = [];
  for (let step = 0; step < 5; step++) losses.push((await session.step({ step, steps: 50 })).loss);
  const state = Object.fromEntries(Object.entries(await session.state.read(Object.keys(session.state.specs))).map(([name, values]) => [name, Float32Array.from(values)]));
  session.dispose();
  return { losses, state };
}

const options: [kind: string, what: string, config: Record<string, unknown>][] = [
  ['vae', 'with flows', { flows: 2, flowWidth: 6, flowContext: 4, denoise: 0.1 }],
  ['vae', 'with a flow prior', { priorFlows: 4, priorWidth: 6 }],
  ['vq-vae', 'with the rotation trick and the cosine distance', { estimator: 'rotation', distance: 'cosine' }],
  ['vq-vae', 'with residual levels', { levels: 2, codebook: 'gradient' }],
  ['vq-vae-2', 'with three grids, gradient codebooks and the rotation trick', { grids: 3, codebook: 'gradient', estimator: 'rotation' }],
  ['vq-vae', 'with finite scalar quantisation', { quantizer: 'fsq', fsqLevels: [4, 3, 3] }],
];
const cases = [...families.map((f) => [f.kind, '', {}] as const), ...options].map(([kind, what, config]) => ({ name: `${kind} ${what}`.trim(), kind, config }));

describe.each(cases)('$name', ({ kind, config }) => {
  const family = familyOf(kind);
  const tiny = { ...family.tiny, ...config };

  describe('eagerly', () => {
    beforeEach(async () => {
      await tf.setBackend('cpu');
      tf.engine().startScope();
    });
    afterEach(() => tf.engine().endScope());

    test('shapes are as stated, and the loss is finite', async () => {
      const model = modelOf(plan(kind, tiny));
      const params = tensorsOf(model);
      for (const spec of model.params) expect(params[spec.name].size, spec.name).toBe(sizeOf(spec.shape));
      const batch = await batchOf(model, 4);
      const { loss, metrics, updates } = model.loss(params, batch, noiseOf(model, 4), hyperOf(model));
      expect(loss.shape).toEqual([]);
      for (const [name, value] of Object.entries({ loss, ...metrics })) expect(Number.isFinite(value.dataSync()[0]), name).toBe(true);
      for (const [name, value] of Object.entries(updates ?? {})) expect(value.shape, name).toEqual(params[name].shape);
      const seen = model.inspect(params, batch, noiseOf(model, 4));
      expect(seen.reconstruction.shape).toEqual([4, 8, 8, 3]);
      expect(seen.latent.shape).toEqual([4, model.latent.size]);
      for (const [name, value] of Object.entries(seen.items)) expect(value.shape, name).toEqual([4]);
      expect(tf.min(seen.reconstruction).dataSync()[0]).toBeGreaterThanOrEqual(0);
      expect(tf.max(seen.reconstruction).dataSync()[0]).toBeLessThanOrEqual(1);
      const latent = model.encode(params, batch.images, batch.labels);
      expect(latent.shape).toEqual([4, model.latent.size]);
      expect(model.decode(params, latent, batch.labels).shape).toEqual([4, 8, 8, 3]);
      if (model.latent.kind === 'codes') {
        const codes = model.encodeCodes!(params, batch.images);
        expect(codes.shape).toEqual([4, model.latent.height * model.latent.width]);
        const [a, b] = [model.decodeCodes!(params, codes), model.decode(params, latent)].map((t) => t.dataSync());
        expect(Array.from(a)).toEqual(Array.from(b));
      }
    });

    test('gradients agree with finite differences, except where they are meant not to', async () => {
      const model = modelOf(plan(kind, tiny));
      // Biases away from 0 and pictures of noise, so that few ReLUs are at their edge, where there is no derivative.
      const params = Object.fromEntries(Object.entries(tensorsOf(model)).map(([name, t]) => [name, name.startsWith('quantizer/') ? t : tf.add(t, tf.tensor(rng(4, name).fillUniform(new Float32Array(t.size)), t.shape).mul(0.05))]));
      const names = model.params.filter((p) => p.trainable && !model.straightThrough?.(p.name)).map((p) => p.name);
      const x = tf.tensor(rng(5).fillUniform(new Float32Array(2 * 192)), [2, 8, 8, 3]);
      const noise = noiseOf(model, 2);
      const hyper = hyperOf(model);
      const errors = gradientErrors((p) => model.loss(p, { images: x, labels: labelsOf(model, 2) }, noise, hyper).loss, params, rng(9), { names, epsilon: 1e-3, floor: 0.2 });
      expect(names.length).toBeGreaterThan(2);
      for (const [name, error] of Object.entries(errors)) expect(error, name).toBeLessThan(0.02);
    });
  });

  test('traced and eager agree to 1e-4 after five optimizer steps', async () => {
    const info = plan(kind, tiny);
    const traced = await fiveSteps(await openDevice('cpu'), info);
    const eager = await fiveSteps(await eagerDevice(), info);
    traced.losses.forEach((loss, i) => expect(Math.abs(loss - eager.losses[i])).toBeLessThanOrEqual(1e-4 * Math.max(Math.abs(eager.losses[i]), 1)));
    for (const name of Object.keys(eager.state)) {
      const scale = eager.state[name].reduce((m, v) => Math.max(m, Math.abs(v)), 1e-3);
      const worst = eager.state[name].reduce((m, v, i) => Math.max(m, Math.abs(v - traced.state[name][i])), 0);
      // Adam divides by the root of v, so slots of vanishing gradients may differ more than what they move.
      expect(worst / scale, name).toBeLessThan(name.startsWith('p/') || name.startsWith('e/') ? 1e-4 : 1e-3);
    }
  });

  test('a state survives its file, and the file refuses another configuration', async () => {
    const info = plan(kind, tiny);
    const model = modelOf(info);
    const state = initialState(model, 3, true);
    const bytes = Buffer.concat(encodeSafetensors(toTensors(state, Object.fromEntries(Object.entries(state).map(([n, t]) => [n, t.values]))), metadataOf(info)));
    const { tensors, metadata } = decodeSafetensors(bytes);
    checkMetadata(metadata, info, 'file');
    expect(fromTensors(tensors, state, 'file')).toEqual(state);
    const other = { ...info, config: { ...info.config, changed: 1 } };
    expect(() => checkMetadata(metadata, other, 'file')).toThrow(/its config is/);
    delete tensors[Object.keys(state)[0]];
    expect(() => fromTensors(tensors, state, 'file')).toThrow(/is missing/);
  });

  test('learns one batch by heart', async () => {
    const few = rectangles({ count: 8 });
    const roomy = Object.fromEntries(Object.entries({ beta: 0.01, width: 8, latentSize: 8, hidden: 32, likelihood: 'gaussian', codes: 32, codeSize: 8, variables: 8, categories: 8, denoise: 0 }).filter(([name]) => name in family.defaults));
    const info = planRun({ family: kind, config: { ...tiny, ...roomy }, training: { steps: 300, batchSize: 6, learningRate: 5e-3, warmupSteps: 5 } }, few, 'cpu', '');
    const device = await openDevice('cpu');
    const session = await openSession(info, modelOf(info), few, device);
    await session.start();
    const losses: number[] = [];
    for (let step = 0; step < 300; step++) losses.push((await session.step({ step, steps: 300 })).loss);
    session.dispose();
    // A density has no floor at 0, so the fall is counted against its own first value.
    if ('likelihood' in family.defaults) expect(losses[299]).toBeLessThan(losses[0] - 1);
    else expect(losses[299]).toBeLessThan(losses[0] / 5);
  });
});
