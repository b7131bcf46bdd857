/** Perceptual loss and critic: by hand where that can be, and whole steps traced against eager. */
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { rng } from '../core/rng.ts';
import { eagerDevice, openDevice } from '../device/index.ts';
import type { Device } from '../device/types.ts';
import { familyOf } from '../models/index.ts';
import { criticWeightAt } from '../models/sharpening.ts';
import { featureDistance } from '../nn/perceptual.ts';
import { modelOf } from './checkpoint.ts';
import { rectangles } from './memory-set.fixture.ts';
import { planRun } from './plan.ts';
import { openSession } from './session.ts';

vi.setConfig({ testTimeout: 120_000 });

const images = rectangles({ side: 16 });
const config = { 'vq-vae': { hidden: 8, residualLayers: 1, residualHidden: 4, codes: 8, codeSize: 4, reviveEvery: 0 }, vae: { latentSize: 3, width: 4, hidden: 8, klWarmup: 0 } };
const plan = (kind: keyof typeof config, more: object, training = {}) => planRun({ family: kind, config: { ...config[kind], criticWidth: 4, ...more }, seed: 3, training: { steps: 50, batchSize: 4, warmupSteps: 0, learningRate: 2e-3, ...training } }, images, 'cpu', '');

async function run(device: Device, info: ReturnType<typeof plan>, steps: number, of = 50) {
  const session = await openSession(info, modelOf(info), images, device);
  await session.start();
  const results = [];
  for (let step = 0; step < steps; step++) results.push(await session.step({ step, steps: of }));
  const state = Object.fromEntries(Object.entries(await session.state.read(Object.keys(session.state.specs))).map(([name, values]) => [name, Float32Array.from(values)]));
  session.dispose();
  return { results, state };
}

describe('eagerly', () => {
  beforeEach(async () => {
    await tf.setBackend('cpu');
    tf.engine().startScope();
  });
  afterEach(() => tf.engine().endScope());
  const pictures = (seed: number, size = 16) => tf.tensor(rng(seed).fillUniform(new Float32Array(size * size * 3)), [1, size, size, 3]);

  test('feature distance: none from itself, more for noise than for a small change, of any size and number of channels, none passes to the target', () => {
    const a = pictures(1);
    const value = (t: tf.Tensor) => t.dataSync()[0];
    expect(value(featureDistance(a, a, 32))).toBe(0);
    const slight = value(featureDistance(tf.add(a, 0.02), a, 32));
    expect(slight).toBeGreaterThan(0);
    expect(value(featureDistance(pictures(2), a, 32))).toBeGreaterThan(3 * slight);
    expect(value(featureDistance(tf.mean(pictures(2), 3, true), tf.mean(a, 3, true), 32))).toBeGreaterThan(0);
    const grad = tf.grad((x) => featureDistance(x, a, 32) as tf.Scalar)(pictures(2)).dataSync();
    expect(Math.max(...grad.map(Math.abs))).toBeGreaterThan(0);
  });

  test.each(['vae', 'vq-vae'] as const)('%s: pull is the gradient of the loss by what was drawn', (kind) => {
    const model = familyOf(kind).build(familyOf(kind).parse(config[kind]), { height: 16, width: 16, channels: 3, classes: 0 });
    const params = Object.fromEntries(model.params.map((p) => [p.name, tf.tensor(p.init(rng(1, p.name)), [...p.shape])]));
    const noise = Object.fromEntries(Object.entries(model.noise(1)).map(([name, { shape }]) => [name, tf.zeros([...shape])]));
    // The last bias is added to every pixel of its channel, so its gradient is the sum of the pull.
    const last = kind === 'vae' ? 'decoder/up/1/bias' : 'decoder/up/0/bias';
    const hyper = { beta: tf.scalar(1) };
    const whole = tf.grad((bias) => model.loss({ ...params, [last]: bias }, { images: pictures(4) }, noise, hyper).loss)(params[last]).dataSync();
    const pull = tf.sum(model.loss(params, { images: pictures(4) }, noise, hyper).drawn!.pull(), [0, 1, 2]).dataSync();
    whole.forEach((v, i) => expect(v).toBeCloseTo(pull[i], 4));
  });
});

test('the critic joins at its start and grows to its weight', () => {
  const at = (step: number) => criticWeightAt({ adversarial: 0.8, adversarialStart: 0.3 }, { step, steps: 1000 });
  expect([at(0), at(299), at(349), at(399), at(999)]).toEqual([0, 0, 0.4, 0.8, 0.8]);
});

test.each(['vae', 'vq-vae'] as const)('%s with critic and features: traced and eager agree over three steps', async (kind) => {
  const info = plan(kind, { adversarial: 0.5, adversarialStart: 0, perceptual: 0.5, perceptualSize: 32 });
  const [traced, eager] = [await run(await openDevice('cpu'), info, 3), await run(await eagerDevice(), info, 3)];
  traced.results.forEach(({ loss, metrics }, i) => {
    expect(Math.abs(loss - eager.results[i].loss)).toBeLessThan(2e-4 * Math.max(1, Math.abs(loss)));
    expect(metrics.criticReal).toBeCloseTo(eager.results[i].metrics.criticReal, 3);
  });
  for (const name of Object.keys(eager.state).filter((n) => n.startsWith('p/'))) {
    const scale = eager.state[name].reduce((m, v) => Math.max(m, Math.abs(v)), 1e-2);
    expect(eager.state[name].reduce((m, v, i) => Math.max(m, Math.abs(v - traced.state[name][i])), 0) / scale, name).toBeLessThan(2e-3);
  }
});

test('before its start a critic changes nothing and learns nothing', async () => {
  const device = await openDevice('cpu');
  const [plain, waiting] = [await run(device, plan('vq-vae', {}), 4), await run(device, plan('vq-vae', { adversarial: 1, adversarialStart: 0.5 }), 4)];
  for (const [name, values] of Object.entries(plain.state)) values.forEach((v, i) => expect(waiting.state[name][i]).toBeCloseTo(v, 5));
  expect(waiting.state['m/critic/out/kernel'].every((v) => v === 0)).toBe(true);
});

test('two hundred steps with a critic from early on stay stable, and it learns to tell', async () => {
  const { results } = await run(await openDevice('cpu'), plan('vq-vae', { adversarial: 0.5, adversarialStart: 0.1 }, { steps: 200 }), 200, 200);
  const last = results.slice(-20);
  const mean = (name: string) => last.reduce((sum, r) => sum + r.metrics[name], 0) / last.length;
  expect(results.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  expect(mean('criticReal')).toBeGreaterThan(mean('criticFake'));
  expect(mean('mse')).toBeLessThan(results[5].metrics.mse);
});
