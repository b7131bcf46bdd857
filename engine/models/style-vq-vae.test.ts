import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import type { Model } from './define.ts';
import { styleVqVae } from './style-vq-vae.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const build = (config: Record<string, unknown> = {}, classes = 3): Model => styleVqVae.build(styleVqVae.parse({ ...styleVqVae.tiny, ...config }), { height: 8, width: 8, channels: 3, classes });
/** First values, with modulation that does something. */
const paramsOf = (model: Model) => Object.fromEntries(model.params.map((p) => {
  const first = p.init(rng(1, p.name));
  return [p.name, tf.tensor(p.name.includes('/film/') ? rng(2, p.name).fillNormal(first) : first, [...p.shape])];
}));
const pictures = (n: number, seed = 3) => tf.tensor(rng(seed).fillUniform(new Float32Array(n * 192)), [n, 8, 8, 3]);
const one = (t: tf.Tensor) => t.dataSync()[0];
const hyper = { confusion: tf.scalar(0.5), critic: tf.scalar(0.5) };
const noise = (n: number) => ({ forget: tf.ones([n]), other: tf.fill([n], 0.2) });

test('style: a mixture of one is the class itself, mixtures lie between, and each style draws differently', () => {
  const model = build();
  const params = paramsOf(model);
  const codes = model.encodeCodes!(params, pictures(1));
  const drawn = (styles: number[]) => Array.from(model.restyle!(params, codes, tf.tensor2d([styles])).dataSync());
  const labelled = (label: number) => Array.from(model.decodeCodes!(params, codes, tf.tensor1d([label], 'int32')).dataSync());
  for (const label of [0, 1, 2]) expect(drawn([0, 1, 2].map((s) => (s === label ? 1 : 0)))).toEqual(labelled(label));
  expect(new Set([labelled(-1), labelled(0), labelled(1), labelled(2), drawn([0.5, 0.5, 0])].map(String)).size).toBe(5);
  // The codes themselves are asked no style.
  expect(model.encodeCodes!.length).toBe(2);
});

test('style: pairs add the partner drawn from the same codes, and an item that is its own partner counts twice', () => {
  const model = build({ pairs: true });
  expect([model.usesPartners, build({ lookAlikes: true }).usesPartners, build().usesPartners]).toEqual(['names', 'looks', undefined]);
  const params = paramsOf(model);
  const images = pictures(2);
  const labels = tf.tensor1d([0, 1], 'int32');
  const loss = (partner: tf.Tensor, of: tf.Tensor) => model.loss(params, { images, labels, partners: { images: partner, labels: of } }, noise(2), hyper);
  const self = loss(images, labels);
  expect(one(self.metrics.pairPsnrDb)).toBeCloseTo(one(self.metrics.psnrDb), 4);
  const swapped = loss(tf.reverse(images, 0), tf.reverse(labels, 0));
  expect(one(swapped.metrics.psnrDb)).toBeCloseTo(one(self.metrics.psnrDb), 5);
  expect(one(swapped.metrics.pairPsnrDb)).not.toBeCloseTo(one(self.metrics.pairPsnrDb), 3);
});

test('style: beside a critic, what has no look-alike is drawn elsewhere and compared with nothing', () => {
  const model = build({ lookAlikes: true, structure: 1, adversarial: 0.5 });
  const params = paramsOf(model);
  const images = pictures(2);
  const labels = tf.tensor1d([0, 1], 'int32');
  const given = { confusion: tf.scalar(0), critic: tf.scalar(0) };
  const loss = (of: number[]) => model.loss(params, { images, labels, partners: { images: tf.reverse(images, 0), labels: tf.tensor1d(of, 'int32') } }, noise(2), given);
  expect(one(loss([0, 1]).metrics.pairPsnrDb)).toBeGreaterThan(60);
  expect(one(loss([2, 1]).metrics.pairPsnrDb)).toBeLessThan(20);
});

test('style: the classifier chases the style; its own gradient is of its error, what reaches the encoder is turned round', () => {
  const model = build();
  const params = paramsOf(model);
  const batch = { images: pictures(4), labels: tf.tensor1d([0, 1, 2, -1], 'int32') };
  const gradientOf = (name: string, confusion: number) =>
    tf.grad((value) => model.loss({ ...params, [name]: value }, batch, noise(4), { confusion: tf.scalar(confusion) }).loss)(params[name]).dataSync();
  const apart = (name: string) => {
    const [none, some] = [gradientOf(name, 0), gradientOf(name, 2)];
    return Math.max(...Array.from(none, (v, i) => Math.abs(v - some[i])));
  };
  expect(apart('encoder/out/kernel')).toBeGreaterThan(1e-7);
  expect(apart('probe/out/kernel')).toBeLessThan(1e-9);
  const leak = model.inspect(params, batch, noise(4)).items.styleLeak.dataSync();
  expect([...leak].every((v) => v === 0 || v === 1)).toBe(true);
  expect(leak[3]).toBe(0); // an unknown style cannot be told
});

test('style: the critic waits for its start; its pull is no part of the loss before', () => {
  const model = build({ adversarial: 1, adversarialStart: 0.4 });
  const { critic } = model.hyper;
  expect([0, 399, 450, 900].map((step) => critic({ step, steps: 1000 }))).toEqual([0, 0, 0.5, 1]);
  const params = paramsOf(model);
  const batch = { images: pictures(2), labels: tf.tensor1d([0, 1], 'int32') };
  const at = (weight: number, name: string) => tf.grad((value) => model.loss({ ...params, [name]: value }, batch, noise(2), { confusion: tf.scalar(0), critic: tf.scalar(weight) }).loss)(params[name]).dataSync();
  const plain = build();
  const alone = tf.grad((value) => plain.loss({ ...params, 'decoder/out/kernel': value }, batch, noise(2), { confusion: tf.scalar(0) }).loss)(params['decoder/out/kernel']).dataSync();
  at(0, 'decoder/out/kernel').forEach((v, i) => expect(v).toBeCloseTo(alone[i], 5));
  expect(at(1, 'decoder/out/kernel')).not.toEqual(at(0, 'decoder/out/kernel'));
  expect(Math.max(...at(0, 'critic/out/kernel').map(Math.abs))).toBeGreaterThan(0);
});

test('style: a set without classes, and a size that does not divide, are refused', () => {
  expect(() => build({}, 0)).toThrow(/needs styles/);
  expect(() => styleVqVae.build(styleVqVae.parse({ stride: 16 }), { height: 24, width: 24, channels: 3, classes: 2 })).toThrow(/does not divide into cells of 16/);
});
