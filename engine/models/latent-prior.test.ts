import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { rng } from '../core/rng.ts';
import { couplingFlow } from '../nn/coupling.ts';
import { latentPrior } from './latent-prior.ts';
import { posterior } from './posterior.ts';
import { cvae } from './cvae.ts';
import { vae } from './vae.ts';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const draw = (name: string, shape: number[], scale = 1) => tf.mul(tf.tensor(rng(7, name).fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))), shape), scale);
const values = (specs: readonly { name: string; shape: readonly number[] }[], scale = 0.5) => Object.fromEntries(specs.map((p) => [p.name, draw(p.name, [...p.shape], scale)]));

test.each([[2, 2], [3, 4], [5, 7]])('coupling of %i entries by %i layers: what forward makes, inverse takes back, both ways round', (size, layers) => {
  const flow = couplingFlow('flow', size, layers, 8);
  const params = values(flow.params, 0.3);
  const z = draw('z', [6, size]);
  const { u } = flow.forward(params, z);
  expect(tf.max(tf.abs(tf.sub(u, z))).dataSync()[0]).toBeGreaterThan(0.05);
  expect(tf.max(tf.abs(tf.sub(flow.inverse(params, u), z))).dataSync()[0]).toBeLessThan(1e-4);
  expect(tf.max(tf.abs(tf.sub(flow.forward(params, flow.inverse(params, z)).u, z))).dataSync()[0]).toBeLessThan(1e-4);
});

test('the log-determinant is that of the Jacobian found by finite differences', () => {
  const flow = couplingFlow('flow', 3, 4, 8);
  const params = values(flow.params);
  const at = [0.3, -0.5, 0.8];
  const epsilon = 1e-2;
  const columns = at.map((_, j) => {
    const moved = (by: number) => flow.forward(params, tf.tensor2d(at.map((v, i) => (i === j ? v + by : v)), [1, 3])).u.dataSync();
    const [above, below] = [moved(epsilon), moved(-epsilon)];
    return Array.from(above, (v, i) => (v - below[i]) / (2 * epsilon));
  });
  const [a, b, c] = columns;
  const det = a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1]) + c[0] * (a[1] * b[2] - a[2] * b[1]);
  expect(tf.sum(flow.forward(params, tf.tensor2d(at, [1, 3])).logDet).dataSync()[0]).toBeCloseTo(Math.log(Math.abs(det)), 2);
});

test('every entry is moved by some layer, and a fresh flow is close to none', () => {
  const flow = couplingFlow('flow', 4, 2, 8);
  const fresh = Object.fromEntries(flow.params.map((p) => [p.name, tf.tensor(p.init(rng(1, p.name)), [...p.shape])]));
  const z = draw('z', [5, 4]);
  expect(tf.max(tf.abs(tf.sub(flow.forward(fresh, z).u, z))).dataSync()[0]).toBeLessThan(0.5);
  const moved = tf.max(tf.abs(tf.sub(flow.forward(values(flow.params), z).u, z)), 0).dataSync();
  expect([...moved].every((by) => by > 1e-3)).toBe(true);
});

test('the density adds up to 1 over the plane', () => {
  const prior = latentPrior(2, 4, 8);
  const params = values(prior.params, 0.4);
  const side = 121;
  const step = 0.15;
  const grid = Array.from({ length: side * side }, (_, i) => [((i % side) - 60) * step, (Math.floor(i / side) - 60) * step]);
  const log = tf.sub(tf.sum(prior.logDensity(params, tf.tensor2d(grid)), 1), Math.log(2 * Math.PI));
  expect(tf.sum(tf.exp(log)).dataSync()[0] * step * step).toBeCloseTo(1, 1);
});

test('a flow that moves nothing gives the bound of N(0, I); one that moves gives what its density says, and draws go through it', () => {
  const D = 3;
  const build = (flows: number) => posterior(4, { size: D, flows: 0, width: 8, context: 2 }, latentPrior(D, flows, 8));
  const prior = latentPrior(D, 2, 8);
  const params = values([...build(0).params, ...prior.params]);
  const still = { ...params, ...Object.fromEntries(prior.params.filter((p) => /scale|shift/.test(p.name)).map((p) => [p.name, tf.zeros([...p.shape])])) };
  const features = draw('features', [2, 4]);
  const noise = draw('noise', [2, D]);
  const plain = build(0).sample(params, features, noise);
  build(2).sample(still, features, noise).logRatio.dataSync().forEach((v, i) => expect(v).toBeCloseTo(plain.logRatio.dataSync()[i], 5));
  const flowing = build(2).sample(params, features, noise);
  const z = flowing.z;
  const change = tf.sub(prior.logDensity(params, z), tf.mul(-0.5, tf.square(z)));
  tf.sub(flowing.logRatio, plain.logRatio).dataSync().forEach((v, i) => expect(v).toBeCloseTo(change.dataSync()[i], 4));
  flowing.kl.dataSync().forEach((v, i) => expect(v).toBeCloseTo(-flowing.logRatio.dataSync()[i], 5));
});

test('a VAE draws through its flow prior, and one latent is refused', () => {
  const make = (config: object) => vae.build(vae.parse({ ...vae.tiny, ...config }), { height: 8, width: 8, channels: 1, classes: 0 });
  expect(make({}).fromNoise).toBeUndefined();
  const model = make({ priorFlows: 2, priorWidth: 4 });
  const params = values(model.params);
  const noise = draw('noise', [2, 3]);
  const z = model.fromNoise!(params, noise);
  expect(z.shape).toEqual([2, 3]);
  expect(Array.from(z.dataSync())).not.toEqual(Array.from(noise.dataSync()));
  expect(() => make({ priorFlows: 2, latentSize: 1 })).toThrow(/at least two latents/);
});

test('told something, a flow turns back what it made of it, and another density goes with another telling', () => {
  const flow = couplingFlow('flow', 3, 4, 8, 2);
  const params = values(flow.params, 0.4);
  const z = draw('z', [4, 3]);
  const told = (value: number) => tf.fill([4, 2], value);
  const { u, logDet } = flow.forward(params, z, told(1));
  expect(tf.max(tf.abs(tf.sub(flow.inverse(params, u, told(1)), z))).dataSync()[0]).toBeLessThan(1e-4);
  const other = flow.forward(params, z, told(-1));
  expect(tf.max(tf.abs(tf.sub(other.u, u))).dataSync()[0]).toBeGreaterThan(0.05);
  expect(tf.max(tf.abs(tf.sub(other.logDet, logDet))).dataSync()[0]).toBeGreaterThan(1e-3);
});

test('a conditional VAE draws through a flow that is told the class', () => {
  const model = cvae.build(cvae.parse({ ...cvae.tiny, priorFlows: 2, priorWidth: 8 }), { height: 8, width: 8, channels: 1, classes: 2 });
  const params = values(model.params);
  const noise = tf.tile(draw('noise', [1, 3]), [3, 1]);
  const [first, again, second] = tf.split(model.fromNoise!(params, noise, tf.tensor1d([0, 0, 1], 'int32')), 3).map((z) => Array.from(z.dataSync()));
  expect(again).toEqual(first);
  expect(second).not.toEqual(first);
});
