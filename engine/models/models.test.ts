import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import type { Model } from './define.ts';
import { alphabetOf, gridsOf } from './grids.ts';
import { families, familyOf } from './index.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const build = (kind: string, config: Record<string, unknown>, size = 8, channels = 1): Model => {
  const family = familyOf(kind);
  return family.build(family.parse({ ...family.tiny, ...config }), { height: size, width: size, channels, classes: 0 });
};
const paramsOf = (model: Model) => Object.fromEntries(model.params.map((p) => [p.name, tf.tensor(p.init(rng(1, p.name)), [...p.shape])]));
const one = (t: tf.Tensor) => t.dataSync()[0];
const scalars = (values: Record<string, number>) => Object.fromEntries(Object.entries(values).map(([k, v]) => [k, tf.scalar(v)]));
const image = (value: number, n = 2) => tf.fill([n, 8, 8, 1], value);

test.each(families.map((f) => [f.kind, f] as const))('%s: each setting has a title and a description, presets parse, names of parameters are unique', (_, family) => {
  const shape = (family.schema as unknown as { shape: Record<string, { meta(): { title?: string } | undefined; description?: string }> }).shape;
  for (const [name, setting] of Object.entries(shape)) {
    expect(setting.meta()?.title, name).toBeTruthy();
    expect(setting.description, name).toBeTruthy();
  }
  for (const preset of family.presets) {
    const model = family.build(family.parse(preset.config as Record<string, unknown>) as never, { height: 32, width: 32, channels: 3, classes: 2, frames: 4 });
    expect(new Set(model.params.map((p) => p.name)).size).toBe(model.params.length);
  }
  expect(family.parse({})).toEqual(family.defaults);
});

test('VAE: the ELBO is reconstruction less KL, and beta weighs the KL in the loss', () => {
  const model = build('vae', { likelihood: 'bernoulli' });
  const params = paramsOf(model);
  const noise = { latent: tf.zeros([2, 3]) };
  const run = (beta: number) => model.loss(params, { images: image(0.3) }, noise, scalars({ beta }));
  const { loss, metrics } = run(1);
  expect(one(metrics.elboNats)).toBeCloseTo(one(metrics.reconstructionNats) - one(metrics.klNats), 4);
  expect(one(loss)).toBeCloseTo(-one(metrics.elboNats) / 64, 5);
  expect(one(run(3).loss) - one(loss)).toBeCloseTo((2 * one(metrics.klNats)) / 64, 5);
});

test('VAE: capacity penalises the distance of the KL from its target, on both sides', () => {
  const model = build('vae', { likelihood: 'bernoulli', capacity: 20, capacityRamp: 0.5 });
  const params = paramsOf(model);
  const noise = { latent: tf.zeros([2, 3]) };
  const loss = (capacityNats: number) => model.loss(params, { images: image(0.3) }, noise, scalars({ beta: 2, capacityNats }));
  const kl = one(loss(0).metrics.klNats);
  expect(one(loss(kl + 3).loss) - one(loss(kl).loss)).toBeCloseTo((2 * 3) / 64, 4);
  expect(one(loss(kl - 0.25 * kl).loss) - one(loss(kl).loss)).toBeCloseTo((2 * 0.25 * kl) / 64, 4);
  expect(model.hyper.capacityNats({ step: 250, steps: 1000 })).toBe(10);
  expect(model.hyper.capacityNats({ step: 900, steps: 1000 })).toBe(20);
});

test('VAE: KL warm-up reaches beta and stays there', () => {
  const { beta } = build('vae', { beta: 4, klWarmup: 0.1 }).hyper;
  expect([beta({ step: 0, steps: 100 }), beta({ step: 4, steps: 100 }), beta({ step: 50, steps: 100 })]).toEqual([0.4, 2, 4]);
});

test('VAE: binarised at one half, or anew with the grey value as probability', () => {
  const bits = (config: Record<string, unknown>, noise: Record<string, tf.Tensor>) => {
    const model = build('vae', { ...config, likelihood: 'bernoulli' });
    const found = model.inspect(paramsOf(model), { images: image(0.6) }, { latent: tf.zeros([2, 3]), ...noise });
    return [one(found.items.reconstructionNats), one(found.items.mse)];
  };
  const threshold = bits({ binarise: 'threshold' }, {});
  const white = bits({ binarise: 'stochastic' }, { binarise: image(0.59) });
  const black = bits({ binarise: 'stochastic' }, { binarise: image(0.61) });
  expect(threshold).toEqual(white);
  expect(threshold).not.toEqual(black);
  expect(build('vae', { binarise: 'stochastic' }).noise(5)).toEqual({ latent: { shape: [5, 3], kind: 'normal' }, binarise: { shape: [5, 8, 8, 1], kind: 'uniform' } });
});

test('VAE: bits per dimension of a density and of a probability', () => {
  const bits = (likelihood: string) => {
    const model = build('vae', { likelihood }, 8, 3);
    const images = tf.tensor(rng(2).fillUniform(new Float32Array(2 * 192)).map((v) => Math.round(v * 255) / 255), [2, 8, 8, 3]);
    return one(model.inspect(paramsOf(model), { images }, { latent: tf.zeros([2, 3]) }).items.bitsPerDim);
  };
  // Noise of 256 levels costs 8 bits at best.
  expect(bits('logistic')).toBeGreaterThan(7.9);
  expect(bits('gaussian')).toBeGreaterThan(7.9);
});

test('VAE: the importance weights average to the ELBO', () => {
  const model = build('vae', { likelihood: 'bernoulli' });
  const params = paramsOf(model);
  const images = tf.tensor(rng(2).fillUniform(new Float32Array(64)), [1, 8, 8, 1]);
  let elbo = 0;
  let weights = 0;
  for (let i = 0; i < 200; i++) {
    const found = model.inspect(params, { images }, { latent: tf.tensor(rng(i).fillNormal(new Float32Array(3)), [1, 3]) });
    elbo += one(found.items.elboNats) / 200;
    weights += one(found.logWeight!) / 200;
  }
  expect(Math.abs(weights - elbo)).toBeLessThan(0.5);
});

test('VAE: dense and convolutional networks take any size', () => {
  for (const network of ['dense', 'conv']) {
    const family = familyOf('vae');
    const model = family.build(family.parse({ ...family.tiny, network }), { height: 13, width: 21, channels: 3, classes: 0 });
    expect(model.decode(paramsOf(model), tf.zeros([1, 3])).shape).toEqual([1, 13, 21, 3]);
  }
});

test('VQ-VAE: defaults of the paper at 32 px, and the other strides', () => {
  const family = familyOf('vq-vae');
  expect(family.defaults).toMatchObject({ hidden: 128, residualLayers: 2, residualHidden: 32, codeSize: 64, codes: 512, commitment: 0.25, codebook: 'ema', decay: 0.99 });
  for (const stride of [2, 4, 8, 16]) {
    const model = family.build(family.parse({ ...family.tiny, stride }), { height: 32, width: 32, channels: 3, classes: 0 });
    expect(model.latent).toMatchObject({ height: 32 / stride, width: 32 / stride, size: (32 / stride) ** 2 * 4 });
    const params = paramsOf(model);
    expect(model.decode(params, model.encode(params, tf.zeros([1, 32, 32, 3]))).shape).toEqual([1, 32, 32, 3]);
  }
});

test('VQ-VAE: the start takes codes from the encoder, maintenance moves dead ones until late in the plan', () => {
  const model = build('vq-vae', { codes: 4 }, 8, 3);
  const latent = rng(3).fillNormal(new Float32Array(400 * 4));
  const start = model.maintenance!.start([{ latent }], rng(1));
  expect(Object.keys(start)).toEqual(['quantizer/codebook', 'quantizer/count', 'quantizer/sum']);
  const count = start['quantizer/count'];
  count.forEach((c, i) => expect(start['quantizer/sum'][i * 4]).toBeCloseTo(c * start['quantizer/codebook'][i * 4], 3));
  const dying = { ...start, 'quantizer/count': Float32Array.of(100, 100, 100, 0) };
  const early = model.maintenance!.step({ latent }, dying, rng(2), { step: 100, steps: 1000 });
  expect(early.metrics).toEqual({ deadCodes: 1, revivedCodes: 1 });
  expect(early.values['quantizer/codebook'].slice(0, 12)).toEqual(start['quantizer/codebook'].slice(0, 12));
  expect(early.values['quantizer/codebook'].slice(12)).not.toEqual(start['quantizer/codebook'].slice(12));
  expect(model.maintenance!.step({ latent }, dying, rng(2), { step: 960, steps: 1000 }).values).toEqual({});
});

const conditional = (config: Record<string, unknown>) => {
  const family = familyOf('cvae');
  return family.build(family.parse({ ...family.tiny, ...config }), { height: 8, width: 8, channels: 1, classes: 2 });
};

test('CVAE: encoder and decoder follow the class, an unknown class is one of its own, and a set without classes is refused', () => {
  for (const network of ['conv', 'dense']) {
    const model = conditional({ network });
    const params = paramsOf(model);
    const labels = tf.tensor1d([-1, 0, 1], 'int32');
    const rows = (t: tf.Tensor) => tf.unstack(t).map((row) => String(row.dataSync()));
    expect(new Set(rows(model.decode(params, tf.zeros([3, 3]), labels))).size).toBe(3);
    expect(new Set(rows(model.encode(params, image(0.3, 3), labels))).size).toBe(3);
  }
  expect(() => build('cvae', {})).toThrow(/needs classes/);
});

test('CVAE: a forgotten label counts as unknown in training, and none is forgotten in evaluation', () => {
  const model = conditional({ labelDropout: 0.5, likelihood: 'bernoulli' });
  const params = paramsOf(model);
  const loss = (labels: number[], forget: number) =>
    one(model.loss(params, { images: image(0.3), labels: tf.tensor1d(labels, 'int32') }, { latent: tf.zeros([2, 3]), forget: tf.mul(tf.ones([2]), forget) }, scalars({ beta: 1 })).loss);
  expect(loss([0, 1], 0.2)).toBe(loss([-1, -1], 0.9));
  expect(loss([0, 1], 0.9)).not.toBe(loss([-1, -1], 0.9));
  const elbo = (labels: number[], forget: number) => one(model.inspect(params, { images: image(0.3), labels: tf.tensor1d(labels, 'int32') }, { latent: tf.zeros([2, 3]), forget: tf.mul(tf.ones([2]), forget) }).items.elboNats);
  expect(elbo([0, 1], 0.2)).toBe(elbo([0, 1], 0.9));
  expect(Object.keys(conditional({ labelDropout: 0 }).noise(2))).toEqual(['latent']);
});

test('discrete VAE: the KL is to the uniform choice, codes name variable and category, and the temperature falls', () => {
  const model = build('discrete-vae', { likelihood: 'bernoulli' });
  const params = paramsOf(model);
  const images = tf.tensor(rng(2).fillUniform(new Float32Array(128)), [2, 8, 8, 1]);
  const noise = { choice: tf.tensor(rng(3).fillUniform(new Float32Array(24)), [2, 3, 4]) };
  const found = model.inspect(params, { images }, noise);
  const chances = model.encode(params, images).dataSync();
  const codes = model.encodeCodes!(params, images).dataSync();
  let kl = 0;
  for (let n = 0; n < 3; n++) {
    const p = Array.from(chances.slice(n * 4, n * 4 + 4));
    expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    kl += p.reduce((sum, q) => sum + q * Math.log(q * 4), 0);
    expect(codes[n]).toBe(n * 4 + p.indexOf(Math.max(...p)));
  }
  expect(found.items.klNats.dataSync()[0]).toBeCloseTo(kl, 4);
  expect(found.klPerDimension!.shape).toEqual([2, 3]);
  const { temperature } = build('discrete-vae', { temperatureRamp: 0.5 }).hyper;
  expect([0, 250, 500, 900].map((step) => temperature({ step, steps: 1000 }))).toEqual([1, expect.closeTo(Math.SQRT1_2, 6), 0.5, 0.5]);
});

test('discrete VAE: with straight-through the decoder sees real choices, without a mixture', () => {
  const images = image(0.3);
  const noise = { choice: tf.tensor(rng(3).fillUniform(new Float32Array(24)), [2, 3, 4]) };
  const loss = (hard: boolean, temperature: number) => {
    const model = build('discrete-vae', { likelihood: 'bernoulli', straightThrough: hard });
    return one(model.loss(paramsOf(model), { images }, noise, scalars({ beta: 1, temperature })).loss);
  };
  expect(loss(true, 3)).toBeCloseTo(loss(true, 0.01), 6);
  expect(loss(false, 0.001)).toBeCloseTo(loss(true, 1), 4);
  expect(loss(false, 3)).not.toBeCloseTo(loss(true, 3), 4);
  const model = build('discrete-vae', { straightThrough: true });
  expect(['encoder/logits/kernel', 'decoder/grid/kernel'].map((name) => model.straightThrough!(name))).toEqual([true, false]);
});

test('discrete VAE: importance weights of all choices add up to p(x)', () => {
  const model = build('discrete-vae', { likelihood: 'bernoulli', variables: 1, categories: 3 });
  const params = paramsOf(model);
  const images = image(0.3, 1);
  const chances = model.encode(params, images).dataSync();
  let exact = 0;
  let weighted = 0;
  for (let code = 0; code < 3; code++) {
    const drawn = Array.from(model.decodeCodes!(params, tf.tensor2d([[code]], [1, 1], 'int32')).dataSync());
    exact += Math.exp(drawn.reduce((sum, p) => sum + 0.3 * Math.log(p) + 0.7 * Math.log(1 - p), 50)) / 3;
    // Noise that makes this choice.
    const noise = { choice: tf.tensor3d([0, 1, 2].map((k) => (k === code ? 1 : 0)), [1, 1, 3]) };
    weighted += chances[code] * Math.exp(model.inspect(params, { images }, noise).logWeight!.dataSync()[0] + 50);
  }
  expect(weighted / exact).toBeCloseTo(1, 4);
});

test('flows: none is the diagonal posterior; more change the sample, and its bound counts the Jacobian', () => {
  const images = tf.tensor(rng(2).fillUniform(new Float32Array(128)), [2, 8, 8, 1]);
  const noise = { latent: tf.tensor(rng(3).fillNormal(new Float32Array(6)), [2, 3]) };
  const plain = build('vae', { likelihood: 'bernoulli', flows: 0 });
  const flowing = build('vae', { likelihood: 'bernoulli', flows: 2, flowWidth: 8, flowContext: 4 });
  expect(plain.params.map((p) => p.name)).not.toContain('encoder/context/kernel');
  const shared = paramsOf(flowing);
  const a = plain.inspect(shared, { images }, noise);
  const b = flowing.inspect(shared, { images }, noise);
  expect(Array.from(a.latent.dataSync())).toEqual(Array.from(plain.encode(shared, images).dataSync()));
  expect(Array.from(b.latent.dataSync())).not.toEqual(Array.from(a.latent.dataSync()));
  // With flows the KL is that of the sample, so bound and importance weight agree sample by sample.
  b.items.elboNats.dataSync().forEach((elbo, i) => expect(elbo).toBeCloseTo(b.logWeight!.dataSync()[i], 3));
});

test('denoising: noisy pictures in, clean ones to explain; level 0 changes nothing', () => {
  const images = tf.tensor(rng(2).fillUniform(new Float32Array(128)), [2, 8, 8, 1]);
  for (const kind of ['vae', 'discrete-vae', 'vq-vae']) {
    const clean = build(kind, {});
    const model = build(kind, { denoise: 0.2 });
    const params = paramsOf(model);
    const draw = (m: Model) => Object.fromEntries(Object.entries(m.noise(2)).map(([name, { shape }]) => [name, tf.tensor(rng(5, name).fillUniform(new Float32Array(shape.reduce((a, b) => a * b, 1))), [...shape])]));
    const noise = draw(model);
    expect(Object.keys(noise), kind).toContain('corruption');
    expect(Object.keys(draw(clean)), kind).not.toContain('corruption');
    const found = model.inspect(params, { images }, noise);
    const noisy = found.shown!;
    const expected = clean.inspect(params, { images: noisy, target: images }, noise);
    expect(Array.from(found.reconstruction.dataSync()), kind).toEqual(Array.from(expected.reconstruction.dataSync()));
    expect(Array.from(found.items.mse.dataSync()), kind).toEqual(Array.from(expected.items.mse.dataSync()));
    expect(found.items.noisyMse.dataSync()[0], kind).toBeCloseTo(tf.mean(tf.square(tf.sub(noisy, images)), [1, 2, 3]).dataSync()[0], 6);
    expect(Array.from(found.latent.dataSync()), kind).toEqual(Array.from(clean.encode(params, images).dataSync()));
    expect(tf.max(noisy).dataSync()[0], kind).toBeLessThanOrEqual(1);
  }
});

test('VQ-VAE: residual levels are neighbours in the grid of codes, start level by level, and are revived each on its own', () => {
  const model = build('vq-vae', { codes: 4, levels: 2 }, 8, 3);
  expect(model.latent).toEqual({ kind: 'codes', size: 16, height: 2, width: 4, codes: 8, dimensions: 4, alphabets: 2 });
  expect(model.codeCounts).toEqual(['quantizer/0/count', 'quantizer/1/count']);
  const params = paramsOf(model);
  const images = tf.tensor(rng(2).fillUniform(new Float32Array(2 * 192)), [2, 8, 8, 3]);
  model.encodeCodes!(params, images).dataSync().forEach((code, i) => expect(Math.floor(code / 4)).toBe(i % 2));
  const observed = model.maintenance!.observe(params, images);
  expect(Object.keys(observed)).toEqual(['latent', 'latent/1']);
  const latent = rng(3).fillNormal(new Float32Array(400 * 4));
  const start = model.maintenance!.start([{ latent }], rng(1));
  expect(Object.keys(start)).toEqual(['quantizer/0/codebook', 'quantizer/0/count', 'quantizer/0/sum', 'quantizer/1/codebook', 'quantizer/1/count', 'quantizer/1/sum']);
  const energy = (name: string) => start[name].reduce((sum, v) => sum + v * v, 0);
  expect(energy('quantizer/1/codebook')).toBeLessThan(energy('quantizer/0/codebook'));
  const dying = { ...start, 'quantizer/1/count': Float32Array.of(100, 100, 100, 0) };
  const { values, metrics } = model.maintenance!.step({ latent, 'latent/1': latent }, dying, rng(2), { step: 100, steps: 1000 });
  expect(metrics).toEqual({ deadCodes: 1, revivedCodes: 1 });
  expect(Object.keys(values)).toEqual(['quantizer/1/codebook', 'quantizer/1/count', 'quantizer/1/sum']);
});

test('VQ-VAE: finite scalar quantisation has as many codes as combinations and nothing to look after', () => {
  const model = build('vq-vae', { quantizer: 'fsq', fsqLevels: [3, 5] }, 8, 3);
  expect(model.latent).toMatchObject({ codes: 15, dimensions: 2, size: 8 });
  expect(model.maintenance).toBeUndefined();
  expect(model.params.filter((p) => p.name.startsWith('quantizer/')).map((p) => p.name)).toEqual(['quantizer/count']);
});

test('VQ-VAE-2: the finer grid is told of the coarser, the decoder reads both, and codes count grid after grid', () => {
  const model = build('vq-vae-2', {});
  const params = { ...paramsOf(model) };
  const { latent } = model;
  if (latent.kind !== 'codes') expect.unreachable();
  else {
    expect(latent).toMatchObject({ height: 1, width: 20, codes: 16, size: 80 });
    expect(gridsOf(latent)).toMatchObject([{ name: 'top', height: 2, width: 2, first: 0, at: 0, cells: 4 }, { name: 'bottom', height: 4, width: 4, first: 8, at: 4, cells: 16 }]);
    expect([3, 4, 19].map((cell) => alphabetOf(gridsOf(latent), cell).first)).toEqual([0, 8, 8]);
    expect(model.codeCounts).toEqual(['quantizer/top/count', 'quantizer/bottom/count']);
    const images = tf.tensor(rng(7).fillUniform(new Float32Array(64)), [1, 8, 8, 1]);
    const codes = Array.from(model.encodeCodes!(params, images).dataSync());
    const picture = (list: number[]) => model.decodeCodes!(params, tf.tensor2d(list, [1, 20], 'int32')).dataSync();
    const before = picture(codes);
    for (const cell of [0, 10]) {
      const changed = codes.slice();
      const { first } = alphabetOf(gridsOf(latent), cell);
      changed[cell] = first + ((changed[cell] - first + 1) % 8);
      expect(picture(changed).some((v, i) => v !== before[i]), `cell ${cell}`).toBe(true);
    }
    // Another top codebook tells the bottom encoder something else.
    const bottom = (all: typeof params) => model.encode(all, images).dataSync().slice(16);
    const moved = { ...params, 'quantizer/top/codebook': tf.add(params['quantizer/top/codebook'], 1) };
    expect(bottom(moved)).not.toEqual(bottom(params));
  }
  const three = build('vq-vae-2', { grids: 3 }).latent;
  expect(three.kind === 'codes' && gridsOf(three).map(({ name, cells, first }) => [name, cells, first])).toEqual([['top', 1, 0], ['middle', 4, 8], ['bottom', 16, 16]]);
  expect(() => build('vq-vae-2', { stride: 8 })).toThrow(/does not divide into cells of 16 pixels, those of its coarsest grid/);
});
