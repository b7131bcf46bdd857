import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { balanceGradient, frozen, hingeLoss, patchDiscriminator } from './patch-discriminator.ts';
import { film, instanceNorm, reverseGradient } from './style.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const values = (t: tf.Tensor) => Array.from(t.dataSync());
const paramsOf = (specs: readonly { name: string; shape: readonly number[]; init(r: ReturnType<typeof rng>): Float32Array }[]) =>
  Object.fromEntries(specs.map((p) => [p.name, tf.tensor(p.init(rng(1, p.name)), [...p.shape])]));

test('instance norm: by hand, and blind to contrast and colour of each picture', () => {
  const x = tf.tensor4d([1, 3, 5, 7], [1, 2, 2, 1]);
  const root = Math.sqrt(5);
  values(instanceNorm(x, 0)).forEach((v, i) => expect(v).toBeCloseTo([-3, -1, 1, 3][i] / root, 5));
  const other = tf.add(tf.mul(x, 4), 10);
  values(instanceNorm(other)).forEach((v, i) => expect(v).toBeCloseTo(values(instanceNorm(x))[i], 2));
});

test('FiLM changes nothing at first, then scales and shifts each channel as the vector says', () => {
  const layer = film('film', 2, 3);
  const params = paramsOf(layer.params);
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 1, 2, 3]);
  const style = tf.tensor2d([[1, -1]]);
  expect(values(layer.apply(params, x, style))).toEqual(values(x));
  const set = { ...params, 'film/gain/kernel': tf.tensor2d([[1, 0, 0], [0, 0, -1]]), 'film/shift/bias': tf.tensor1d([0, 10, 0]) };
  expect(values(layer.apply(set, x, style))).toEqual([2, 12, 6, 8, 15, 12]);
});

test('a reversed gradient', () => {
  const grad = tf.grad((x) => tf.sum(tf.mul(reverseGradient(x, tf.scalar(0.5)), tf.tensor1d([1, 2]))));
  expect(values(grad(tf.tensor1d([3, 4])))).toEqual([-0.5, -1]);
  expect(values(reverseGradient(tf.tensor1d([3, 4]), tf.scalar(0.5)))).toEqual([3, 4]);
});

test('a balanced gradient keeps its direction and has the length of the reference times the weight', () => {
  const grad = tf.grad((x) => tf.sum(tf.mul(balanceGradient(x, tf.tensor1d([0, 2]), tf.scalar(3)), tf.tensor1d([30, 40]))));
  values(grad(tf.tensor1d([1, 1]))).forEach((v, i) => expect(v).toBeCloseTo([3.6, 4.8][i], 4));
  const none = tf.grad((x) => tf.sum(tf.mul(balanceGradient(x, tf.tensor1d([0, 2]), tf.scalar(3)), 0)));
  expect(values(none(tf.tensor1d([1, 1])))).toEqual([0, 0]);
});

test('hinge loss by hand', () => {
  // real: max(0, 1 - 2) = 0 and 1 - (-1) = 2; fake: 1 + 0.5 and max(0, 1 - 3) = 0.
  expect(values(hingeLoss(tf.tensor1d([2, -1]), tf.tensor1d([0.5, -3])))[0]).toBeCloseTo(1 + 0.75, 6);
});

test('a critic sees patches, judges by class, and a frozen one learns nothing', () => {
  const critic = patchDiscriminator('critic', { channels: 3, width: 4, halvings: 2, classes: 2 });
  const params = paramsOf(critic.params);
  const images = tf.tensor(rng(2).fillUniform(new Float32Array(2 * 16 * 16 * 3)), [2, 16, 16, 3]);
  const [a, b] = [[1, 0], [0, 1]].map((of) => critic.score(params, images, tf.tensor2d([of, of])));
  expect(a.shape).toEqual([2, 4, 4]);
  expect(values(a)).not.toEqual(values(b));
  const name = 'critic/out/kernel';
  const gradient = (still: boolean) => tf.grad((k) => tf.mean(critic.score(still ? { ...frozen({ ...params, [name]: k }) } : { ...params, [name]: k }, images)))(params[name]);
  expect(values(tf.norm(gradient(false)))[0]).toBeGreaterThan(0);
  expect(() => gradient(true)).toThrow(/Cannot compute gradient/);
});
