import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { rng } from '../core/rng.ts';
import { openDevice } from '../device/index.ts';
import type { Device } from '../device/types.ts';
import { gradientErrors } from '../nn/finite-differences.ts';
import { drawCode } from './draw.ts';
import { cellNoise, priorSampler, type SampleCodesOptions } from './sampler.ts';
import { priorOf, priors, type CodeGrid, type ListedGrid, type PriorModel } from './index.ts';
import { codesOfLevel } from './sampler.ts';
import { levelParams } from './prior-model.ts';

vi.setConfig({ testTimeout: 120_000 });

const GRID: CodeGrid = { height: 4, width: 6, codes: 6, alphabets: 2, classes: 2 };
/** The coarsest first; each has numbers of its own. */
const listed = (...grids: CodeGrid[]): ListedGrid[] => grids.map((grid, i) => {
  const before = grids.slice(0, i);
  return { ...grid, name: ['top', 'bottom', 'last'][i], at: before.reduce((sum, g) => sum + g.height * g.width, 0), first: before.reduce((sum, g) => sum + g.codes, 0) };
});
const buildAll = (config: Record<string, unknown>, grids: ListedGrid[]): PriorModel => {
  const family = priorOf('pixelcnn');
  return family.build(family.parse({ ...family.tiny, ...config }), grids);
};
const build = (config: Record<string, unknown> = {}, grid: CodeGrid = GRID) => {
  const whole = buildAll(config, listed(grid));
  return { ...whole, ...whole.levels[0].prior, whole };
};
/** Weights large enough that every code hangs on what came before. */
const weightsOf = (prior: Pick<PriorModel, 'params'>) => Object.fromEntries(prior.params.map((p) => [p.name, p.init(rng(3, p.name)).map((v, i) => 2 * v + 0.1 * Math.sin(i))]));
const tensorsOf = (prior: Pick<PriorModel, 'params'>) => Object.fromEntries(Object.entries(weightsOf(prior)).map(([name, values]) => [name, tf.tensor(values, [...prior.params.find((p) => p.name === name)!.shape])]));
const someCodes = (grid: CodeGrid, n: number, seed = 1) => {
  const draw = rng(seed, 'codes');
  const part = grid.codes / grid.alphabets;
  return Int32Array.from({ length: n * grid.height * grid.width }, (_, i) => ((i % grid.width) % grid.alphabets) * part + draw.int(part));
};

describe('as a function', () => {
  beforeAll(() => tf.setBackend('cpu'));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  test('settings have titles, presets build, and unknown kinds are refused by name', () => {
    for (const family of priors) {
      const { shape } = family.schema as unknown as { shape: Record<string, { meta(): { title?: string } | undefined; description?: string }> };
      for (const [name, setting] of Object.entries(shape)) expect([setting.meta()?.title, setting.description].every(Boolean), name).toBe(true);
      for (const preset of family.presets) expect(new Set(family.build(family.parse(preset.config), listed(GRID)).params.map((p) => p.name)).size).toBeGreaterThan(10);
      expect(() => family.parse({ width: 0 })).toThrow(/setting 'width'/);
    }
    expect(() => priorOf('transformer')).toThrow(/Kinds|kind of prior/);
  });

  test.each([['without attention', { layers: 6 }], ['with attention', { layers: 5, attention: 2 }]])('a cell sees every cell before it and none after, %s', (_, config) => {
    const grid = { ...GRID, alphabets: 1 };
    const prior = build(config, grid);
    const params = tensorsOf(prior);
    const { height, width } = grid;
    const codes = someCodes(grid, 1);
    const logits = (values: Int32Array) => prior.logits(params, tf.tensor(values, [1, height, width], 'int32'), { labels: tf.tensor1d([0], 'int32') }).dataSync();
    const before = logits(codes);
    for (let changed = 0; changed < height * width; changed++) {
      const other = codes.slice();
      other[changed] = (other[changed] + 1) % grid.codes;
      const after = logits(other);
      for (let cell = 0; cell < height * width; cell++) {
        const moved = Math.max(...Array.from({ length: grid.codes }, (_, k) => Math.abs(after[cell * grid.codes + k] - before[cell * grid.codes + k])));
        expect(moved > 0, `cell ${cell} when ${changed} changes`).toBe(cell > changed);
      }
    }
  });

  test('codes outside the alphabet of a column have no probability; the class counts, and an unknown one is its own', () => {
    const prior = build();
    const params = tensorsOf(prior);
    const codes = tf.tensor(Array.from({ length: 3 }, () => Array.from(someCodes(GRID, 1))).flat(), [3, 4, 6], 'int32');
    const p = tf.softmax(prior.logits(params, codes, { labels: tf.tensor1d([-1, 0, 1], 'int32') })).dataSync();
    p.forEach((v, i) => expect(v > 0, String(i)).toBe(Math.floor((i % 6) / 3) === Math.floor(i / 6) % 2));
    const grids = [0, 1, 2].map((n) => String(p.slice(n * 144, (n + 1) * 144)));
    expect(new Set(grids).size).toBe(3);
  });

  test('the loss is the cross-entropy in nats a code, and its gradients agree with finite differences', () => {
    const prior = build({ layers: 2, labelDropout: 0 });
    const params = tensorsOf(prior);
    const codes = someCodes(GRID, 2);
    const images = tf.tensor(Float32Array.from(codes), [2, 4, 6, 1]);
    const labels = tf.tensor1d([0, -1], 'int32');
    const logProbabilities = tf.logSoftmax(prior.logits(params, tf.tensor(codes, [2, 4, 6], 'int32'), { labels })).dataSync();
    const nats = -codes.reduce((sum, code, i) => sum + logProbabilities[i * 6 + code], 0) / codes.length;
    const { loss, metrics } = prior.whole.loss(params, { images, labels }, {}, {});
    expect(loss.dataSync()[0]).toBeCloseTo(nats, 4);
    expect(metrics.bitsPerCode.dataSync()[0]).toBeCloseTo(nats / Math.LN2, 4);
    const { items } = prior.whole.inspect(params, { images, labels }, {});
    expect(tf.mean(items.codesNats).dataSync()[0]).toBeCloseTo(nats * 24, 3);
    const errors = gradientErrors((all) => prior.whole.loss(all, { images, labels }, {}, {}).loss, params, rng(9), { epsilon: 1e-2, floor: 0.05, entries: 2 });
    for (const [name, error] of Object.entries(errors)) expect(error, name).toBeLessThan(0.03);
  });

  test('a forgotten class counts as unknown, and hidden codes are not seen', () => {
    const prior = build({ labelDropout: 0.5, codeDropout: 0.5 });
    const params = tensorsOf(prior);
    const images = tf.tensor(Float32Array.from(someCodes(GRID, 1)), [1, 4, 6, 1]);
    const loss = (label: number, forget: number, hide: number) =>
      prior.whole.loss(params, { images, labels: tf.tensor1d([label], 'int32') }, { forget: tf.tensor1d([forget]), hide: tf.mul(tf.ones([1, 4, 6, 1]), hide) }, {}).loss.dataSync()[0];
    expect(loss(1, 0.2, 0.9)).toBe(loss(-1, 0.9, 0.9));
    expect(loss(1, 0.9, 0.9)).not.toBe(loss(-1, 0.9, 0.9));
    expect(loss(1, 0.9, 0.2)).not.toBe(loss(1, 0.9, 0.9));
    expect(Object.keys(build({ labelDropout: 0 }).whole.noise(2))).toEqual([]);
    expect(build({ conditional: false }).usesLabels).toBe(false);
  });
});

describe('sampling', () => {
  /** A whole pass over each grid for each of its cells. */
  async function naive(device: Device, model: PriorModel, count: number, seed: number, options: SampleCodesOptions): Promise<Int32Array> {
    const out = new Int32Array(count * model.cells);
    const all = weightsOf(model);
    const items = Array.from({ length: count }, (_, i) => i);
    const labels = Int32Array.from(items, (i) => options.labels?.[i] ?? -1);
    for (const [l, level] of model.levels.entries()) {
      const { prior, grid } = level;
      const { height, width, codes: k, alphabets } = prior.grid;
      const cells = height * width;
      const state = device.createState(Object.fromEntries(prior.params.map(({ name, shape }) => [name, { shape, values: levelParams(level, all)[name] }])));
      const above = model.levels.slice(0, l);
      const coarser = Object.fromEntries(above.map((coarse, i) => [`above${i}`, codesOfLevel(coarse, out, model.cells, items)]));
      const program = await device.compile('naive', (given, params) => {
        const condition = prior.condition?.(params, above.map((_, i) => given[`above${i}`]));
        return { outputs: { logits: prior.logits(params, given.codes, { labels: given.labels, condition }) } };
      }, {
        inputs: {
          codes: { shape: [count, height, width], dtype: 'int32' },
          ...(prior.usesLabels ? { labels: { shape: [count], dtype: 'int32' } as const } : {}),
          ...Object.fromEntries(above.map((coarse, i) => [`above${i}`, { shape: [count, coarse.grid.height, coarse.grid.width], dtype: 'int32' } as const])),
        },
        state,
      });
      const noise = items.map((i) => cellNoise(seed, i, l));
      const own = new Int32Array(count * cells);
      for (let cell = 0; cell < cells; cell++) {
        const { logits } = await program.run({ codes: own, ...(prior.usesLabels ? { labels } : {}), ...coarser });
        for (const i of items) {
          const u = noise[i].uniform();
          const kept = options.given && !options.given.mask[grid.at + cell];
          const lowest = ((cell % width) % alphabets) * (k / alphabets);
          const row = logits.subarray((i * cells + cell) * k, (i * cells + cell + 1) * k);
          own[i * cells + cell] = kept ? options.given!.codes[grid.at + cell] - grid.first : drawCode(row, lowest, lowest + k / alphabets, u, { temperature: 1, ...options });
        }
      }
      own.forEach((code, i) => (out[Math.floor(i / cells) * model.cells + grid.at + (i % cells)] = code + grid.first));
      program.dispose();
      state.dispose();
    }
    return out;
  }

  const mask = Int32Array.from({ length: 24 }, (_, i) => (i >= 12 && i % 6 > 1 && i % 6 < 5 ? 1 : 0));
  const cases: [string, Record<string, unknown>, CodeGrid, SampleCodesOptions][] = [
    ['with classes and two alphabets', {}, GRID, { labels: [0, 1, -1] }],
    ['without classes', { conditional: false }, { ...GRID, alphabets: 1 }, {}],
    ['cold, of few codes', {}, GRID, { temperature: 0.6, topK: 2 }],
    ['hot, of most of the probability', { layers: 1 }, GRID, { temperature: 1.5, topP: 0.8, labels: [1, 1, 0] }],
    ['of a region', {}, GRID, { given: { codes: someCodes(GRID, 1, 5), mask } }],
    ['of one column', {}, { ...GRID, width: 1, alphabets: 1 }, {}],
    ['of one row', {}, { ...GRID, height: 1, width: 24 }, {}],
  ];
  const TWO = listed({ ...GRID, height: 2, width: 3, alphabets: 1 }, { ...GRID, alphabets: 1 });
  const several: [string, Record<string, unknown>, ListedGrid[], SampleCodesOptions][] = [
    ['of two grids by class', { attention: 1 }, TWO, { labels: [0, 1, -1] }],
    ['of three grids', { conditional: false }, listed({ ...GRID, height: 1, width: 2, alphabets: 1 }, { ...GRID, height: 2, width: 4, alphabets: 1 }, { ...GRID, height: 4, width: 8, codes: 5, alphabets: 1 }), {}],
    ['of a region of two grids', { attention: 2 }, TWO, { given: { codes: [0, 1, 2, 3, 4, 5, ...Array.from(mask, (_, i) => 6 + (i % 6))], mask: [0, 0, 0, 0, 1, 1, ...mask] } }],
    ['with two layers of attention', { attention: 2 }, listed({ ...GRID, alphabets: 1 }), { labels: [1, 1, 0], temperature: 0.8 }],
    ['of a region with attention', { attention: 1 }, listed(GRID), { given: { codes: someCodes(GRID, 1, 5), mask } }],
  ];
  test.each([...cases.map(([name, config, grid, options]) => [name, config, listed(grid), options] as (typeof several)[number]), ...several])('with caches gives the codes of naive sampling %s', async (_, config, grids, options) => {
    const device = await openDevice('cpu', { threads: 1 });
    const prior = buildAll(config, grids);
    const sampler = priorSampler(device, prior, weightsOf(prior));
    const fast = await sampler.sample(3, 11, options);
    expect(fast).toEqual(await naive(device, prior, 3, 11, options));
    expect(new Set(fast).size).toBeGreaterThan(2);
    sampler.dispose();
    device.dispose();
  });

  test('a grid does not hang on its batch; seeds differ; codes outside the mask are held; guidance moves towards the class', async () => {
    const device = await openDevice('cpu', { threads: 1 });
    const prior = build().whole;
    const sampler = priorSampler(device, prior, weightsOf(prior));
    const many = await sampler.sample(35, 4);
    expect((await sampler.sample(2, 4)).slice(24)).toEqual(many.slice(24, 48));
    expect(await sampler.sample(2, 5)).not.toEqual(many.slice(0, 48));
    const codes = someCodes(GRID, 1, 5);
    const seen: number[] = [];
    const region = await sampler.sample(4, 1, { given: { codes, mask }, onProgress: (done, of) => seen.push(done / of) });
    region.forEach((code, i) => expect(mask[i % 24] === 1 || code === codes[i % 24]).toBe(true));
    expect(region.slice(0, 24)).not.toEqual(codes);
    expect(seen).toEqual([0.25, 0.5, 0.75, 1]);
    const plain = await sampler.sample(3, 7, { labels: [0, 0, 0] });
    expect(await sampler.sample(3, 7, { labels: [0, 0, 0], guidance: 1 })).toEqual(plain);
    expect(await sampler.sample(3, 7, { labels: [0, 0, 0], guidance: 0 + 1e-9 })).toEqual(await sampler.sample(3, 7, { labels: [-1, -1, -1] }));
    expect(await sampler.sample(3, 7, { labels: [0, 0, 0], guidance: 6 })).not.toEqual(plain);
    const doubled = Object.fromEntries(Object.entries(weightsOf(prior)).map(([name, values]) => [name, values.map((v) => 2 * v)]));
    await sampler.load(doubled);
    expect(await sampler.sample(2, 4)).not.toEqual(many.slice(0, 48));
    sampler.dispose();
    device.dispose();
  });

  test.each<[SampleCodesOptions, RegExp]>([
    [{ temperature: 0 }, /temperature 0/],
    [{ temperature: -1 }, /temperature -1/],
    [{ topK: 0 }, /0 is no number of codes/],
    [{ topP: 1.5 }, /1.5 is no probability/],
    [{ labels: [1] }, /1 labels were given for 2/],
    [{ guidance: 2 }, /Guidance needs a class/],
    [{ given: { codes: new Int32Array(24), mask: [1, 0] } }, /mask has 2 cells; the grid of codes has 24, 6 by 4/],
    [{ given: { codes: [1, 2], mask: new Int32Array(24) } }, /2 codes were given to keep/],
    [{ given: { codes: new Int32Array(24), mask: new Int32Array(24) } }, /0 is no code of its place; those go from 3 to 5/],
  ])('%o is refused', async (options, message) => {
    const device = await openDevice('cpu', { threads: 1 });
    const prior = build().whole;
    const sampler = priorSampler(device, prior, weightsOf(prior));
    await expect(sampler.sample(2, 0, options)).rejects.toMatchObject({ code: 'bad-input', message: expect.stringMatching(message), remedy: expect.stringMatching(/./) });
    device.dispose();
  });
});

test('drawing with caches is more than ten times as fast as naively, at 32 by 32 codes', async () => {
  const side = 32;
  const prior = build({ width: 16, layers: 6, head: 32, attention: 1, labelDropout: 0 }, { height: side, width: side, codes: 64, alphabets: 1, classes: 0 });
  const device = await openDevice('cpu', { threads: 1 });
  const busy = async (work: () => Promise<unknown>) => {
    const from = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(from);
    return user + system;
  };
  const sampler = priorSampler(device, prior.whole, weightsOf(prior));
  await sampler.sample(4, 0, { given: { codes: new Int32Array(side * side), mask: Int32Array.from({ length: side * side }, (_, i) => (i === 0 ? 1 : 0)) } });
  const cached = await busy(() => sampler.sample(4, 1));
  const state = device.createState(Object.fromEntries(prior.params.map(({ name, shape }) => [name, { shape, values: weightsOf(prior)[name] }])));
  const program = await device.compile('naive', ({ codes }, params) => ({ outputs: { logits: prior.logits(params, codes, {}) } }), { inputs: { codes: { shape: [4, side, side], dtype: 'int32' } }, state });
  const codes = new Int32Array(4 * side * side);
  await program.run({ codes });
  const passes = 3;
  const naive = ((await busy(async () => { for (let i = 0; i < passes; i++) await program.run({ codes }); })) / passes) * side * side;
  expect(naive / cached).toBeGreaterThan(10);
  program.dispose();
  state.dispose();
  sampler.dispose();
  device.dispose();
});

test('a code is drawn by its share; the likeliest can be all there are', () => {
  const logits = [0, Math.log(2), Math.log(5), Math.log(2)];
  const drawn = (options: Partial<Parameters<typeof drawCode>[4]> = {}) => [0.05, 0.15, 0.35, 0.75, 0.95].map((u) => drawCode(logits, 0, 4, u, { temperature: 1, ...options }));
  expect(drawn()).toEqual([0, 1, 2, 2, 3]);
  expect(drawn({ topK: 1 })).toEqual([2, 2, 2, 2, 2]);
  expect(drawn({ topK: 2 })).toEqual([1, 1, 2, 2, 2]);
  expect(drawn({ topP: 0.5 })).toEqual([2, 2, 2, 2, 2]);
  expect(drawn({ topP: 0.6 })).toEqual([1, 1, 2, 2, 2]);
  expect(drawn({ temperature: 1e-3 })).toEqual([2, 2, 2, 2, 2]);
  expect(drawCode(logits, 1, 2, 0.999999, { temperature: 1 })).toBe(1);
});
